package triage

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"postfix_exporter/parser"
)

// Overview counts what the exporter's windows don't: mail that clients without a
// login send elsewhere, by their network, and this server's own bounces to elsewhere.
type Overview struct {
	ours   Domains
	owners map[string]Principal // by queue id
	counts map[Principal]*history
	now    int64

	accounts map[string]struct{}
}

// history is by minute of log time.
type history map[int64]*[2]float64

// Look begins an overview. ours tells the domains that the server takes mail for.
func Look(ours Domains) *Overview {
	return &Overview{ours: ours, owners: map[string]Principal{}, counts: map[Principal]*history{}, accounts: map[string]struct{}{}}
}

// Line takes in one line of the log.
func (o *Overview) Line(ev *parser.Event) {
	o.now = max(o.now, ev.Time)
	if ev.Outcome != parser.Parsed {
		return
	}
	id := ev.Bytes(ev.QueueID)
	switch ev.Kind {
	case parser.KindClient:
		if name := ev.Bytes(ev.SASLUsername); len(name) > 0 && len(o.accounts) < maxWords {
			o.accounts[string(name)] = struct{}{}
		}
		addr, err := netip.ParseAddr(string(ev.Bytes(ev.ClientAddress)))
		if err != nil || ev.SASLUsername.Len() > 0 || ev.OrigQueueID.Len() > 0 || addr.IsLoopback() && addr.Unmap() == netip.MustParseAddr("127.0.0.1") {
			delete(o.owners, string(id))
			return
		}
		o.own(id, Principal{Kind: Network, Name: NetworkOf(addr).String()})
	case parser.KindPickup:
		delete(o.owners, string(id))
	case parser.KindBounce:
		o.own(ev.Bytes(ev.ChildQueueID), Principal{Kind: Bounces})
	case parser.KindRemoved:
		delete(o.owners, string(id))
	case parser.KindDelivery:
		p, ok := o.owners[string(id)]
		if !ok || ev.Daemon == parser.Local || ev.Daemon == parser.Virtual || ev.Daemon == parser.Pipe ||
			string(ev.Bytes(ev.RelayAddress)) == "127.0.0.1" || !o.ours.elsewhere(ev.Bytes(ev.To)) ||
			ev.OrigTo.Len() > 0 && o.ours.has(DomainOf(string(ev.Bytes(ev.OrigTo)))) {
			return
		}
		o.count(p, ev)
	}
}

func (o *Overview) own(id []byte, p Principal) {
	if len(id) > 0 && len(o.owners) < maxIDs {
		o.owners[string(id)] = p
	}
}

func (o *Overview) count(p Principal, ev *parser.Event) {
	h := o.counts[p]
	if h == nil {
		if len(o.counts) >= maxNetworks {
			return
		}
		h = &history{}
		o.counts[p] = h
	}
	minute := ev.Time / int64(time.Minute)
	n := (*h)[minute]
	if n == nil {
		if len(*h) >= maxMinutes {
			return
		}
		n = &[2]float64{}
		(*h)[minute] = n
	}
	n[0]++
	if ev.Status == parser.StatusBounced {
		n[1]++
	}
}

// Accounts gives the accounts whose mail was accepted.
func (o *Overview) Accounts() []string { return slices.Sorted(maps.Keys(o.accounts)) }

// Candidates gives them with their windows, whose steps are minutes here. Recipients
// are attempts: a recipient that is tried again counts again.
func (o *Overview) Candidates() (all []Candidate) {
	now := o.now / int64(time.Minute)
	for p, h := range o.counts {
		c := Candidate{Principal: p, Known: true}
		for minute, n := range *h {
			for w, length := range [NumWindows]int64{5, 60, 24 * 60} {
				if now-minute < length {
					c.Figures[w][Recipients] += n[0]
					c.Figures[w][Failed] += n[1]
				}
			}
		}
		all = append(all, c)
	}
	return all
}
