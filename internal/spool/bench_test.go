package spool

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

var benchMessages = flag.Int("messages", 20_000, "how many messages BenchmarkScan queues")

// BenchmarkScan makes a queue of deferred messages on disk, each with its defer
// log, and measures in turn, in CPU time: a bare walk that lists all names and
// does nothing with them, a look after 1 % of the messages were replaced, and a
// look when nothing has changed. It reports medians, the first looks, and the
// memory a message takes.
//
//	go test ./internal/spool -run '^$' -bench Scan -benchtime 15x -messages 100000
func BenchmarkScan(b *testing.B) {
	q := newTestQueueDir(b)
	n := *benchMessages
	for i := range n {
		benchMessage(b, q.dir, i)
	}
	clock := func() time.Time { return time.Now().Add(time.Hour) } // all time stamps have settled
	before := heap()
	s := NewScan(q.dir, newTestClassifier(b), clock)
	first, looks := readAll(b, s)
	memory := float64(heap()-before-bounded) / float64(n)

	var bare, steady, idle []float64
	next, unread := n, 0
	for b.Loop() {
		bare = append(bare, cpu(b, func() { bareWalk(b, q.dir) }))
		for i := next - n; i < next-n+n/100; i++ { // the oldest go
			name := benchName(i)
			_ = os.Remove(filepath.Join(q.dir, "deferred", name[:1], name))
			_ = os.Remove(filepath.Join(q.dir, "defer", name[:1], name))
		}
		for range n / 100 {
			benchMessage(b, q.dir, next)
			next++
		}
		var got Snapshot
		steady = append(steady, cpu(b, func() { got = look(b, s) }))
		if got.Queues[parser.QueueDeferred].Messages != n || got.Accounts.Largest[0].Messages < n/200 {
			b.Fatalf("%d messages, accounts %v", got.Queues[parser.QueueDeferred].Messages, got.Accounts)
		}
		unread = max(unread, got.Unread) // where the budget was too short
		readAll(b, s)
		idle = append(idle, cpu(b, func() { look(b, s) }))
	}
	b.ReportMetric(memory, "B/message")
	b.ReportMetric(float64(unread), "unread")
	b.ReportMetric(float64(looks), "first-looks")
	b.ReportMetric(first.Seconds()/float64(n)*1e6, "first-us/message")
	b.ReportMetric(median(bare)*1e3, "walk-ms")
	b.ReportMetric(median(steady)*1e3, "1%-ms")
	b.ReportMetric(median(steady)/median(bare), "1%/walk")
	b.ReportMetric(median(idle)*1e3, "idle-ms")
}

// bounded is what a scan takes that does not grow with the queue: buffers, the
// cells of the domains, two timelines.
const bounded = 2 << 20

// readAll looks until all files are read.
func readAll(b *testing.B, s *Scan) (took time.Duration, looks int) {
	b.Helper()
	begin := time.Now()
	for {
		looks++
		if got := look(b, s); got.Complete() {
			return time.Since(begin), looks
		}
	}
}

func benchName(i int) string { return fmt.Sprintf("%05X%06X", i*7919%1_000_000, 0xA00000+i) }

// benchMessage queues the i-th message of 100 accounts, to be tried in hours.
func benchMessage(b *testing.B, dir string, i int) {
	name := benchName(i)
	m := mail{
		account: fmt.Sprintf("user%d@example.org", i%100), client: "192.0.2.1", sender: "x@example.org", size: 4000,
		arrival: time.Now().Add(-time.Duration(i%400_000) * time.Second), to: []string{fmt.Sprintf("a@d%d.test", i%5000)},
	}
	for file, text := range map[string]string{"deferred": m.file(), "defer": deferLog(refused)} {
		file = filepath.Join(dir, file, name[:1], name)
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
				b.Fatal(err)
			}
		}
	}
	later := time.Now().Add(4 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "deferred", name[:1], name), later, later); err != nil {
		b.Fatal(err)
	}
}

// bareWalk lists all names of the queue.
func bareWalk(b *testing.B, dir string) {
	b.Helper()
	buf := make([]byte, namesBuffer)
	for q := range parser.Queue(parser.NumQueues) {
		bareList(b, buf, filepath.Join(dir, q.String()))
	}
}

func bareList(b *testing.B, buf []byte, dir string) {
	b.Helper()
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	var children []string
	if err := listNames(fd, buf, func(name []byte, kind byte) {
		if kind == unix.DT_DIR && len(name) == 1 && name[0] != '.' {
			children = append(children, filepath.Join(dir, string(name)))
		}
	}); err != nil {
		b.Fatal(err)
	}
	for _, child := range children {
		bareList(b, buf, child)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// cpu gives the CPU seconds that f takes.
func cpu(b *testing.B, f func()) float64 {
	b.Helper()
	use := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return u.Utime.Nano() + u.Stime.Nano()
	}
	runtime.GC() // what lies about from before is not f's
	begin := use()
	f()
	return float64(use()-begin) / 1e9
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// BenchmarkScrapes is what eight scrapes at the same time cost, against one.
func BenchmarkScrapes(b *testing.B) {
	q := NewQueue(Config{Now: time.Now, QueueDirectory: b.TempDir()})
	close(q.first)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = q.Figures(context.Background())
		}
	})
}
