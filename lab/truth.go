package lab

import (
	"maps"
	"sync"
)

// Sent is how much was accepted from one sender.
type Sent struct {
	Messages, Recipients int
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
	FailedLogins int
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

func (t *Truth) account(name string, recipients int) {
	t.change(func(c *Counts) { c.Accounts[name] = c.Accounts[name].plus(recipients) })
}

func (t *Truth) localUser(uid, recipients int) {
	t.change(func(c *Counts) { c.LocalUsers[uid] = c.LocalUsers[uid].plus(recipients) })
}

func (t *Truth) network(recipients int) {
	t.change(func(c *Counts) { c.Network = c.Network.plus(recipients) })
}

func (t *Truth) inbound(recipients int) {
	t.change(func(c *Counts) { c.Inbound = c.Inbound.plus(recipients) })
}

func (t *Truth) failedLogin() { t.change(func(c *Counts) { c.FailedLogins++ }) }

func (t *Truth) failure(err error) {
	t.change(func(c *Counts) {
		if len(c.Failures) < keptFailures {
			c.Failures = append(c.Failures, err)
		}
	})
}

func (s Sent) plus(recipients int) Sent {
	return Sent{Messages: s.Messages + 1, Recipients: s.Recipients + recipients}
}
