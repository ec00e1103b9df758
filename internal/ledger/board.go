package ledger

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// loudness is what places on the board are given for: figures over 24 hours.
type loudness uint8

const (
	byRecipients loudness = iota
	byFailed
	byNetworks

	numLoudness = int(byNetworks) + 1
)

// standing is how a row stands with the board.
type standing uint8

const (
	offBoard standing = iota
	onBoard
	challenging // may be loud enough to be on it

	numStandings = int(challenging) + 1
)

// board picks the loudest principals, by log time alone. Each measure of
// loudness ranks them; who stands high in any of them is on the board, so that
// at least the first third of each is. Members' ranks count for a fifth less
// than others', so that those on the edge don't come and go.
//
// It looks only at its members and at challengers: rows that got louder than
// what the last in had then, or that a slow round over all rows finds to be
// louder since. It is settled at most once a second.
type board struct {
	seats       int
	members     []member
	challengers []uint32
	bar         [numLoudness]uint32 // what a row must be above in one measure to come in
	left        Totals              // what those did, while they were on, that left
	round       uint32              // the row that the round over all rows stands at
	minute      int64               // in which it last went on

	candidates []candidate // room to settle in, not part of the state
	order      []int
}

// member is a row on the board, and its totals when it came.
type member struct {
	row   uint32
	since Totals
}

type candidate struct {
	row  uint32
	loud [numLoudness]uint32
	rank int
}

// enter takes a row in while there is room.
func (b *board) enter(p *Principals, i uint32) {
	if p.rows[i].standing != onBoard && len(b.members) < b.seats {
		p.rows[i].standing = onBoard
		b.members = append(b.members, member{row: i, since: p.rows[i].Totals})
	}
}

// forget takes back a challenge, before the row becomes another's.
func (b *board) forget(p *Principals, i uint32) {
	if p.rows[i].standing == challenging {
		b.challengers = slices.DeleteFunc(b.challengers, func(c uint32) bool { return c == i })
	}
}

// louder notes that a row's figure grew by n.
func (b *board) louder(p *Principals, i uint32, now tick, by loudness, n uint32) {
	r := &p.rows[i]
	saturate(&r.day[by], n)
	if r.standing == offBoard && r.day[by] > b.bar[by] {
		b.weigh(p, i, now)
	}
}

// weigh makes a challenger of a row that is above the bar.
func (b *board) weigh(p *Principals, i uint32, now tick) {
	r := &p.rows[i]
	r.day = r.loudness(now) // it only grew since
	for by, n := range r.day {
		if n > b.bar[by] {
			r.standing = challenging
			b.challengers = append(b.challengers, i)
			return
		}
	}
}

func (r *principal) loudness(now tick) [numLoudness]uint32 {
	sums := r.series.sums(now)[Window24h]
	return [numLoudness]uint32{
		uint32(min(sums[Recipients], math.MaxUint32)),
		uint32(min(sums[Failed], math.MaxUint32)),
		r.networks.count(now)[Window24h],
	}
}

// tick lets time pass: at every new second of the log.
func (b *board) tick(p *Principals, now int64) {
	if minute := now / int64(time.Minute); minute != b.minute {
		b.minute = minute
		b.goRound(p, tickOf(now))
		if len(b.members) == b.seats && p.Entries() > b.seats {
			b.settle(p, tickOf(now)) // those on it got older, which lowers the bar
		}
	}
	if len(b.challengers) > 0 {
		b.settle(p, tickOf(now))
	}
}

// goRound weighs a sixtieth of the rows: each once an hour.
func (b *board) goRound(p *Principals, now tick) {
	if p.Entries() <= len(b.members) {
		return
	}
	for range len(p.rows)/60 + 1 {
		b.round = (b.round + 1) % uint32(len(p.rows))
		if r := &p.rows[b.round]; r.standing == offBoard && b.round != 0 && r.Name != "" {
			b.weigh(p, b.round, now)
		}
	}
}

// settle fills the seats with the best placed of members and challengers.
func (b *board) settle(p *Principals, now tick) {
	b.candidates = b.candidates[:0]
	for _, m := range b.members {
		b.candidates = append(b.candidates, candidate{row: m.row, loud: p.rows[m.row].loudness(now), rank: math.MaxInt})
	}
	for _, i := range b.challengers {
		b.candidates = append(b.candidates, candidate{row: i, loud: p.rows[i].loudness(now), rank: math.MaxInt})
		p.rows[i].standing = offBoard
	}
	b.challengers = b.challengers[:0]
	b.order = b.order[:0]
	for i := range b.candidates {
		b.order = append(b.order, i)
	}
	for by := range numLoudness {
		b.rank(p, by)
	}
	slices.SortFunc(b.order, func(x, y int) int {
		one, other := &b.candidates[x], &b.candidates[y]
		return cmp.Or(cmp.Compare(one.rank, other.rank), cmp.Compare(other.loud[byRecipients], one.loud[byRecipients]),
			cmp.Compare(one.row, other.row))
	})
	b.seat(p)
}

// Ranks count fivefold for others than members, fourfold for these.
const (
	memberRank = 4
	otherRank  = 5
)

// rank gives every candidate its best rank so far. Who is level with others has
// the last rank of them all: figures that everybody has are no distinction.
func (b *board) rank(p *Principals, by int) {
	slices.SortFunc(b.order, func(x, y int) int { return cmp.Compare(b.candidates[y].loud[by], b.candidates[x].loud[by]) })
	rank := len(b.order) - 1
	for at := len(b.order) - 1; at >= 0; at-- {
		c := &b.candidates[b.order[at]]
		if at < len(b.order)-1 && c.loud[by] != b.candidates[b.order[at+1]].loud[by] {
			rank = at
		}
		weight := otherRank
		if p.rows[c.row].standing == onBoard {
			weight = memberRank
		}
		c.rank = min(c.rank, rank*weight)
	}
}

// seat lets the first of b.order have the seats, and sets the bar for others:
// what one would need to be placed before the last of them.
func (b *board) seat(p *Principals) {
	in := b.order[:min(b.seats, len(b.order))]
	for _, x := range b.order[len(in):] {
		b.leave(p, b.candidates[x].row)
	}
	for _, x := range in {
		b.enter(p, b.candidates[x].row)
	}
	b.bar = [numLoudness]uint32{}
	if len(b.order) < b.seats {
		return
	}
	needed := b.candidates[in[len(in)-1]].rank / otherRank
	for by := range b.bar {
		slices.SortFunc(b.order, func(x, y int) int { return cmp.Compare(b.candidates[y].loud[by], b.candidates[x].loud[by]) })
		b.bar[by] = b.candidates[b.order[min(needed, len(b.order)-1)]].loud[by]
	}
}

// leave takes a row off the board, if it is on it.
func (b *board) leave(p *Principals, i uint32) {
	at := slices.IndexFunc(b.members, func(m member) bool { return m.row == i })
	if at < 0 {
		return
	}
	b.left.add(p.rows[i].since(b.members[at].since))
	b.members = slices.Delete(b.members, at, at+1)
	p.rows[i].standing = offBoard
}

// unshown is what was done by those who were not on the board at the time.
func (b *board) unshown(p *Principals) Totals {
	shown := b.left
	for _, m := range b.members {
		shown.add(p.rows[m.row].since(m.since))
	}
	return p.total.since(shown)
}

func (b *board) walk(c *codec, p *Principals) {
	items(c, &b.members, func(m *member) {
		rowNumber(c, &m.row, len(p.rows))
		m.since.walk(c)
	})
	items(c, &b.challengers, func(i *uint32) {
		rowNumber(c, i, len(p.rows))
	})
	numbers(c, b.bar[:])
	b.left.walk(c)
	number(c, &b.round)
	c.int64(&b.minute)
}
