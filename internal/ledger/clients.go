package ledger

import (
	"cmp"
	"net/netip"
	"slices"
)

// Clients counts events by client network, in a fixed space: exactly where few
// networks make them, only the largest where many do.
type Clients struct {
	seed   uint64
	counts [NumClientEvents]panes[frequent, *frequent]
}

func (c *Clients) add(now tick, n network, e ClientEvent) {
	if n == 0 {
		return
	}
	f := c.counts[e].now(now)
	f.seed = c.seed
	f.add(uint64(n), 1)
}

// ClientTally is what Clients knows of one event in one window. It is a copy
// and can be read without the ledger's lock.
type ClientTally struct {
	all  []tally
	lost uint32
}

// Tally copies what it knows of an event, for Largest.
func (c *Clients) Tally(now int64, e ClientEvent, w Window) (t ClientTally) {
	c.counts[e].each(w, tickOf(now), func(f *frequent) {
		saturate(&t.lost, f.lost)
		for _, slot := range f.slots {
			if slot.key != 0 {
				t.all = append(t.all, slot)
			}
		}
	})
	return t
}

// NetworkCount is how many events of a client network are sure.
type NetworkCount struct {
	Client netip.Prefix
	N      uint32
}

// Largest gives the n most active networks, the largest first. Each had at most
// missed events more, and so had any that is not given and not counted at all.
func (t *ClientTally) Largest(n int) (top []NetworkCount, missed uint32) {
	slices.SortFunc(t.all, func(a, b tally) int { return cmp.Compare(a.key, b.key) })
	sums := t.all[:0]
	for _, one := range t.all {
		if last := len(sums) - 1; last >= 0 && sums[last].key == one.key {
			saturate(&sums[last].n, one.n)
			continue
		}
		sums = append(sums, one)
	}
	t.all = sums
	slices.SortFunc(sums, func(a, b tally) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.key, b.key)) })
	for _, one := range sums[:min(n, len(sums))] {
		top = append(top, NetworkCount{Client: network(one.key).prefix(), N: one.n})
	}
	return top, t.lost
}

func (c *Clients) walk(codec *codec) {
	for e := range c.counts {
		c.counts[e].walk(codec, func(f *frequent) { f.walk(codec) })
	}
}
