package triage

import (
	"bytes"
	"net/netip"
	"strconv"

	"postfix_exporter/parser"
)

// Follower reads a log once and follows the messages of one principal through it:
// from the line that says whose they are to the answers of remote hosts.
type Follower struct {
	principal Principal
	reason    func(*parser.Event) string
	trail     Trail

	mine     map[string]named // by queue id
	bounces  map[string]int64 // of the notices that they gave rise to
	networks map[netip.Prefix]*NetworkSeen
	minutes  map[int64]*Minute
	others   map[netip.Prefix]string // networks that other accounts were used from, and one of these
	ours     Domains
	passes   passes

	destinations, reasons, replies, aliases, targets, servers, statuses tally
}

// Bounds of what is remembered of a log.
const (
	maxIDs      = 1_000_000
	maxNetworks = 10_000
	maxMinutes  = 10_000
	maxSamples  = 5
	maxReply    = 160

	// linkTime is how far apart, in seconds, the log and the queue file may be about
	// one message that a content filter gave back, or a bounce.
	linkTime = 60
)

// named is a queue id that the log has named as the principal's.
type named struct {
	at      int64 // seconds since the epoch
	counted bool  // its recipients are
}

func seconds(t int64) int64 { return t / 1e9 }

// Follow begins to follow a principal. reason gives the class of a failed delivery;
// ours tells the domains that the server takes mail for; filterUsers are the uids whose
// pickups are second passes through a pipe(8), in digits.
func Follow(p Principal, ours Domains, filterUsers []string, reason func(*parser.Event) string) *Follower {
	return &Follower{
		passes:    newPasses(filterUsers),
		principal: p, reason: reason, ours: ours,
		mine: map[string]named{}, bounces: map[string]int64{},
		networks: map[netip.Prefix]*NetworkSeen{}, minutes: map[int64]*Minute{}, others: map[netip.Prefix]string{},
	}
}

// Line takes in one line of the log.
func (f *Follower) Line(ev *parser.Event) {
	if ev.Time != 0 {
		if f.trail.LogFrom == 0 {
			f.trail.LogFrom = Moment(ev.Time)
		}
		f.trail.LogTo = max(f.trail.LogTo, Moment(ev.Time))
	}
	if ev.Outcome != parser.Parsed {
		return
	}
	switch ev.Kind {
	case parser.KindClient:
		f.client(ev)
	case parser.KindPickup:
		f.pickup(ev)
	case parser.KindProxy:
		if f.principal.Kind == Account && ev.Action != parser.ActionReject && string(ev.Bytes(ev.SASLUsername)) == f.principal.Name {
			f.take(ev.Bytes(ev.ChildQueueID), ev.Time) // what the filter before the queue handed on
		}
	case parser.KindMessageID:
		if f.passes.second(ev, f.has(ev.QueueID, ev)) {
			f.handOn(ev.QueueID, ev)
		}
	case parser.KindQueueActive:
		f.active(ev)
	case parser.KindDelivery:
		f.delivery(ev)
	case parser.KindBounce:
		if f.has(ev.QueueID, ev) && len(f.bounces) < maxIDs {
			f.bounces[string(ev.Bytes(ev.ChildQueueID))] = seconds(ev.Time)
		}
		if f.principal.Kind == Bounces {
			f.take(ev.Bytes(ev.ChildQueueID), ev.Time)
		}
	}
}

// client is smtpd's line of an accepted message.
func (f *Follower) client(ev *parser.Event) {
	addr, _ := netip.ParseAddr(string(ev.Bytes(ev.ClientAddress)))
	network := NetworkOf(addr)
	account := ev.Bytes(ev.SASLUsername)
	mine := false
	switch f.principal.Kind {
	case Account:
		mine = string(account) == f.principal.Name
		if !mine && len(account) > 0 && network.IsValid() && len(f.others) < maxNetworks {
			f.others[network] = string(account)
		}
		mine = mine || f.has(ev.OrigQueueID, ev)
	case Network:
		mine = len(account) == 0 && network.IsValid() && network.String() == f.principal.Name
	}
	if !mine {
		f.leave(ev)
		return
	}
	f.take(ev.Bytes(ev.QueueID), ev.Time)
	f.servers.add(string(ev.Bytes(ev.PID)))
	f.seen(network, ev.Time)
}

func (f *Follower) pickup(ev *parser.Event) {
	f.passes.pickup(ev)
	if f.principal.Kind == Local && strconv.FormatUint(uint64(ev.UID), 10) == f.principal.Name || f.has(ev.OrigQueueID, ev) {
		f.take(ev.Bytes(ev.QueueID), ev.Time)
		return
	}
	f.leave(ev)
}

// leave notes that a queue id is another's by now, unless this host itself handed the
// message on under it a moment ago, as to a content filter.
func (f *Follower) leave(ev *parser.Event) {
	id := string(ev.Bytes(ev.QueueID))
	if m, ok := f.mine[id]; ok && seconds(ev.Time)-m.at > linkTime {
		delete(f.mine, id)
	}
	delete(f.bounces, id)
}

// active is the queue manager's line, of which the first counts.
func (f *Follower) active(ev *parser.Event) {
	id := string(ev.Bytes(ev.QueueID))
	m, ok := f.mine[id]
	if !ok || m.counted || f.principal.Kind != Account && f.principal.Kind != Local {
		return
	}
	m.counted = true
	f.mine[id] = m
	f.count(ev, int(ev.Recipients), 0)
}

// take makes a message one of the principal's.
func (f *Follower) take(id []byte, at int64) {
	t := &f.trail
	if len(id) == 0 {
		return
	}
	if t.First == 0 {
		t.First = Moment(at)
	}
	t.Last = max(t.Last, Moment(at))
	if _, ok := f.mine[string(id)]; ok {
		return
	}
	t.Messages++
	if len(t.Samples) < maxSamples {
		t.Samples = append(t.Samples, string(id))
	} else {
		t.Samples[t.Messages%maxSamples] = string(id)
	}
	if len(f.mine) < maxIDs {
		f.mine[string(id)] = named{at: seconds(at)}
	}
	if m := f.minute(at); m != nil {
		m.Messages++
	}
}

func (f *Follower) seen(network netip.Prefix, at int64) {
	if !network.IsValid() {
		return
	}
	n := f.networks[network]
	if n == nil {
		if len(f.networks) >= maxNetworks {
			return
		}
		n = &NetworkSeen{Network: network, First: Moment(at)}
		f.networks[network] = n
	}
	n.Messages++
	n.Last = Moment(at)
}

// delivery is an attempt for one recipient.
func (f *Follower) delivery(ev *parser.Event) {
	t := &f.trail
	mine := f.has(ev.QueueID, ev)
	if f.principal.Kind == Forward {
		alias, to := ev.Bytes(ev.OrigTo), ev.Bytes(ev.To)
		mine = len(alias) > 0 && f.principal.isAlias(string(alias)) && !f.ours.has(DomainOf(string(to)))
		if mine {
			f.take(ev.Bytes(ev.QueueID), ev.Time)
			f.aliases.add(string(alias))
			f.targets.add(string(to))
		}
	}
	if !mine {
		return
	}
	if f.principal.Kind == Network || f.principal.Kind == Bounces {
		if !f.ours.elsewhere(ev.Bytes(ev.To)) {
			return
		}
	}
	f.statuses.add(ev.Status.String())
	f.destinations.add(DomainOf(string(ev.Bytes(ev.To))))
	if f.principal.Kind != Account && f.principal.Kind != Local {
		f.count(ev, 1, 0)
	}
	switch ev.Status {
	case parser.StatusBounced, parser.StatusSoftBounce:
		f.count(ev, 0, 1)
		t.Failed++
	case parser.StatusDeferred:
	default:
		if f.handedOn(ev) {
			f.handOn(ev.ChildQueueID, ev)
		}
		return
	}
	f.reasons.add(f.reason(ev))
	if reply := ev.Bytes(ev.Text); ev.Code > 0 && len(reply) > 0 {
		f.replies.add(string(reply[:min(len(reply), maxReply)]))
	}
}

// handedOn says whether a message went to a content filter on this host, whose
// "queued as" names its second pass.
func (f *Follower) handedOn(ev *parser.Event) bool {
	if f.principal.Kind == Forward || ev.ChildQueueID.Len() == 0 || ev.Daemon != parser.SMTP && ev.Daemon != parser.LMTP {
		return false
	}
	relay := ev.Bytes(ev.RelayAddress)
	return bytes.Equal(relay, []byte("127.0.0.1")) || bytes.Equal(relay, []byte("::1"))
}

// handOn makes the second pass of a message, which is counted, one of the principal's too.
func (f *Follower) handOn(id parser.Span, ev *parser.Event) {
	if len(f.mine) < maxIDs {
		f.mine[string(ev.Bytes(id))] = named{at: seconds(ev.Time), counted: true}
	}
}

func (f *Follower) has(id parser.Span, ev *parser.Event) bool {
	if id.Len() == 0 {
		return false
	}
	_, ok := f.mine[string(ev.Bytes(id))]
	return ok
}

func (f *Follower) count(ev *parser.Event, recipients, failed int) {
	f.trail.Recipients += recipients
	if m := f.minute(ev.Time); m != nil {
		m.Recipients += recipients
		m.Failed += failed
	}
}

func (f *Follower) minute(at int64) *Minute {
	const length = 60 * 1e9
	at -= at % length
	m := f.minutes[at]
	if m == nil && len(f.minutes) < maxMinutes {
		m = &Minute{Time: Moment(at)}
		f.minutes[at] = m
	}
	return m
}
