package triage

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// Report is all that triage says. Texts in it may be strangers'.
type Report struct {
	Made    time.Time `json:"made"`
	AsOf    time.Time `json:"as_of"` // what the windows end at
	Host    string    `json:"host"`
	Sources []string  `json:"sources"`           // what it was made from
	Missing []string  `json:"missing,omitempty"` // what could not be read, with the mend

	Ranking []Candidate `json:"ranking"` // of those who send
	Door    []Knock     `json:"door"`    // who was refused

	Principal *Principal `json:"principal,omitempty"` // whom the rest is about
	Queue     *Share     `json:"queue,omitempty"`
	Trail     *Trail     `json:"log,omitempty"`
	Processes []Process  `json:"processes,omitempty"`
	Steps     []Step     `json:"steps,omitempty"`
}

// Knock is a client network with what it did wrong within an hour.
type Knock struct {
	Network string             `json:"network"`
	Events  map[string]float64 `json:"events"`
	Sum     float64            `json:"sum"`
}

// Share is what of the queue is a principal's.
type Share struct {
	Mine       int            `json:"mine"`                  // with those on hold
	ByInstance map[string]int `json:"by_instance,omitempty"` // of them, by configuration directory, where there are several
	Total      int            `json:"total"`
	Held       int            `json:"held"`
	Bounces    int            `json:"bounces"` // that it caused
	ByQueue    map[string]int `json:"by_queue"`
	Oldest     int64          `json:"oldest,omitempty"` // arrival, seconds since the epoch
	Samples    []string       `json:"samples"`
	Scripts    []Count        `json:"scripts,omitempty"` // X-PHP-Originating-Script
}

// Inventory is the queue as its files tell of it.
type Inventory struct {
	entries []Queued
	beyond  int
}

// maxEntries bounds an inventory; what comes after is counted only.
const maxEntries = 2_000_000

// Add takes in a queued message.
func (v *Inventory) Add(q Queued) {
	if len(v.entries) >= maxEntries {
		v.beyond++
		return
	}
	for _, text := range []*[]byte{&q.ID, &q.Account, &q.Waiting, &q.Original, &q.Ident, &q.Script} {
		*text = bytes.Clone(*text)
	}
	v.entries = append(v.entries, q)
}

// Total is how many messages are queued.
func (v *Inventory) Total() int { return len(v.entries) + v.beyond }

// Owners counts the queued messages of each principal.
func (v *Inventory) Owners(ours Domains) map[Principal]int {
	owners := map[Principal]int{}
	add := func(p Principal) {
		if _, ok := owners[p]; ok || len(owners) < maxWords {
			owners[p]++
		}
	}
	for i := range v.entries {
		q := &v.entries[i]
		elsewhere := ours.elsewhere(q.Waiting)
		switch {
		case q.Origin == "sasl":
			add(Principal{Kind: Account, Name: string(q.Account)})
		case q.Origin == "local":
			add(Principal{Kind: Local, Name: q.UID})
		case q.Origin == "bounce" && elsewhere:
			add(Principal{Kind: Bounces})
		case q.Alike && !ours.has(DomainOf(string(q.Waiting))) && !bytes.EqualFold(q.Original, q.Waiting):
			add(Principal{Kind: Forward, Name: string(q.Original)})
		case (q.Origin == "inbound" || q.Origin == "network") && elsewhere:
			add(Principal{Kind: Network, Name: NetworkOf(q.Client).String()})
		}
	}
	return owners
}

// Share gives what of it is a principal's.
func (v *Inventory) Share(p Principal, ours Domains, t *Trail) *Share {
	s := &Share{Total: v.Total(), ByQueue: map[string]int{}, ByInstance: map[string]int{}}
	var scripts tally
	for i := range v.entries {
		q := &v.entries[i]
		if t.Caused(q) {
			s.Bounces++
		}
		if !p.Owns(q, ours, t) {
			continue
		}
		s.Mine++
		s.ByQueue[q.Queue]++
		if q.Instance != "" {
			s.ByInstance[q.Instance]++
		}
		if q.Queue == "hold" {
			s.Held++
		}
		if s.Oldest == 0 || q.Arrival < s.Oldest {
			s.Oldest = q.Arrival
		}
		if len(s.Samples) < maxSamples {
			s.Samples = append(s.Samples, string(q.ID))
		}
		if len(q.Script) > 0 {
			scripts.add(string(q.Script))
		}
	}
	s.Scripts, _ = scripts.top(5)
	return s
}

// Candidates joins what was counted of principals with what they have queued.
func Candidates(counted []Candidate, queued map[Principal]int) []Candidate {
	all := slices.Clone(counted)
	for p, n := range queued {
		i := slices.IndexFunc(all, func(c Candidate) bool { return c.Kind == p.Kind && c.same(p) })
		if i < 0 {
			all = append(all, Candidate{Principal: p, Queued: n})
			continue
		}
		all[i].Queued += n
		if p.Kind == Forward && len(all[i].Name) < len(p.Name) { // the alias says more than its domain
			all[i].Name = p.Name
		}
	}
	slices.SortFunc(all, func(a, b Candidate) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	return all
}

// same says whether a candidate is the principal, or the domain of its alias.
func (c *Candidate) same(p Principal) bool {
	return c.Name == p.Name || c.Kind == Forward && c.Name == DomainOf(p.Name)
}

// RankDoor orders networks by what they did.
func RankDoor(events map[netip.Prefix]map[string]float64) (door []Knock) {
	for network, n := range events {
		k := Knock{Network: network.String(), Events: n}
		for _, v := range n {
			k.Sum += v
		}
		door = append(door, k)
	}
	slices.SortFunc(door, func(a, b Knock) int { return cmp.Or(cmp.Compare(b.Sum, a.Sum), cmp.Compare(a.Network, b.Network)) })
	return door
}
