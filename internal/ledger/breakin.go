package ledger

import (
	"net/netip"
	"slices"
)

// BreakIn is a login that succeeded after the same network had failed: a guess
// that came true, or a user who mistyped a password on a new connection.
type BreakIn struct {
	Account  string
	Client   netip.Prefix // network new to the account
	Failures uint32       // its failed logins in the hour before
	Time     int64        // of its first accepted message, nanoseconds since the epoch
}

// maxBreakIns bounds the list of those that nobody has taken yet.
const maxBreakIns = 100

// breakIns are those that nobody has taken yet.
type breakIns struct {
	list []breakIn
	more uint64 // for which there was no room
}

type breakIn struct {
	account  string
	from     network
	failures uint32
	time     int64
}

func (b *breakIns) add(one breakIn) {
	if len(b.list) >= maxBreakIns {
		b.more++
		return
	}
	b.list = append(b.list, one)
}

// TakeBreakIns hands over the break-ins since the last call, at most
// maxBreakIns, and says how many more there were.
func (l *Ledger) TakeBreakIns() (list []BreakIn, more uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &l.state.breakIns
	for _, one := range b.list {
		list = append(list, BreakIn{Account: one.account, Client: one.from.prefix(), Failures: one.failures, Time: one.time})
	}
	more = b.more
	*b = breakIns{}
	return list, more
}

func (b *breakIns) walk(c *codec) {
	items(c, &b.list, func(one *breakIn) {
		c.string(&one.account)
		number(c, &one.from)
		number(c, &one.failures)
		c.int64(&one.time)
	})
	c.uint64(&b.more)
}

// maxPriors bounds priors: within a day only so many break-ins, each with fewer
// failures than the one before, matter to some window.
const maxPriors = 16

// priors gives the most failures before a break-in for every window. It keeps
// only break-ins after which none with as many came.
type priors struct{ list []prior }

type prior struct {
	when     tick
	failures uint32
}

func (p *priors) add(now tick, failures uint32) {
	p.list = slices.DeleteFunc(p.list, func(old prior) bool {
		return old.failures <= failures || !Window24h.holds(old.when, now)
	})
	if len(p.list) == maxPriors { // drop the one with the fewest failures, which is the last
		p.list = p.list[:maxPriors-1]
	}
	p.list = append(p.list, prior{now, failures})
}

func (p *priors) most(now tick) (most [NumWindows]uint32) {
	for _, one := range p.list {
		for w := range most {
			if Window(w).holds(one.when, now) {
				most[w] = max(most[w], one.failures)
			}
		}
	}
	return most
}

func (p *priors) walk(c *codec) {
	items(c, &p.list, func(one *prior) {
		number(c, &one.when)
		number(c, &one.failures)
	})
}
