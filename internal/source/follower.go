package source

import (
	"bytes"
	"context"
	"math"
	"time"
)

// DefaultInterval is how often a source is looked at once everything is read.
// Polling needs no change notices, which NFS and some container mounts don't give.
const DefaultInterval = 250 * time.Millisecond

// A log at rest for so many looks is looked at less often: most of what a look
// costs is to wake up.
const (
	restLooks = 40
	restPause = 4 // times as long
)

// Facts count what befell a source, beside its lines.
type Facts struct {
	Truncated   uint64 // lines cut at the limit
	Rotations   uint64 // another file took the log's name
	Restarts    uint64 // of the program that the lines come from
	Forged      uint64 // lines that claim to be of a program that didn't write them
	Truncations uint64 // gaps: the file was truncated, and what was written last is nowhere
	Vanished    uint64 // gaps: the file that was being read is gone
	Unreadable  uint64 // gaps: a file is damaged, or compressed in a way that can't be read
	LostBytes   uint64 // known to have been in those gaps, as far as their files' sizes were seen
}

// Block is what a source hands on at once. It lives until the handler comes back.
type Block struct {
	// Lines are whole lines, each with its newline; none where there are only
	// Facts. They alias the source's buffer.
	Lines []byte
	// Facts are those since the block before.
	Facts Facts
	// Until is a log time in nanoseconds since the epoch. Another source has a
	// line of that time: those later than it must wait.
	Until int64

	input input
}

// AppendPosition appends the place behind the first n bytes of Lines, to be
// given to the source when the exporter starts again. It is opaque, and empty
// where the source has no places.
func (b *Block) AppendPosition(dst []byte, n int) []byte { return b.input.appendPosition(dst, n) }

// Handler takes in the lines of a block up to the first that is later than its
// Until. It says how many bytes it has taken, whole lines, and the time of the
// line that it left, which counts nothing where it has taken all.
type Handler func(b *Block) (n int, next int64)

// input is one source as the Follower reads it.
type input interface {
	// read looks for more lines, without waiting for any. There must be no block
	// left. Its error says what keeps it from reading, and how to mend that.
	read() error
	block() []byte
	take(n int)
	appendPosition(dst []byte, n int) []byte
	takeFacts() Facts
	// busy says that there is more of what was there at the start.
	busy() bool
	// pause is how long to wait when there was nothing to read.
	pause() time.Duration
	close()
}

// Follower reads sources in one goroutine. While several have lines to read, as
// after a restart, it hands them on in the order of their times.
type Follower struct {
	feeds    []*feed
	caughtUp chan struct{}
	isCaught bool
}

type feed struct {
	input
	handle  Handler
	report  func(error)
	problem string // what was reported last
	place   []byte // position at the last look that found no lines
	spare   []byte
	next    int64 // time of the block's first line
	known   bool  // next is
}

// NewFollower makes one without sources.
func NewFollower() *Follower { return &Follower{caughtUp: make(chan struct{})} }

// add gives the follower one more source, before Run.
func (f *Follower) add(in input, handle Handler, report func(error)) {
	if report == nil {
		report = func(error) {}
	}
	f.feeds = append(f.feeds, &feed{input: in, handle: handle, report: report})
}

// CaughtUp is closed once everything that was there at the start has been read,
// as far as it can be.
func (f *Follower) CaughtUp() <-chan struct{} { return f.caughtUp }

// Run reads, in the caller's goroutine, until ctx is done, and gives its cause.
// What is wrong with a source is reported and never ends Run. A Follower runs once.
func (f *Follower) Run(ctx context.Context) error {
	defer func() {
		for _, each := range f.feeds {
			each.close()
		}
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	resting := 0 // looks since there was a line
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		resting++
		if f.look(ctx) {
			resting = 0
		}
		pause := DefaultInterval
		for _, each := range f.feeds {
			pause = min(pause, each.pause())
		}
		if resting > restLooks {
			pause *= restPause
		}
		timer.Reset(pause)
	}
}

// look reads until no source has more, and says whether any had.
func (f *Follower) look(ctx context.Context) (found bool) {
	for ctx.Err() == nil {
		var pending []*feed
		for _, each := range f.feeds {
			if each.fill() {
				pending = append(pending, each)
			}
		}
		if !f.isCaught && !f.isBusy() {
			f.isCaught = true
			close(f.caughtUp)
		}
		if len(pending) == 0 {
			break
		}
		found = true
		merge(pending)
	}
	return found
}

func (f *Follower) isBusy() bool {
	for _, each := range f.feeds {
		if each.busy() {
			return true
		}
	}
	return false
}

// merge lets the source with the oldest line hand on its lines, up to the
// oldest of the others.
func merge(pending []*feed) {
	oldest, until := pending[0], int64(math.MaxInt64)
	if len(pending) > 1 {
		for _, each := range pending {
			if !each.known {
				each.hand(math.MinInt64) // lines without a time go, the first with one stays
			}
		}
		for _, each := range pending[1:] {
			if each.next < oldest.next {
				oldest = each
			}
		}
		for _, each := range pending {
			if each != oldest {
				until = min(until, each.next)
			}
		}
	}
	if len(oldest.block()) > 0 {
		oldest.hand(until)
	}
}

// fill looks for lines where there are none left.
func (f *feed) fill() bool {
	if len(f.block()) > 0 {
		return true
	}
	f.known = false
	err := f.read()
	if len(f.block()) > 0 {
		return true
	}
	f.tell(err)
	f.spare = f.appendPosition(f.spare[:0], 0)
	if facts := f.takeFacts(); facts != (Facts{}) || !bytes.Equal(f.spare, f.place) {
		f.handle(&Block{Facts: facts, Until: math.MaxInt64, input: f.input})
		f.place, f.spare = f.spare, f.place
	}
	return false
}

// hand hands on the lines that are not later than until.
func (f *feed) hand(until int64) {
	b := Block{Lines: f.block(), Facts: f.takeFacts(), Until: until, input: f.input}
	n, next := f.handle(&b)
	f.take(n)
	f.next, f.known = next, n < len(b.Lines)
	if !f.known { // the rest of the block, if any, is one cut line
		f.next = math.MinInt64
	}
}

// tell reports a change only, so that a lasting trouble is told once.
func (f *feed) tell(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != f.problem {
		f.problem = text
		f.report(err)
	}
}
