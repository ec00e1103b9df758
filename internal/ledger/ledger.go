// Package ledger counts what the log says and knows who sent what. It is a
// deterministic fold, state = apply(state, event), in log time: the same lines
// give the same figures whether they come live or from a month-old file. It
// knows no logger and no Prometheus, and a clock only to say how far windows have
// gone on while the log was silent.
package ledger

import (
	"sync"
	"time"

	"postfix_exporter/parser"
)

// Ledger folds events into its State. Its methods may be called from several
// goroutines.
type Ledger struct {
	site       Site
	domains    map[string]bool // of site
	classifier *parser.Classifier
	clock      func() time.Time

	mu      sync.RWMutex
	state   State
	batch   *batch // FoldBatch's, used again and again
	batches uint64

	holdFacts bool // folded facts wait for ShowFacts
}

// New makes an empty ledger. It fails where a limit is out of its range or the
// table of failure reasons can't be read.
func New(c Config) (*Ledger, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	if c.Classifier == nil {
		var err error
		if c.Classifier, err = parser.NewClassifier(parser.Tables{}); err != nil {
			return nil, err
		}
	}
	return &Ledger{classifier: c.Classifier, clock: c.Clock, state: newState(c), batch: new(batch)}, nil
}

// Apply folds one event. It keeps no byte of it.
func (l *Ledger) Apply(ev *parser.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apply(ev)
}

// Read hands the state to f under the lock. f must be quick, must not keep or
// change the state, and must not call the ledger. Several may read at once.
func (l *Ledger) Read(f func(*State)) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	f(&l.state)
}

// ReadNow is Read with the time of reading, in nanoseconds since the epoch, for
// all that counts in windows: the log's own time, or the clock's where that is
// later, so that windows age while the log is silent.
func (l *Ledger) ReadNow(f func(s *State, now int64)) {
	l.Read(func(s *State) {
		now := s.Now
		if l.clock != nil {
			now = max(now, l.clock().UnixNano())
		}
		f(s, now)
	})
}
