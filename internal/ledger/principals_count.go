package ledger

import (
	"time"

	"postfix_exporter/parser"
)

const (
	// maxNetworks is how many client networks of an account are told apart, for
	// the windows and as its usual ones.
	maxNetworks = 64
	// maxDomains is how many domains of its recipients are.
	maxDomains = 128
	// strangeFor is how long a network is new to an account, or its kin, and learning
	// how long the log must be known before that: at its begin, all networks are new.
	strangeFor = tick(48 * time.Hour / tickLength)
	learning   = tick(24 * time.Hour / tickLength)
)

// accepted counts a message.
func (p *Principals) accepted(handle uint32, now tick, recipients uint32, foreign bool) {
	i := p.row(handle)
	p.total.Messages++
	p.total.Recipients += uint64(recipients)
	if i != 0 {
		p.rows[i].Messages++
		p.rows[i].Recipients += uint64(recipients)
	}
	n := uint32(0)
	if foreign {
		n = 1
	}
	p.all.at(now).accept(recipients, n)
	if i != 0 {
		p.use(i, now)
		p.rows[i].series.at(now).accept(recipients, n)
		p.board.louder(p, i, now, byRecipients, recipients)
	}
}

// attempted counts a delivery attempt.
func (p *Principals) attempted(handle uint32, now tick, a attempt) {
	i := p.row(handle)
	p.total.Deliveries[a.status]++
	if i != 0 {
		r := &p.rows[i]
		r.Deliveries[a.status]++
		if a.domain != 0 {
			r.domains.see(a.domain, now, maxDomains)
		}
	}
	p.outcome(i, now, a)
}

// outcome counts how an attempt ended for the windows.
func (p *Principals) outcome(i uint32, now tick, a attempt) {
	switch {
	case a.status == parser.StatusBounced, a.status == parser.StatusSoftBounce && a.first:
		p.add(i, now, Failed, 1)
	case a.status == parser.StatusDeferred && a.first:
		p.add(i, now, Deferred, 1)
	}
}

// add counts for a row, or for nobody's where it is 0.
func (p *Principals) add(i uint32, now tick, m Measure, n uint32) {
	p.all.add(now, m, n)
	if i == 0 {
		return
	}
	p.use(i, now)
	p.rows[i].series.add(now, m, n)
	switch m {
	case Recipients:
		p.board.louder(p, i, now, byRecipients, n)
	case Failed:
		p.board.louder(p, i, now, byFailed, n)
	}
}

// from notes the client network of a message of an account, in a log that is
// known since a time. It says whether the network is new.
func (p *Principals) from(i uint32, now, since tick, n network) (isNew bool) {
	r := &p.rows[i]
	first, isNew := r.networks.see(uint64(n), now, maxNetworks)
	isStrange := func(first tick) bool { return now-first < strangeFor && first-since >= learning }
	if isStrange(first) && isStrange(r.networks.since(uint64(n), n.kinBits())) {
		p.add(i, now, Strange, 1)
	}
	p.use(i, now)
	if isNew {
		p.board.louder(p, i, now, byNetworks, 1)
	}
	return isNew
}

// Principal is what is shown of one.
type Principal struct {
	Account
	Sums     Sums
	Networks [NumWindows]uint32 // distinct client networks with an accepted message, at most maxNetworks
	Domains  [NumWindows]uint32 // distinct recipient domains, at most maxDomains
	Prior    [NumWindows]uint32 // the most failed logins before a break-in
}

// Shown gives those that have series of their own, and what is left for Other:
// totals of what was done by those who had none at the time, and the sums of
// those who have none now.
func (p *Principals) Shown(now int64) (shown []Principal, other Principal) {
	t := tickOf(now)
	other = p.Everything(now)
	other.Totals = p.board.unshown(p)
	shown = make([]Principal, 0, len(p.board.members))
	for _, m := range p.board.members {
		r := &p.rows[m.row]
		one := Principal{
			Account:  r.Account,
			Sums:     r.series.sums(t),
			Networks: r.networks.count(t),
			Domains:  r.domains.count(t),
			Prior:    r.priors.most(t),
		}
		for w := range one.Sums {
			for k, n := range one.Sums[w] {
				other.Sums[w][k] -= min(n, other.Sums[w][k]) // more only if the clock was set back
			}
		}
		shown = append(shown, one)
	}
	return shown, other
}

// Everything gives the sums over all, shown or not.
func (p *Principals) Everything(now int64) Principal {
	return Principal{Account: Account{Name: Other, Totals: p.total}, Sums: p.all.sums(tickOf(now))}
}
