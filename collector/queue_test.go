package collector

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/spool"
	"postfix_exporter/parser"
)

// queueDirectory makes the directories of all queues, and a showq that gives a
// stream of testdata; with no stream, none listens.
func queueDirectory(t *testing.T, stream string) (directory string) {
	t.Helper()
	directory = t.TempDir()
	for _, name := range []string{
		"public", "maildrop", "incoming", "active/4", "deferred/7", "hold", "corrupt",
	} {
		if err := os.MkdirAll(filepath.Join(directory, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"active/4/4F978A2E954", "deferred/7/762B4A2E872", "deferred/7/7C3D1A2E872", "corrupt/A1B2C3D4E5F"} {
		if err := os.WriteFile(filepath.Join(directory, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
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

// queueCase is the queue collector under a name of its own for its golden file,
// and keeps the error of Update.
type queueCase struct {
	*Queue
	name string
	err  error
}

func (c *queueCase) Name() string { return "queue_" + c.name }

func (c *queueCase) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	c.err = c.Queue.Update(ctx, ch)
	return nil
}

func TestQueue(t *testing.T) {
	classifier, err := parser.NewClassifier(parser.Tables{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, stream, err string }{
		{"mixed", "3.4.bin", ""},
		{"empty", "3.6-empty.bin", ""},
		{"down", "", "Postfix is down"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			queue := spool.NewQueue(queueDirectory(t, tt.stream), classifier, func() time.Time { return time.Unix(1795468000, 0) })
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { queue.Run(ctx) })
			defer running.Wait()
			defer cancel()

			c := &queueCase{Queue: NewQueue(queue), name: tt.name}
			compareGolden(t, c)
			if (c.err == nil) != (tt.err == "") || (c.err != nil && !strings.Contains(c.err.Error(), tt.err)) {
				t.Errorf("error %v, want %q", c.err, tt.err)
			}
		})
	}
}
