package spool

import (
	"context"
	"fmt"
	"sync"
	"time"

	"postfix_exporter/parser"
)

// The pace of scans. showq(8) opens every file of the queue, so that a scan may
// cost Postfix a tenth of one core at most; beyond maxPause figures would be too
// old to be of use, and a queue that large has other troubles.
const (
	scanTimeout = 30 * time.Second
	minPause    = 5 * time.Second
	maxPause    = 2 * time.Minute
	pauseFactor = 10 // pause after a scan, in durations of that scan
)

// Figures are what is known of the queue.
type Figures struct {
	Counts
	// Snapshot is the last whole one; its Taken is zero before the first.
	Snapshot Snapshot
	// Complete says that the last scan of showq(8) was whole, so that Snapshot
	// is no older than the pace of scans makes it.
	Complete bool
}

// Queue watches the queue of one Postfix instance. Directories are counted when
// asked, showq(8) is scanned by Run at its own pace: however many ask, there is
// one connection to showq at most, and a showq that hangs holds up nobody who
// has figures already.
type Queue struct {
	dirs *Dirs
	scan func(ctx context.Context, now time.Time) (Snapshot, error)
	now  func() time.Time

	first chan struct{} // closed once the first scan is over

	mu       sync.Mutex
	snapshot Snapshot
	err      error // of the last scan
}

// NewQueue makes a Queue of the Postfix instance with this queue_directory.
// It knows nothing from showq(8) until Run runs.
func NewQueue(queueDirectory string, classifier *parser.Classifier, now func() time.Time) *Queue {
	return &Queue{
		dirs:  NewDirs(queueDirectory),
		scan:  NewShowq(queueDirectory, classifier).Scan,
		now:   now,
		first: make(chan struct{}),
	}
}

// Run scans showq(8) again and again until ctx is done. It must run once only.
func (q *Queue) Run(ctx context.Context) {
	for first := true; ; first = false {
		begin := q.now()
		q.refresh(ctx, begin)
		if first {
			close(q.first)
		}
		pause := time.NewTimer(pauseAfter(q.now().Sub(begin)))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return
		}
	}
}

func pauseAfter(took time.Duration) time.Duration {
	return min(max(pauseFactor*took, minPause), maxPause)
}

func (q *Queue) refresh(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, scanTimeout)
	defer cancel()
	snapshot, err := q.scan(ctx, now)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.err = err
	if err == nil {
		q.snapshot = snapshot
	}
}

// Figures counts the directories and gives the last whole snapshot of showq(8),
// whose counts stand in for directories that can't be listed. Only before the
// first scan is over does it wait, until ctx is done. On an error, which says
// how to mend it, what is known stands.
func (q *Queue) Figures(ctx context.Context) (Figures, error) {
	var f Figures
	counts, countErr := q.dirs.Count(ctx)
	f.Counts = counts
	select {
	case <-q.first:
	case <-ctx.Done():
		return f, both(countErr, fmt.Errorf("the first scan of showq is not over yet: showq hangs, or disk or queue is slow: %w", context.Cause(ctx)))
	}
	q.mu.Lock()
	f.Snapshot, f.Complete = q.snapshot, q.err == nil
	scanErr := q.err
	q.mu.Unlock()
	if !f.Snapshot.Taken.IsZero() {
		for queue := range parser.QueueCorrupt { // the one that showq doesn't walk
			if !f.Known[queue] {
				f.Messages[queue], f.Known[queue] = f.Snapshot.Queues[queue].Messages, true
			}
		}
	}
	return f, both(countErr, scanErr)
}

// both joins two errors, of which either may be nil, in one line.
func both(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return fmt.Errorf("%w; %w", a, b)
}
