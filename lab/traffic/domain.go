package traffic

import (
	"fmt"
	"time"
)

// domain is where mail goes: one of ours, or another server's.
type domain struct {
	name string
	kind domainKind
	host string // "mx.name[address]"
	pace time.Duration

	greylists float64 // share of senders that it doesn't know yet
	strict    float64 // how surely it sees that something is spam
	nowhere   bool    // has no DNS entry
	dead      string  // why its server can't be reached: the error's text
	trouble   []trouble

	suspended at // the queue manager gives it no mail until then
	lastSent  at
	connUse   int
}

type domainKind uint8

const (
	remote  domainKind = iota
	hosted             // virtual(8) delivers to maildirs
	system             // local(8)
	relayed            // a domain we relay for
)

// trouble is a time in which a server is down, or up and busy.
type trouble struct {
	from, to at
	busy     bool
}

// server gives the n-th mail server of the world its name and address.
func server(name string, n int) string {
	return fmt.Sprintf("mx%d.%s[198.%d.%d.%d]", n%3+1, name, 18+n/60000%2, n/200%250, n%200+1)
}

func newDomain(d dice, name string, n int) *domain {
	r := &domain{name: name, host: server(name, n), pace: d.span(80*time.Millisecond, 1800*time.Millisecond), strict: 0.15 + 0.6*d.Float64()}
	if d.chance(0.15) {
		r.greylists = 0.7
	}
	return r
}

// outage says whether the server is down or busy, and why.
func (d *domain) outage(now at) (down, busy bool) {
	for _, t := range d.trouble {
		if t.from <= now && now < t.to {
			return !t.busy, t.busy
		}
	}
	return d.dead != "", false
}

func (d *domain) whyDown() string {
	if d.dead != "" {
		return d.dead
	}
	return "Connection timed out"
}
