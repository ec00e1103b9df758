// Package spool reads Postfix's queue: what showq(8) tells of it and what the
// queue directories show.
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

// QueueFigures are the figures of one queue.
type QueueFigures struct {
	Messages   int
	Bytes      int64
	Oldest     int64        // arrival of the oldest message, in seconds since the epoch; 0 for an empty queue
	Older      [NumAges]int // messages older than each age
	NullSender int          // messages with the null sender: bounces and their kin
}

// Snapshot is what one walk of showq(8) through the queue gave. Postfix goes on
// while showq walks: a message that moves meanwhile may be missed, but none is
// counted twice. Messages still being received and the corrupt queue are not in it.
type Snapshot struct {
	Taken  time.Time // when the walk began
	Queues [parser.NumQueues]QueueFigures
	// DeferredRecipients counts the recipients whose last attempt failed for
	// now, by the reason that Postfix keeps.
	DeferredRecipients [parser.NumFailureReasons]int
}

func (s *Snapshot) add(m *parser.ShowqMessage) {
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
		q.NullSender++
	}
}

// Messages sums the messages of all queues.
func (s *Snapshot) Messages() (n int) {
	for i := range s.Queues {
		n += s.Queues[i].Messages
	}
	return n
}
