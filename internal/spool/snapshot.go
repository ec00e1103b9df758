// Package spool reads Postfix's queue: its directories and files where it may,
// else what showq(8) tells of it.
package spool

import (
	"time"

	"postfix_exporter/parser"
)

// Age is a class of messages older than a certain time.
type Age uint8

const (
	Age5m Age = iota
	Age1h
	Age6h
	Age1d
	Age5d

	NumAges = int(Age5d) + 1
)

func (a Age) String() string { return [...]string{"5m", "1h", "6h", "1d", "5d"}[a] }

func (a Age) duration() time.Duration {
	return [...]time.Duration{5 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 5 * 24 * time.Hour}[a]
}

// Lateness is a class of deferred messages whose next attempt is overdue by a
// certain time.
type Lateness uint8

const (
	Late0s Lateness = iota
	Late5m          // longer than queue_run_delay: the queue manager doesn't keep up
	Late1h

	NumLatenesses = int(Late1h) + 1
)

func (l Lateness) String() string { return [...]string{"0s", "5m", "1h"}[l] }

func (l Lateness) duration() time.Duration {
	return [...]time.Duration{0, 5 * time.Minute, time.Hour}[l]
}

const (
	// NumBusiest is how many destination domains are told.
	NumBusiest = 5
	numLargest = 20 // accounts and local users
)

// QueueFigures are the figures of one queue.
type QueueFigures struct {
	Messages int
	Bytes    int64
	Oldest   int64           // arrival of the oldest message, in seconds since the epoch; 0 for an empty queue
	Older    [NumAges]int    // messages older than each age
	Origins  [NumOrigins]int // messages by origin
	Foreign  int             // files in the queue's directories that are no messages
}

// Snapshot is what one look at the queue gave. Postfix goes on meanwhile: a
// message that moves may be missed, but none is counted twice.
type Snapshot struct {
	Taken  time.Time // when the look began
	Queues [parser.NumQueues]QueueFigures
	Known  [parser.NumQueues]bool // which of them could be listed
	// Unread is how many messages are counted, but not read yet: they are of
	// origin unknown, or have an old reason.
	Unread int
	// Reading says that the next look goes on reading.
	Reading bool
	// DeferredRecipients counts the recipients whose last attempt failed for
	// now, by the reason that Postfix keeps.
	DeferredRecipients [parser.NumFailureReasons]int

	Outside Outside

	// Listed says that it comes from the queue's files, and not from showq(8),
	// which tells nothing of what follows.
	Listed   bool
	Accounts Shares[string]     // by sasl_username
	Users    Shares[uint32]     // by uid
	Overdue  [NumLatenesses]int // deferred messages whose next attempt is overdue by so much
	Domains  int                // that messages wait for, by their first waiting recipient; an estimate
	Busiest  [NumBusiest]int    // messages that wait for the domains with most
	Faults   Faults
}

// addShowq takes in a message that showq(8) lists.
func (s *Snapshot) addShowq(m *parser.ShowqMessage) {
	q := &s.Queues[m.Queue]
	q.Messages++
	q.Bytes += m.Size
	if q.Oldest == 0 || m.Arrival < q.Oldest {
		q.Oldest = m.Arrival
	}
	age := time.Duration(s.Taken.Unix()-m.Arrival) * time.Second
	for a := range Age(NumAges) {
		if age > a.duration() {
			q.Older[a]++
		}
	}
	if len(m.Sender) == 0 {
		q.Origins[OriginBounce]++
	} else {
		q.Origins[OriginUnknown]++
	}
}

// Messages sums the messages of all queues.
func (s *Snapshot) Messages() (n int) {
	for i := range s.Queues {
		n += s.Queues[i].Messages
	}
	return n
}

// Complete says whether all queues are known and all messages are read.
func (s *Snapshot) Complete() bool {
	for _, known := range s.Known[:parser.QueueCorrupt] {
		if !known {
			return false
		}
	}
	return s.Unread == 0
}
