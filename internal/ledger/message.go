package ledger

import (
	"math"
	"net/netip"
	"time"

	"postfix_exporter/parser"
)

// A message's life: born by smtpd's client=, pickup's uid= or cleanup's
// message-id=, in the queue from the queue manager's first line on, removed at
// its end. Lines of different programs may come in any order within moments;
// reuse tells them from those of another message with the same queue id.

// reuse is the least time after which a queue id can name another message: it
// holds the microsecond of its message's birth, and stamps may be whole seconds.
const reuse = time.Second

// client is smtpd's line of an accepted message.
func (l *Ledger) client(ev *parser.Event) {
	s := &l.state
	addr, _ := parseAddr(ev.Bytes(ev.ClientAddress))
	if ev.NoQueue {
		o := l.submitter(ev, addr)
		s.proxies.enter(s.process(ev), s.Now).value = o
		s.submits(o, addr)
		return
	}
	id := queueIDOf(ev.Bytes(ev.QueueID))
	if first := l.firstPass(ev, addr); first != (queueID{}) {
		if _, m := s.messages.find(id); m != nil && m.has(flagPass) && m.waits() {
			return // it is said twice
		}
		if i := s.knownPass(id, first); i != 0 {
			m := s.messages.at(i)
			m.flags |= flagBorn
			s.resolve(i, m)
			return
		}
		if p := s.mention(first); p != 0 {
			before := s.messages.at(p)
			parent, again := s.messages.ref(p), before.has(flagClosed) && s.isOld(before)
			i, m := s.messages.find(id)
			i, m = s.begin(i, m, id, true)
			if i != 0 && again { // postsuper(1) put it back, long after the first pass
				s.notFirst(m)
			}
			s.inherit(i, parent, flagPass)
			return
		}
	}
	o := l.submitter(ev, addr)
	i, m := s.messages.find(id)
	if m != nil && m.waits() && m.owner() == o {
		return
	}
	back := o.origin != OriginSASL && l.site.handsBack(addr)
	i, m = s.begin(i, m, id, back)
	if i == 0 {
		return
	}
	switch {
	case m.has(flagTold): // by a proxy's line, or a filter's answer
	case back && m.has(flagInherits): // by a filter's answer
		s.resolve(i, m)
	case back && ev.OrigClient.Len() > 0:
		l.claim(i, owner{OriginUnknown, 0}) // somebody else's, and only another line can say whose
	case back:
		l.claim(i, o)
	default:
		if m.has(flagInherits) {
			s.disown(i, o)
		}
		l.own(i, o)
		s.submits(o, addr)
	}
}

// submits hands on that an account's message was accepted from a client.
func (s *State) submits(o owner, client netip.Addr) {
	if o.origin == OriginSASL {
		s.submitted(o.account(), client)
	}
}

// submitter says who hands a message to smtpd.
func (l *Ledger) submitter(ev *parser.Event, addr netip.Addr) owner {
	switch {
	case ev.SASLUsername.Len() > 0:
		return l.account(ev)
	case l.site.trusts(addr):
		return owner{OriginNetwork, uint64(networkOf(addr))}
	}
	return owner{OriginInbound, uint64(networkOf(addr))}
}

// account is the owner that a line's sasl_username is.
func (l *Ledger) account(ev *parser.Event) owner {
	return owner{OriginSASL, uint64(l.state.Accounts.handle(ev.Bytes(ev.SASLUsername), l.state.tick))}
}

// pickup is the line of a local submission, or of a message that postsuper(1)
// put back: it keeps its owner, and the uid is only the mail system's.
func (l *Ledger) pickup(ev *parser.Event) {
	s := &l.state
	id := queueIDOf(ev.Bytes(ev.QueueID))
	if ev.OrigQueueID.Len() > 0 {
		s.requeue(id, queueIDOf(ev.Bytes(ev.OrigQueueID)))
		return
	}
	o := owner{OriginLocal, uint64(ev.UID)}
	i, m := s.messages.find(id)
	if m != nil && m.waits() && m.owner() == o {
		return
	}
	i, _ = s.begin(i, m, id, false)
	switch {
	case i == 0:
	case l.site.filterUser(ev.UID):
		l.claim(i, o)
	default:
		l.own(i, o)
	}
}

// requeue gives a message another queue id.
func (s *State) requeue(id, before queueID) {
	var old ref
	if i, _ := s.messages.find(before); i != 0 {
		old = s.messages.ref(i)
		s.end(before)
	}
	i, m := s.messages.find(id)
	i, m = s.begin(i, m, id, false)
	if i == 0 {
		return
	}
	p := s.messages.get(old)
	if p == 0 || p == i {
		s.tell(i, owner{OriginUnknown, 0})
		return
	}
	s.moveForwards(s.messages.at(p), m)
	s.inherit(i, old, 0)
}

// messageID is cleanup's line. Where nothing came before it, the message was
// made inside, or the line that says who sent it is late.
func (l *Ledger) messageID(ev *parser.Event) {
	s := &l.state
	i, m := s.about(queueIDOf(ev.Bytes(ev.QueueID)), false)
	if i == 0 {
		return
	}
	m.flags |= flagMessageID
	if l.site.pipes() && ev.MessageID.Len() > 0 {
		l.identify(i, s.senderKey(ev.Bytes(ev.MessageID)))
	}
	s.resolve(i, m)
}

// active is the queue manager's line: at the first one the message counts.
func (l *Ledger) active(ev *parser.Event) {
	s := &l.state
	i, m := s.about(queueIDOf(ev.Bytes(ev.QueueID)), false)
	if i == 0 {
		return
	}
	n := int32(min(max(ev.Recipients, 0), math.MaxInt32))
	if m.has(flagQueued) {
		if !m.has(flagClosed) {
			m.flags |= flagRetried // it left the active queue when all were tried
		}
		s.touch(i, m)
		return
	}
	m.flags |= flagQueued
	m.recipients = uint32(n)
	m.left += n
	if domain := domainOf(ev.Bytes(ev.From)); domain != nil {
		m.sender = s.senderKey(domain)
		if l.site.DomainsKnown && (m.untold() || m.origin == OriginSASL) && !l.ours(domain) {
			m.flags |= flagForeign
		}
	}
	s.resolve(i, m)
	s.count(m)
	s.arrange(i, m)
}

// attempt is a delivery attempt for one recipient of the message.
func (l *Ledger) attempt(ev *parser.Event, reason parser.FailureReason) {
	s := &l.state
	id := queueIDOf(ev.Bytes(ev.QueueID))
	i, m := s.messages.find(id)
	if i == 0 {
		i, m = s.birth(id) // its other lines may be late
	}
	if i == 0 {
		return
	}
	if ev.Status == parser.StatusDeliverable || ev.Status == parser.StatusUndeliverable {
		if m.untold() {
			s.tell(i, owner{originProbe, 0})
		}
		return
	}
	m.flags |= flagTried
	s.resolve(i, m)
	if ev.Status == parser.StatusSent || ev.Status == parser.StatusBounced {
		m.left--
	}
	t := try{attempt: attempt{status: ev.Status, reason: reason, first: m.first()}}
	if ev.Daemon != parser.Local { // which may write several lines for one recipient
		m.tries++
	}
	if m.untold() || m.origin == OriginSASL { // local users have no figure for it
		t.domain = s.domainKey(domainOf(ev.Bytes(ev.To)))
	}
	if ev.Status == parser.StatusSent {
		this := s.messages.ref(i)
		t.hand = l.handedOver(i, ev, &t)
		if s.messages.get(this) == 0 { // it had to make room
			s.try(owner{OriginUnknown, 0}, &t)
			return
		}
	}
	if ev.OrigTo.Len() > 0 || m.has(flagPass) {
		l.forward(m, ev, &t)
	}
	if !t.forwarded && t.first && !m.has(flagPass) && (m.untold() || m.origin == OriginInbound) {
		t.elsewhere = l.elsewhere(ev)
	}
	if m.untold() {
		s.hold(i, t)
		s.arrange(i, m)
		return
	}
	s.try(m.owner(), &t)
	s.touch(i, m)
}

// first says whether the next attempt is a recipient's first: the message returns
// to the queue only when all were tried, and the line that it comes back may be late.
func (m *message) first() bool {
	return !m.has(flagRetried) && (!m.has(flagQueued) || m.tries < m.recipients)
}

// try counts an attempt for its owner.
func (s *State) try(o owner, t *try) {
	if t.elsewhere && t.first && o.origin == OriginInbound {
		s.Relayed++
		s.Clients.add(s.tick, o.network(), ClientRelayed)
	}
	if t.forwarded {
		s.forwarded(*t)
	}
	switch t.hand {
	case handOver:
		s.HandedOver++
	case handNone:
		s.OriginDeliveries[o.origin][t.status]++
		s.attempted(o, t.attempt)
	case handNotice:
		s.OriginBounces[o.origin]++
	}
}

// expired is the queue manager's line of a message that was too long in the
// queue: whoever is left gets it no more. Who that is shows a moment later. The
// line comes again where the sender's notification could not be made.
func (s *State) expired(ev *parser.Event) {
	if i, m := s.messages.find(queueIDOf(ev.Bytes(ev.QueueID))); i != 0 {
		if m.has(flagGivenUp) {
			return
		}
		m.flags |= flagExpired | flagGivenUp
		s.arrange(i, m)
	}
	s.Expired++
}

// end closes a message. It is kept a while for lines that come late.
func (s *State) end(id queueID) {
	if i, m := s.messages.find(id); i != 0 {
		m.flags |= flagClosed
		s.arrange(i, m)
	}
}

// begin gives a message to the line that says who sent it: a new one, or the
// entry i, which is m, whose other lines came first. A message that has had such a line, or an
// origin that needs none, is another one's, and the id is used again; but what a
// proxy or a filter named may come back.
func (s *State) begin(i uint32, m *message, id queueID, back bool) (uint32, *message) {
	if i == 0 {
		i, m = s.birth(id)
	} else if m.has(flagBorn) || m.has(flagTold) && (!back || !m.has(flagProxied|flagPass)) {
		s.reset(i, m)
	}
	if i != 0 {
		m.flags |= flagBorn
	}
	return i, m
}

// about gives the entry of the message that a line is about, 0 and nil where id is
// none: a new one too where the id is used again, by a message whose birth was missed.
// Where the line may be what a closed message without an owner still waits for,
// keepUntold says so.
func (s *State) about(id queueID, keepUntold bool) (i uint32, m *message) {
	i, m = s.messages.find(id)
	if i == 0 {
		return s.birth(id)
	}
	if m.has(flagClosed) && (!keepUntold || !m.untold()) && s.isOld(m) {
		s.reset(i, m)
	}
	return i, m
}

// waits says whether the line of who sent the message has come, and nothing of
// the queue manager yet.
func (m *message) waits() bool { return m.has(flagBorn) && !m.has(flagQueued|flagClosed) }

// isOld says whether a closed message's id may be another's by now.
func (s *State) isOld(m *message) bool {
	age := s.Now - m.when
	return age > int64(reuse) || age < -int64(reuse)
}
