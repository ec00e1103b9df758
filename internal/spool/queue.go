package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"postfix_exporter/parser"
)

// The pace of looks at the queue: they may cost a tenth of one core at most, and
// showq(8) opens every file. Beyond maxPause figures would be too old to be of
// use, and a queue that large has other troubles. While there are files to read
// for the first time, which is waiting for the disk, the pace is quicker.
const (
	showqTimeout = 30 * time.Second
	hungAfter    = 30 * time.Second
	readingPause = time.Second
	minPause     = 2 * time.Second
	minShowq     = 5 * time.Second
	maxPause     = 2 * time.Minute
	pauseFactor  = 10 // pause after a look, in durations of that look

	// maxShowqMessages is how many messages showq(8) is asked to list: it takes
	// some seconds of a core for them.
	maxShowqMessages = 50_000
)

var (
	errHung   = errors.New("the look at the queue is not over yet: its file system does not answer, or showq hangs, or disk or queue is slow")
	errNoLook = errors.New("the exporter stops before its first look at the queue is over")
	// errTooMany: no snapshot, for the sake of the server.
	errTooMany = fmt.Errorf("over %d messages are queued, as the log tells, and showq would open them all: it is left alone; "+
		"mend: let the exporter read the queue's directories", maxShowqMessages)
)

// Config says which queue is meant and what is known of its instance.
type Config struct {
	QueueDirectory string
	Classifier     func() *parser.Classifier // asked at each look
	Site           func(context.Context) Site
	// Expected is about how many messages are queued, as another source tells;
	// nil where there is none. It decides whether showq(8) may be asked.
	Expected func() int
	Now      func() time.Time
}

// Figures are what is known of the queue.
type Figures struct {
	// Snapshot is the last one; its Taken is zero before the first.
	Snapshot Snapshot
	// Complete says that the last look at the queue saw all of it, so that
	// Snapshot is no older than the pace makes it.
	Complete bool
	Outside  Outside
	// ShowqSkipped says that showq(8) was not asked, for it would cost too much.
	ShowqSkipped bool
}

// Queue watches the queue of one Postfix instance. Run looks at it at its own
// pace: at its files, or, where these may not be read, at what showq(8) lists.
// However many ask for figures, that costs nothing more; and a file system or a
// showq that hangs holds up nobody who has figures already.
type Queue struct {
	config Config
	scan   func(context.Context, Site) (Snapshot, error)
	showq  func(context.Context, time.Time) (Snapshot, error)

	first chan struct{} // closed once the first look is over, or Run

	mu      sync.Mutex
	figures Figures
	err     error     // of the last look
	begun   time.Time // of the look under way; zero where there is none
}

// NewQueue makes a Queue; it knows nothing until Run runs.
func NewQueue(config Config) *Queue {
	if config.Classifier == nil {
		config.Classifier = func() *parser.Classifier { return nil }
	}
	scan := NewScan(config.QueueDirectory, config.Classifier(), config.Now)
	showq := NewShowq(config.QueueDirectory, config.Classifier())
	return &Queue{
		config: config,
		scan: func(ctx context.Context, site Site) (Snapshot, error) {
			scan.classifier = config.Classifier()
			return scan.Scan(ctx, site)
		},
		showq: func(ctx context.Context, now time.Time) (Snapshot, error) {
			showq.classifier = config.Classifier()
			return showq.Scan(ctx, now)
		},
		first: make(chan struct{}),
		err:   errNoLook,
	}
}

// Run looks at the queue again and again until ctx is done. It must run once
// only. A look that hangs in the kernel is left behind.
func (q *Queue) Run(ctx context.Context) {
	looked := sync.OnceFunc(func() { close(q.first) })
	defer looked() // a scrape that waits must not hold up the exporter's end
	for {
		done := make(chan time.Duration, 1)
		go func() { done <- q.look(ctx) }()
		var pause time.Duration
		select {
		case pause = <-done:
		case <-ctx.Done():
			return
		}
		looked()
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// look looks once and says how long to pause then.
func (q *Queue) look(ctx context.Context) time.Duration {
	begun := q.config.Now()
	q.mu.Lock()
	q.begun = begun
	q.mu.Unlock()
	snapshot, err := q.scan(ctx, q.config.Site(ctx))
	least, outside, skipped := minPause, snapshot.Outside, false
	if errors.Is(err, errUnlisted) {
		snapshot, skipped, err = q.ask(ctx, begun, err)
		least = minShowq
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.begun, q.err = time.Time{}, err
	q.figures.ShowqSkipped, q.figures.Outside = skipped, outside
	q.figures.Complete = err == nil && snapshot.Complete()
	if !snapshot.Taken.IsZero() {
		q.figures.Snapshot = snapshot
	}
	if snapshot.Reading {
		return readingPause
	}
	return min(max(pauseFactor*q.config.Now().Sub(begun), least), maxPause)
}

// ask asks showq(8), unless that would cost too much. why says why it must.
func (q *Queue) ask(ctx context.Context, begun time.Time, why error) (snapshot Snapshot, skipped bool, err error) {
	if q.config.Expected != nil && q.config.Expected() > maxShowqMessages {
		return Snapshot{}, true, errTooMany
	}
	ctx, cancel := context.WithTimeout(ctx, showqTimeout)
	defer cancel()
	snapshot, err = q.showq(ctx, begun)
	switch {
	case errors.Is(why, errAccessTime): // it could have been better, and can be mended
		err = both(err, errAccessTime)
	case err != nil && errors.Is(why, os.ErrNotExist):
		err = both(err, why)
	}
	return snapshot, false, err
}

// Figures gives the last look's figures. Only before the first one is over does
// it wait, until ctx is done or Run ends. On an error, which says how to mend it,
// what is known stands.
func (q *Queue) Figures(ctx context.Context) (Figures, error) {
	select {
	case <-q.first:
	case <-ctx.Done():
		return Figures{}, fmt.Errorf("%w: %w", errHung, context.Cause(ctx))
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	figures, err := q.figures, q.err
	if !q.begun.IsZero() && q.config.Now().Sub(q.begun) > hungAfter {
		figures.Complete, err = false, both(errHung, err)
	}
	return figures, err
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
