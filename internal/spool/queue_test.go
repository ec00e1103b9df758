package spool

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"postfix_exporter/parser"
)

// newTestQueue watches a queue with a look of the test's own.
func newTestQueue(t testing.TB, scan func(context.Context, time.Time) (Snapshot, error)) *Queue {
	t.Helper()
	q := NewQueue(Config{QueueDirectory: t.TempDir(), Site: func(context.Context) Site { return Site{} }, Now: time.Now})
	q.scan = func(ctx context.Context, _ Site) (Snapshot, error) { return scan(ctx, time.Now()) }
	q.showq = func(context.Context, time.Time) (Snapshot, error) { panic("showq is asked") }
	return q
}

// throughShowq makes a queue ask its showq, whose answer is the test's own.
func throughShowq(q *Queue, showq func(context.Context, time.Time) (Snapshot, error)) {
	q.scan = func(context.Context, Site) (Snapshot, error) {
		return Snapshot{Outside: Outside{Space: Space{Known: true}}}, errUnlisted
	}
	q.showq = showq
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

func knownSnapshot(now time.Time) Snapshot {
	s := Snapshot{Taken: now}
	for q := range s.Known {
		s.Known[q] = true
	}
	return s
}

func TestQueuePace(t *testing.T) {
	for _, tt := range []struct {
		took, pause time.Duration
		reading     bool
	}{
		{0, 2 * time.Second, false},
		{100 * time.Millisecond, 2 * time.Second, false},
		{2 * time.Second, 20 * time.Second, false},
		{20 * time.Second, 2 * time.Minute, false},
		{250 * time.Millisecond, time.Second, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var begins []time.Time
			q := newTestQueue(t, func(_ context.Context, now time.Time) (Snapshot, error) {
				begins = append(begins, now)
				time.Sleep(tt.took)
				s := knownSnapshot(now)
				s.Reading = tt.reading
				return s, nil
			})
			stop := run(t.Context(), q)
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			stop()
			for i := 1; i < len(begins); i++ {
				if got := begins[i].Sub(begins[i-1]); got != tt.took+tt.pause {
					t.Fatalf("looks of %v: the next began after %v, want %v", tt.took, got, tt.took+tt.pause)
				}
			}
			if len(begins) < 3 {
				t.Errorf("%d looks", len(begins))
			}
			time.Sleep(time.Minute) // one may still be under way
		})
	}
}

func TestShowqPace(t *testing.T) {
	for took, want := range map[time.Duration]time.Duration{
		0:                      5 * time.Second,
		100 * time.Millisecond: 5 * time.Second,
		2 * time.Second:        20 * time.Second,
		time.Hour:              2 * time.Minute, // ended by its own deadline
	} {
		synctest.Test(t, func(t *testing.T) {
			var begins []time.Time
			q := newTestQueue(t, nil)
			throughShowq(q, func(ctx context.Context, now time.Time) (Snapshot, error) {
				begins = append(begins, now)
				select {
				case <-time.After(took):
					return knownSnapshot(now), nil
				case <-ctx.Done():
					return Snapshot{}, ctx.Err()
				}
			})
			stop := run(t.Context(), q)
			time.Sleep(10 * time.Minute)
			stop()
			synctest.Wait()
			scan := min(took, showqTimeout)
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
		q := newTestQueue(t, nil)
		throughShowq(q, func(_ context.Context, now time.Time) (Snapshot, error) {
			time.Sleep(time.Second)
			if down.Load() {
				return Snapshot{}, broken
			}
			s := knownSnapshot(now)
			s.Queues[parser.QueueDeferred].Messages = 7
			return s, nil
		})
		stop := run(t.Context(), q)

		// The first scrape waits for figures.
		begin := time.Now()
		f, err := q.Figures(t.Context())
		if err != nil || !f.Complete || f.Snapshot.Queues[parser.QueueDeferred].Messages != 7 || !f.Outside.Space.Known || time.Since(begin) != time.Second {
			t.Errorf("after %v: %+v, %v", time.Since(begin), f, err)
		}
		taken := f.Snapshot.Taken

		// When showq fails, the last whole snapshot stands.
		down.Store(true)
		time.Sleep(30 * time.Second)
		f, err = q.Figures(t.Context())
		if !errors.Is(err, broken) || f.Complete || f.Snapshot.Taken.Before(taken) || f.Snapshot.Queues[parser.QueueDeferred].Messages != 7 {
			t.Errorf("%+v, %v", f, err)
		}
		taken = f.Snapshot.Taken
		// And when it is well again, all is well.
		down.Store(false)
		time.Sleep(30 * time.Second)
		f, err = q.Figures(t.Context())
		if err != nil || !f.Complete || !f.Snapshot.Taken.After(taken) {
			t.Errorf("%+v, %v", f, err)
		}
		stop()
		time.Sleep(time.Minute)
	})
}

// showq(8) is left alone while the queue is too large for it, and where the
// directories may be listed.
func TestShowqIsSpared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		expected, asked := maxShowqMessages+1, 0
		q := newTestQueue(t, nil)
		q.config.Expected = func() int { return expected }
		throughShowq(q, func(_ context.Context, now time.Time) (Snapshot, error) {
			asked++
			return knownSnapshot(now), nil
		})
		q.look(t.Context())
		close(q.first)
		if f, err := q.Figures(t.Context()); asked != 0 || !f.ShowqSkipped || f.Complete || !errors.Is(err, errTooMany) || !f.Outside.Space.Known {
			t.Errorf("asked %d times: %+v, %v", asked, f, err)
		}
		expected = maxShowqMessages
		q.look(t.Context())
		if f, err := q.Figures(t.Context()); asked != 1 || f.ShowqSkipped || !f.Complete || err != nil {
			t.Errorf("asked %d times: %+v, %v", asked, f, err)
		}
		q.scan = func(context.Context, Site) (Snapshot, error) { return knownSnapshot(time.Now()), nil }
		q.look(t.Context())
		if f, err := q.Figures(t.Context()); asked != 1 || !f.Complete || err != nil {
			t.Errorf("asked %d times: %+v, %v", asked, f, err)
		}
		// Where only the access times stand against listing, it is said.
		q.scan = func(context.Context, Site) (Snapshot, error) { return Snapshot{}, both(errUnlisted, errAccessTime) }
		q.look(t.Context())
		if f, err := q.Figures(t.Context()); asked != 2 || f.Complete || !errors.Is(err, errAccessTime) || f.Snapshot.Taken.IsZero() {
			t.Errorf("asked %d times: %+v, %v", asked, f, err)
		}
	})
}

// A file system that hangs from the start, or later, must hold up no scrape
// beyond its deadline, nor the exporter's end, and however many come there is
// one look at it.
func TestQueueHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int32
		hang := make(chan struct{})
		q := newTestQueue(t, func(context.Context, time.Time) (Snapshot, error) {
			most.Store(max(most.Load(), running.Add(1)))
			<-hang // the kernel minds no context
			running.Add(-1)
			return knownSnapshot(time.Now()), nil
		})
		stop := run(t.Context(), q)
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			begin := time.Now()
			f, err := q.Figures(ctx)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errHung) || time.Since(begin) != 3*time.Second || f.Complete {
				t.Errorf("after %v: %+v, %v", time.Since(begin), f, err)
			}
		}
		hang <- struct{}{}
		f, err := q.Figures(t.Context())
		if err != nil || !f.Complete {
			t.Errorf("once it answers: %+v, %v", f, err)
		}
		time.Sleep(5 * time.Minute) // the next look hangs
		begin := time.Now()
		g, err := q.Figures(t.Context())
		if !errors.Is(err, errHung) || time.Since(begin) != 0 || g.Complete || !g.Snapshot.Taken.Equal(f.Snapshot.Taken) {
			t.Errorf("a scrape waited %v: %+v, %v", time.Since(begin), g, err)
		}
		stop()
		if most.Load() != 1 || running.Load() != 1 {
			t.Errorf("%d looks at once, %d left", most.Load(), running.Load())
		}
		close(hang)
	})
}

// Whoever waits for the first look is let go when the exporter stops.
func TestQueueStopsBeforeTheFirstLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		q := newTestQueue(t, func(context.Context, time.Time) (Snapshot, error) {
			<-hang
			return Snapshot{}, nil
		})
		stop := run(t.Context(), q)
		scrape := make(chan error, 1)
		go func() {
			_, err := q.Figures(t.Context())
			scrape <- err
		}()
		synctest.Wait()
		stop()
		if err := <-scrape; !errors.Is(err, errNoLook) {
			t.Error(err)
		}
		close(hang)
	})
}
