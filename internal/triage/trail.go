package triage

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// Moment is a time of the log in nanoseconds since the epoch, 0 for none.
type Moment int64

// MarshalText implements encoding.TextMarshaler.
func (m Moment) MarshalText() ([]byte, error) {
	if m == 0 {
		return nil, nil
	}
	return time.Unix(0, int64(m)).UTC().AppendFormat(nil, time.RFC3339Nano), nil
}

// Trail is what the log tells of one principal. Nil is a trail of which nothing is
// known.
type Trail struct {
	LogFrom Moment `json:"log_from"` // what of the log was read
	LogTo   Moment `json:"log_to"`
	First   Moment `json:"first"` // of its messages
	Last    Moment `json:"last"`

	Messages   int `json:"messages"`
	Recipients int `json:"recipients"`
	Failed     int `json:"failed"`

	Samples      []string      `json:"queue_ids"` // the last ones
	Networks     []NetworkSeen `json:"networks,omitempty"`
	Statuses     []Count       `json:"statuses,omitempty"`
	Destinations []Count       `json:"destinations,omitempty"` // domains
	Domains      int           `json:"domains"`                // how many there are
	Reasons      []Count       `json:"reasons,omitempty"`      // why deliveries fail
	Replies      []Count       `json:"replies,omitempty"`      // in the words of the remote hosts
	Aliases      []Count       `json:"aliases,omitempty"`
	Targets      []Count       `json:"targets,omitempty"` // where aliases lead
	Servers      []string      `json:"smtpd,omitempty"`   // process ids of the smtpd that took its mail
	Minutes      []Minute      `json:"minutes,omitempty"`

	mine    map[string]named
	bounces map[string]int64
}

// NetworkSeen is a client network of a principal's.
type NetworkSeen struct {
	Network    netip.Prefix `json:"network"`
	Messages   int          `json:"messages"`
	First      Moment       `json:"first"`
	Last       Moment       `json:"last"`
	SharedWith string       `json:"shared_with,omitempty"` // another account that was used from there
}

// Minute is one line of the time line.
type Minute struct {
	Time       Moment `json:"time"`
	Messages   int    `json:"messages"`
	Recipients int    `json:"recipients"`
	Failed     int    `json:"failed"`
}

// Trail ends the reading.
func (f *Follower) Trail() *Trail {
	t := &f.trail
	t.Destinations, t.Domains = f.destinations.top(10)
	t.Reasons, _ = f.reasons.top(10)
	t.Replies, _ = f.replies.top(10)
	t.Statuses, _ = f.statuses.top(10)
	t.Aliases, _ = f.aliases.top(10)
	t.Targets, _ = f.targets.top(10)
	servers, _ := f.servers.top(1000)
	for _, s := range servers {
		t.Servers = append(t.Servers, s.What)
	}
	for prefix, n := range f.networks {
		n.SharedWith = f.others[prefix]
		t.Networks = append(t.Networks, *n)
	}
	slices.SortFunc(t.Networks, func(a, b NetworkSeen) int {
		return cmp.Or(cmp.Compare(b.Messages, a.Messages), a.Network.Addr().Compare(b.Network.Addr()))
	})
	for _, at := range slices.Sorted(maps.Keys(f.minutes)) {
		t.Minutes = append(t.Minutes, *f.minutes[at])
	}
	t.mine, t.bounces = f.mine, f.bounces
	return t
}

// links says whether the log knows a queued message, whose file does not say whose
// it is, as one of the principal's: it came back from a content filter, of which
// its file names the first pass or the log the moment.
func (t *Trail) links(q *Queued) bool {
	if t == nil || q.Origin == "bounce" {
		return false
	}
	if len(q.Ident) > 0 && string(q.Ident) != string(q.ID) {
		m, ok := t.mine[string(q.Ident)]
		return ok && q.Arrival >= m.at-linkTime
	}
	m, ok := t.mine[string(q.ID)]
	return ok && near(q.Arrival, m.at)
}

// Caused says whether a queued message is a bounce of the principal's mail, in this
// server's own words. Most go to forged addresses.
func (t *Trail) Caused(q *Queued) bool {
	if t == nil || q.Origin != "bounce" {
		return false
	}
	at, ok := t.bounces[string(q.ID)]
	return ok && near(q.Arrival, at)
}

func near(a, b int64) bool { return a-b <= linkTime && b-a <= linkTime }

// NetworkOf is the network that an address stands for wherever the exporter counts
// networks: /24 of IPv4, /48 of IPv6.
func NetworkOf(addr netip.Addr) netip.Prefix {
	if !addr.IsValid() {
		return netip.Prefix{}
	}
	addr = addr.Unmap().WithZone("")
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	prefix, _ := addr.Prefix(bits)
	return prefix
}

// IDs gives the queue ids of its messages, in order.
func (t *Trail) IDs() []string { return slices.Sorted(maps.Keys(t.mine)) }
