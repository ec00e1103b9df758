package collector

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/spool"
	"postfix_exporter/parser"
)

// serveShowq makes a queue directory in which only showq(8) is to be found, and
// answers with a stream of testdata; without one nobody listens.
func serveShowq(t *testing.T, stream string) (directory string) {
	t.Helper()
	directory = t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, "public"), 0o700); err != nil {
		t.Fatal(err)
	}
	if stream == "" {
		return directory
	}
	answer, err := os.ReadFile(filepath.Join("../testdata/showq", stream))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(directory, "public", "showq"))
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write(answer)
			conn.Close()
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return directory
}

// queueFiles makes a queue of the queue files in testdata.
func queueFiles(t *testing.T) (directory string) {
	t.Helper()
	directory = t.TempDir()
	copies := map[string]string{
		"active/4jY6lm6md8z1YSmT": "sasl-3.12",
		"deferred/7/762B4A2E872":  "sasl", "deferred/7/762B4A2E873": "bounce", "deferred/8/862B4A2E872": "local", "deferred/8/862B4A2E873": "inbound",
		"hold/A1B2C3D4E5F": "sasl-requeued", "corrupt/C1B2C3D4E5F": "defer-3.12",
		"defer/7/762B4A2E873": "defer-3.12",
	}
	for _, queue := range []string{"maildrop", "incoming", "active", "deferred", "hold", "corrupt"} {
		if err := os.MkdirAll(filepath.Join(directory, queue), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, from := range copies {
		text, err := os.ReadFile(filepath.Join("../testdata/queue", from))
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Unix(1795467000, 0) // when deferred messages were due
	for name := range copies {
		if err := os.Chtimes(filepath.Join(directory, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(directory, "maildrop", "A1B2C3D4E60")); err != nil {
		t.Fatal(err)
	}
	return directory
}

// queueCase is the queue collector under a name of its own for its golden file;
// it keeps the error of Update, and leaves out what the machine decides.
type queueCase struct {
	*Queue
	name string
	err  error
}

func (c *queueCase) Name() string { return "queue_" + c.name }

func (c *queueCase) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	all := make(chan prometheus.Metric)
	go func() {
		c.err = c.Queue.Update(ctx, all)
		close(all)
	}()
	for m := range all {
		if text := m.Desc().String(); !strings.Contains(text, "filesystem_free") && !strings.Contains(text, "queue_moved") {
			ch <- m
		}
	}
	return nil
}

// runQueue watches a queue until the test ends.
func runQueue(t *testing.T, directory string) *spool.Queue {
	t.Helper()
	classifier, err := parser.NewClassifier(parser.Tables{})
	if err != nil {
		t.Fatal(err)
	}
	queue := spool.NewQueue(spool.Config{
		QueueDirectory: directory, Classifier: func() *parser.Classifier { return classifier },
		Site: func(context.Context) spool.Site { return spool.Site{MailOwner: 102} },
		Now:  func() time.Time { return time.Unix(1795700000, 0) },
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { queue.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return queue
}

func configured(context.Context) (*postconf.Instance, error) {
	return &postconf.Instance{SpaceNeeded: 15360000}, nil
}

func TestQueue(t *testing.T) {
	names := Names{Account: func(name string) string { return name }, User: func(uid string) string { return "user" + uid }}
	for _, tt := range []struct {
		name, directory, err string
		names                Names
	}{
		{"files", queueFiles(t), "", names},
		{"nameless", queueFiles(t), "", Names{}},
		{"showq", serveShowq(t, "3.4.bin"), "", names},
		{"showq_empty", serveShowq(t, "3.6-empty.bin"), "", names},
		{"down", serveShowq(t, ""), "Postfix is down", names},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &queueCase{Queue: NewQueue(runQueue(t, tt.directory), configured, tt.names), name: tt.name}
			compareGolden(t, c)
			if (c.err == nil) != (tt.err == "") || (c.err != nil && !strings.Contains(c.err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", c.err, tt.err)
			}
		})
	}
}

func TestQueueSpace(t *testing.T) {
	got := values(t, NewQueue(runQueue(t, queueFiles(t)), configured, Names{}))
	if got["postfix_queue_filesystem_free_bytes"] < 1e6 || got["postfix_queue_filesystem_needed_bytes"] != 15360000 {
		t.Errorf("%v bytes free, %v needed", got["postfix_queue_filesystem_free_bytes"], got["postfix_queue_filesystem_needed_bytes"])
	}
}

// All mail passes maildrop, incoming or active; of deferred it doesn't speak.
func TestQueueMoved(t *testing.T) {
	directory := queueFiles(t)
	for queue, at := range map[string]int64{"maildrop": 1000, "incoming": 1002, "active": 1001, "deferred": 2000} {
		if err := os.Chtimes(filepath.Join(directory, queue), time.Time{}, time.Unix(at, 5e8)); err != nil {
			t.Fatal(err)
		}
	}
	if got := values(t, NewQueue(runQueue(t, directory), configured, Names{}))["postfix_queue_moved_timestamp_seconds"]; got != 1002.5 {
		t.Errorf("moved at %v", got)
	}
	if got, ok := values(t, NewQueue(runQueue(t, serveShowq(t, "3.4.bin")), configured, Names{}))["postfix_queue_moved_timestamp_seconds"]; ok {
		t.Errorf("without these directories: moved at %v", got)
	}
}

// Both rooms must call an origin the same.
func TestOriginsAreTheLedgers(t *testing.T) {
	spools, ledgers := map[string]bool{}, map[string]bool{}
	for origin := range spool.Origin(spool.NumOrigins) {
		spools[origin.String()] = true
	}
	for _, origin := range ledger.Origins() {
		ledgers[origin.String()] = true
	}
	if fmt.Sprint(spools) != fmt.Sprint(ledgers) {
		t.Errorf("%v and %v", spools, ledgers)
	}
}
