package ledger

import (
	"fmt"
	"hash/fnv"

	"postfix_exporter/parser"
)

// snapshotVersion changes with what any walk visits, or with what it means.
const snapshotVersion = 10

// Snapshot appends the whole state to dst and returns the longer slice: all
// that the lines folded so far have left, with the position of each source that
// they came from. Restore makes the ledger again, in this version of the
// exporter or one that knows the same. It is the caller's task to see that the
// bytes come back unharmed.
//
// Scrapes go on meanwhile; the log waits: about 0.1 s for a million messages.
func (l *Ledger) Snapshot(dst []byte) []byte {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c := codec{buf: dst}
	version, shape := uint64(snapshotVersion), shape()
	c.uint64(&version)
	c.uint64(&shape)
	l.state.walk(&c)
	return c.buf
}

// Restore makes a ledger from a Snapshot. The configuration is the present
// one's: tables that are larger than its limits lose their least useful entries.
// It fails where data is damaged or another version's; it never panics.
func Restore(config Config, data []byte) (*Ledger, error) {
	l, err := New(config)
	if err != nil {
		return nil, err
	}
	c := codec{buf: data, reading: true}
	var version, its uint64
	c.uint64(&version)
	c.uint64(&its)
	if c.err == nil && (version != snapshotVersion || its != shape()) {
		return nil, fmt.Errorf("the snapshot is another version's: %d.%x, not %d.%x", version, its, snapshotVersion, shape())
	}
	l.state.walk(&c)
	if c.err == nil && len(c.buf) > 0 {
		c.fail("%d bytes too many", len(c.buf))
	}
	if c.err != nil {
		return nil, fmt.Errorf("the snapshot is damaged: %w", c.err)
	}
	return l, nil
}

// shape sums up the closed lists by which the tables of a state are indexed: a
// version that has a word more must not take a row for another one's.
func shape() uint64 {
	hash := fnv.New64a()
	list := func(n int, word func(int) string) {
		for i := range n {
			_, _ = hash.Write([]byte(word(i) + "\n")) // never fails
		}
		_, _ = hash.Write([]byte{'\n'})
	}
	list(parser.NumOutcomes, func(i int) string { return parser.Outcome(i).String() })
	list(parser.NumLosses, func(i int) string { return parser.Loss(i).String() })
	list(parser.NumDaemons, func(i int) string { return parser.Daemon(i).String() })
	list(parser.NumStages, func(i int) string { return parser.Stage(i).String() })
	list(parser.NumVerbs, func(i int) string { return parser.Verb(i).String() })
	list(parser.NumLostKinds, func(i int) string { return parser.LostKind(i).String() })
	list(parser.NumActions, func(i int) string { return parser.Action(i).String() })
	list(parser.NumRejectReasons, func(i int) string { return parser.RejectReason(i).String() })
	list(parser.NumViolations, func(i int) string { return parser.Violation(i).String() })
	list(parser.NumLimits, func(i int) string { return parser.Limit(i).String() })
	list(parser.NumMechanisms, func(i int) string { return parser.Mechanism(i).String() })
	list(parser.NumSASLReasons, func(i int) string { return parser.SASLReason(i).String() })
	list(parser.NumStatuses, func(i int) string { return parser.Status(i).String() })
	list(parser.NumFailureReasons, func(i int) string { return parser.FailureReason(i).String() })
	list(parser.NumProviders, func(i int) string { return parser.Provider(i).String() })
	list(parser.NumNotifications, func(i int) string { return parser.Notification(i).String() })
	list(parser.NumPostscreenEvents, func(i int) string { return parser.PostscreenEvent(i).String() })
	list(parser.NumAnvilStatistics, func(i int) string { return parser.AnvilStatistic(i).String() })
	list(parser.NumTLSDirections, func(i int) string { return parser.TLSDirection(i).String() })
	list(parser.NumTLSTrusts, func(i int) string { return parser.TLSTrust(i).String() })
	list(parser.NumTLSProtocols, func(i int) string { return parser.TLSProtocol(i).String() })
	list(parser.NumDovecotProtocols, func(i int) string { return parser.DovecotProtocol(i).String() })
	list(parser.NumDovecotReasons, func(i int) string { return parser.DovecotReason(i).String() })
	list(NumClientEvents, func(i int) string { return ClientEvent(i).String() })
	list(numOrigins, func(i int) string { return Origin(i).String() })
	return hash.Sum64()
}
