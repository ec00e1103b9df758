package traffic

import "time"

// message is one queue file.
type message struct {
	owner *owner
	from  recipient // an empty address is the null sender
	to    []recipient
	size  int
	spam  float64 // how much of a spam it is to those who look: 0 none, 1 certainly

	id    string
	inode uint64
	born  at
	count int // recipients, as the queue manager logs them at each turn
	turns int // of the queue manager
}

// recipient is an address and what is known of it.
type recipient struct {
	address string
	alias   string // the address it was sent to, where an alias led here
	domain  *domain
	fate    fate
	onward  *recipient // where local(8) sends it on to
}

type fate uint8

const (
	fateFine    fate = iota
	fateUnknown      // no such user there
	fateFull         // mailbox full
)

// Postfix's defaults.
const (
	minimalBackoff = 300 * time.Second
	maximalBackoff = 4000 * time.Second
	queueLifetime  = 5 * 24 * time.Hour
	queueRunDelay  = 300 * time.Second
)

// backoff is how long a message waits for its next turn: as long as it is old,
// within bounds, and then for the next run of the queue.
func (m *mx) backoff(msg *message, now at) time.Duration {
	return min(max(now-msg.born, minimalBackoff), maximalBackoff) + m.span(0, queueRunDelay)
}
