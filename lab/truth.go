package lab

import (
	"maps"
	"slices"
	"sync"
)

// Sent is how much was accepted from one sender.
type Sent struct {
	Messages, Recipients int
	Deferred, Bounced    int // of the recipients, at the first attempt; the others got it
}

// Refused counts commands that Postfix refused, by what was wrong.
type Refused struct {
	Relay, Recipient, Sender, Content int
}

// Truth is what the lab's people really sent. It is counted where they stand,
// so that it can be compared with what is measured from the server's log.
type Truth struct {
	mu     sync.Mutex
	counts Counts
}

// Counts are the numbers of a Truth.
type Counts struct {
	Accounts     map[string]Sent // by sasl_username; no recipient is an alias
	LocalUsers   map[int]Sent    // by uid, through sendmail(1)
	Network      Sent            // from mynetworks
	Inbound      Sent            // from strangers; some recipients are aliases
	Bounces      int             // messages that some recipient's server refused for good
	Forwards     int             // messages to an alias that local(8) sends on
	FailedLogins int
	Refused      Refused
	Failures     []error // what should have worked and didn't, the first few
}

const keptFailures = 20

func newTruth() *Truth {
	return &Truth{counts: Counts{Accounts: map[string]Sent{}, LocalUsers: map[int]Sent{}}}
}

// Counts are the numbers as they stand now.
func (t *Truth) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts
	c.Accounts = maps.Clone(c.Accounts)
	c.LocalUsers = maps.Clone(c.LocalUsers)
	c.Failures = append([]error(nil), c.Failures...)
	return c
}

func (t *Truth) change(f func(*Counts)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.counts)
}

func (t *Truth) account(name string, to []string) {
	t.change(func(c *Counts) { c.Accounts[name] = c.taken(c.Accounts[name], to) })
}

func (t *Truth) localUser(uid int, to []string) {
	t.change(func(c *Counts) { c.LocalUsers[uid] = c.taken(c.LocalUsers[uid], to) })
}

func (t *Truth) network(to []string) {
	t.change(func(c *Counts) { c.Network = c.taken(c.Network, to) })
}

func (t *Truth) inbound(to []string) {
	t.change(func(c *Counts) { c.Inbound = c.taken(c.Inbound, to) })
}

func (t *Truth) failedLogin() { t.change(func(c *Counts) { c.FailedLogins++ }) }

func (t *Truth) refused(which func(*Refused) *int) {
	t.change(func(c *Counts) { *which(&c.Refused)++ })
}

func (t *Truth) failure(err error) {
	t.change(func(c *Counts) {
		if len(c.Failures) < keptFailures {
			c.Failures = append(c.Failures, err)
		}
	})
}

// taken adds a message that was taken to what its sender sent, and what becomes
// of it.
func (c *Counts) taken(s Sent, to []string) Sent {
	s.Messages++
	s.Recipients += len(to)
	bounced := 0
	for _, recipient := range to {
		switch fateOf(recipient) {
		case fateDeferred:
			s.Deferred++
		case fateBounced:
			bounced++
		}
	}
	s.Bounced += bounced
	if bounced > 0 {
		c.Bounces++
	}
	if slices.Contains(to, forwarded) {
		c.Forwards++
	}
	return s
}
