package traffic

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// world is the mail server and all who have to do with it.
type world struct {
	*mx
	calendar
	config Config
	truth  *Truth

	accounts []*account
	firms    []*domain // whose mail we host
	ours     *domain   // the machine's own: root, www-data
	partner  *domain   // whose backup MX we are, without a list of its users
	big      []*domain // providers that have many of all recipients
	small    []*domain
	dead     []*domain // of old address lists
	inbound  *owner
	network  *owner

	policyDown at // the policy service doesn't answer until then
}

func newWorld(out io.Writer, c Config, truth *Truth) *world {
	journal := newJournal(out, c.Start, truth.tell)
	w := &world{
		mx: &mx{
			dice: newDice(c.Seed, "mx", 0), journal: journal, agenda: newAgenda(), start: c.Start,
			daemons: newDaemons(newDice(c.Seed, "pids", 0)), ids: newQueueIDs(c.Start),
			bounces: truth.others(originBounce), copies: truth.others(originForward),
		},
		calendar: calendar{c.Start}, config: c, truth: truth,
		inbound: truth.others(originInbound), network: truth.others(originNetwork),
	}
	d := newDice(c.Seed, "world", 0)
	w.build(d)
	w.people(d)
	return w
}

// partner is a domain that the server relays for.
const partner = "partner.test"

// firms are the domains of the accounts.
func firms(accounts int) (names []string) {
	for i := range 3 + accounts/13 {
		names = append(names, fmt.Sprintf("firm%d.example", i+1))
	}
	return names
}

// Domains lists the domains that a server with so many accounts takes mail for.
func Domains(accounts int) []string { return append(firms(accounts), hostname, partner) }

func (w *world) build(d dice) {
	w.ours = &domain{name: hostname, kind: system}
	w.partner = newDomain(d, partner, 1)
	w.partner.kind, w.partner.greylists = relayed, 0
	for _, name := range firms(w.config.Accounts) {
		w.firms = append(w.firms, &domain{name: name, kind: hosted})
	}
	for i, name := range []string{"bigmail.test", "outpost.test", "yonder.test", "webby.test"} {
		b := newDomain(d, name, 10+i)
		b.greylists, b.pace = 0, 600*time.Millisecond
		b.strict = 0.5 + 0.4*d.Float64()
		w.big = append(w.big, b)
	}
	for i := range 400 {
		w.small = append(w.small, newDomain(d, fmt.Sprintf("dest%d.test", i+1), 100+i))
	}
	for i := range 80 {
		x := newDomain(d, fmt.Sprintf("gone%d.test", i+1), 1000+i)
		switch i % 4 {
		case 0:
			x.dead = "Connection refused"
		case 1:
			x.dead = "Connection timed out"
		default:
			x.nowhere = true
		}
		w.dead = append(w.dead, x)
	}
}

// remote gives a server out there: half of all mail goes to a few of them.
func (w *world) remote(d dice) *domain {
	if d.chance(0.52) {
		// The first has twice the mail of the second, and so on.
		i := 0
		for i < len(w.big)-1 && d.chance(0.5) {
			i++
		}
		return w.big[i]
	}
	return w.small[min(int(d.heavy(20, 1.3)), len(w.small)-1)]
}

// person gives the address of somebody at a domain.
func person(d dice, at *domain) recipient {
	return recipient{address: pick(d, firstNames()) + "." + pick(d, lastNames()) + strconv.Itoa(d.IntN(90)) + "@" + at.name, domain: at}
}

// anybody is a recipient out there whom we may or may not reach.
func (w *world) anybody(d dice) recipient {
	r := person(d, w.remote(d))
	switch x := d.Float64(); {
	case x < 0.006:
		r.fate = fateUnknown
	case x < 0.008:
		r.fate = fateFull
	}
	return r
}

// colleague is an account's own address.
func (w *world) colleague(d dice) recipient {
	a := pick(d, w.accounts)
	return recipient{address: a.name, domain: a.domain}
}

func firstNames() []string {
	return []string{
		"anna", "ben", "cleo", "dora", "emil", "frida", "gustav", "hanna", "ivo", "jana", "karl", "lena", "max", "nora", "otto", "paula",
		"quirin", "rosa", "sven", "tina", "udo", "vera", "willi", "xenia", "yann", "zoe",
	}
}

func lastNames() []string {
	return []string{
		"adler", "baum", "cramer", "dorn", "ernst", "falk", "groen", "hahn", "imhof", "jung", "kern", "lang", "maas", "nagel", "ohm", "pohl",
		"quast", "roth", "stern", "thal", "uhl", "vogt", "wolf", "zorn",
	}
}
