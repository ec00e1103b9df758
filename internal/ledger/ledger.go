// Package ledger counts what the log says and knows who sent what. It is a
// deterministic fold, state = apply(state, event), in log time: the same lines
// give the same figures whether they come live or from a month-old file. It
// knows no wall clock, no logger and no Prometheus.
package ledger

import (
	"fmt"
	"net/netip"
	"sync"

	"postfix_exporter/parser"
)

// Config bounds the ledger and says whom the server trusts. The zero value of
// a limit stands for its default.
type Config struct {
	// MyNetworks are the client networks that may relay (Postfix's mynetworks).
	MyNetworks []netip.Prefix
	// AccountLimit is how many accounts have figures of their own (default
	// 1000); those that come later share the row Other.
	AccountLimit int
	// MessageLimit is how many queue ids are remembered (default 1,000,000, at
	// about 90 bytes each); when it is reached, the least useful is forgotten.
	MessageLimit int
	// Classifier tells why deliveries failed; nil stands for one of the built-in
	// tables alone.
	Classifier *parser.Classifier
}

const (
	defaultAccountLimit = 1000
	defaultMessageLimit = 1_000_000
	maxMessageLimit     = 1 << 30
)

// Ledger folds events into its State. Its methods may be called from several
// goroutines.
type Ledger struct {
	site       Site
	domains    map[string]bool // of site
	classifier *parser.Classifier

	mu      sync.RWMutex
	state   State
	event   parser.Event // Fold's, reused for every line
	batches uint64
}

// New makes an empty ledger. It fails where a limit is out of its range or the
// table of failure reasons can't be read.
func New(c Config) (*Ledger, error) {
	if c.AccountLimit == 0 {
		c.AccountLimit = defaultAccountLimit
	}
	if c.MessageLimit == 0 {
		c.MessageLimit = defaultMessageLimit
	}
	if c.AccountLimit < 0 {
		return nil, fmt.Errorf("account limit %d: must be above 0", c.AccountLimit)
	}
	if c.MessageLimit < 0 || c.MessageLimit > maxMessageLimit {
		return nil, fmt.Errorf("message limit %d: must be above 0 and at most %d", c.MessageLimit, maxMessageLimit)
	}
	if c.Classifier == nil {
		var err error
		if c.Classifier, err = parser.NewClassifier(parser.Tables{}); err != nil {
			return nil, err
		}
	}
	return &Ledger{site: Site{MyNetworks: c.MyNetworks}, classifier: c.Classifier, state: newState(c)}, nil
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
