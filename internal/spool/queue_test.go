package spool

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"postfix_exporter/parser"
)

// newTestQueue watches a queue of three messages with a scan of the test's own.
func newTestQueue(t testing.TB, scan func(context.Context, time.Time) (Snapshot, error)) *Queue {
	t.Helper()
	directory := t.TempDir()
	fillQueue(t, directory, 3)
	q := NewQueue(directory, nil, time.Now)
	q.scan = scan
	return q
}

// run runs the queue until stop is called.
func run(ctx context.Context, q *Queue) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

func TestQueuePace(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		0:                      5 * time.Second,
		100 * time.Millisecond: 5 * time.Second,
		2 * time.Second:        20 * time.Second,
		time.Hour:              2 * time.Minute, // ended by its own deadline
	} {
		synctest.Test(t, func(t *testing.T) {
			var begins []time.Time
			q := newTestQueue(t, func(ctx context.Context, now time.Time) (Snapshot, error) {
				begins = append(begins, now)
				select {
				case <-time.After(took):
					return Snapshot{Taken: now}, nil
				case <-ctx.Done():
					return Snapshot{}, ctx.Err()
				}
			})
			stop := run(t.Context(), q)
			time.Sleep(10 * time.Minute)
			stop()
			scan := min(took, scanTimeout)
			for i := 1; i < len(begins); i++ {
				if got := begins[i].Sub(begins[i-1]); got != scan+want {
					t.Fatalf("scans of %v: the next began after %v, want %v", took, got, scan+want)
				}
			}
			if len(begins) < 3 {
				t.Errorf("%d scans", len(begins))
			}
		})
	}
}

func TestQueueFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("showq: broken")
		var down atomic.Bool
		q := newTestQueue(t, func(_ context.Context, now time.Time) (Snapshot, error) {
			time.Sleep(time.Second)
			s := Snapshot{Taken: now}
			s.Queues[parser.QueueDeferred].Messages = 7
			if down.Load() {
				return Snapshot{}, broken
			}
			return s, nil
		})
		stop := run(t.Context(), q)
		defer stop()

		// The first scrape waits for figures.
		begin := time.Now()
		f, err := q.Figures(t.Context())
		if err != nil || !f.Complete || f.Snapshot.Queues[parser.QueueDeferred].Messages != 7 || time.Since(begin) != time.Second {
			t.Errorf("after %v: %+v, %v", time.Since(begin), f, err)
		}
		// What the directory says goes before what showq says.
		if f.Messages[parser.QueueDeferred] != 3 {
			t.Errorf("%d messages", f.Messages[parser.QueueDeferred])
		}
		taken := f.Snapshot.Taken

		// When showq fails, the last whole snapshot and the directories stand.
		down.Store(true)
		time.Sleep(30 * time.Second)
		f, err = q.Figures(t.Context())
		if !errors.Is(err, broken) || f.Complete || !f.Snapshot.Taken.Equal(taken) || f.Messages[parser.QueueDeferred] != 3 {
			t.Errorf("%+v, %v", f, err)
		}
		// And when it is well again, all is well.
		down.Store(false)
		time.Sleep(30 * time.Second)
		f, err = q.Figures(t.Context())
		if err != nil || !f.Complete || !f.Snapshot.Taken.After(taken) {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

// A showq that hangs from the start must hold up no scrape beyond its deadline,
// and however many come there is one scan.
func TestQueueHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, most := 0, 0
		q := newTestQueue(t, func(ctx context.Context, _ time.Time) (Snapshot, error) {
			running++
			most = max(most, running)
			<-ctx.Done()
			running--
			return Snapshot{}, ctx.Err()
		})
		stop := run(t.Context(), q)
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			begin := time.Now()
			f, err := q.Figures(ctx)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 3*time.Second || f.Messages[parser.QueueDeferred] != 3 {
				t.Errorf("after %v: %+v, %v", time.Since(begin), f, err)
			}
		}
		time.Sleep(scanTimeout)
		begin := time.Now()
		if _, err := q.Figures(t.Context()); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 0 {
			t.Errorf("once the first scan has failed a scrape waited %v: %v", time.Since(begin), err)
		}
		stop()
		if most != 1 || running != 0 {
			t.Errorf("%d scans at once, %d left", most, running)
		}
	})
}

func TestQueueWithoutDirectories(t *testing.T) {
	directory := serveShowq(t, func(conn net.Conn) { _, _ = conn.Write(readStream(t, "3.7.bin")) })
	q := NewQueue(directory, newTestShowq(t, directory).classifier, func() time.Time { return testNow })
	defer run(t.Context(), q)()
	f, err := q.Figures(t.Context())
	if f.Messages[parser.QueueDeferred] != 3 || f.Known[parser.QueueCorrupt] || !f.Known[parser.QueueHold] {
		t.Errorf("%+v", f.Counts)
	}
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("want one line that says that directories are missing: %v", err)
	}
}

func BenchmarkFigures1000(b *testing.B) {
	stream := readStream(b, "3.7.bin")
	directory := serveShowq(b, func(conn net.Conn) { _, _ = conn.Write(stream) })
	fillQueue(b, directory, 1000)
	q := NewQueue(directory, newTestShowq(b, directory).classifier, time.Now)
	defer run(b.Context(), q)()
	b.ReportAllocs()
	for b.Loop() {
		if f, err := q.Figures(b.Context()); err != nil || f.Messages[parser.QueueDeferred] != 1000 {
			b.Fatal(f, err)
		}
	}
}
