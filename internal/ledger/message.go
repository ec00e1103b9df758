package ledger

import (
	"bytes"
	"math"
	"time"

	"postfix_exporter/parser"
)

// A message's life: born by smtpd's client=, pickup's uid= or cleanup's
// message-id=, in the queue from the queue manager's first line on, removed at
// its end. Lines of different programs may come in any order.

// client is smtpd's line of an accepted message.
func (l *Ledger) client(ev *parser.Event) {
	s := &l.state
	if ev.NoQueue { // a before-queue filter's front; its back end logs the queue id
		return
	}
	if first := s.messages.find(ev.Bytes(ev.OrigQueueID)); first != 0 && !bytes.Equal(ev.Bytes(ev.OrigQueueID), ev.Bytes(ev.QueueID)) {
		// A content filter's second pass is the same message.
		m := *s.messages.at(first)
		i := s.begin(ev.Bytes(ev.QueueID))
		s.messages.at(i).flags |= flagCounted
		s.tell(i, inherited(m.origin), m.account, m.uid)
		return
	}
	origin, account := l.submitter(ev)
	s.tell(s.begin(ev.Bytes(ev.QueueID)), origin, account, 0)
	if addr, ok := parseAddr(ev.Bytes(ev.ClientAddress)); ok && origin == OriginSASL {
		s.submitted(account, addr)
	}
}

// submitter says who hands a message to smtpd.
func (l *Ledger) submitter(ev *parser.Event) (o Origin, account uint32) {
	if ev.SASLUsername.Len() > 0 {
		return OriginSASL, l.state.Accounts.row(ev.Bytes(ev.SASLUsername))
	}
	addr, ok := parseAddr(ev.Bytes(ev.ClientAddress))
	if !ok {
		return OriginInbound, 0
	}
	if ev.OrigQueueID.Len() > 0 && addr.IsLoopback() { // a filter's, but we don't know of its first pass
		return OriginUnknown, 0
	}
	for _, network := range l.networks {
		if network.Contains(addr) {
			return OriginNetwork, 0
		}
	}
	return OriginInbound, 0
}

// pickup is the line of a local submission, or of a message that postsuper(1)
// put back: it keeps its owner, and the uid is only the mail system's.
func (s *State) pickup(ev *parser.Event) {
	if ev.OrigQueueID.Len() == 0 {
		s.tell(s.begin(ev.Bytes(ev.QueueID)), OriginLocal, 0, ev.UID)
		return
	}
	before := s.messages.find(ev.Bytes(ev.OrigQueueID))
	if before == 0 || bytes.Equal(ev.Bytes(ev.OrigQueueID), ev.Bytes(ev.QueueID)) {
		s.tell(s.begin(ev.Bytes(ev.QueueID)), OriginUnknown, 0, 0)
		return
	}
	m := *s.messages.at(before)
	s.end(ev.Bytes(ev.OrigQueueID))
	i := s.begin(ev.Bytes(ev.QueueID))
	s.messages.at(i).flags |= m.flags & flagCounted
	s.tell(i, inherited(m.origin), m.account, m.uid)
}

// inherited is the origin of a message that came out of another.
func inherited(o Origin) Origin {
	if o == originPending {
		return OriginUnknown
	}
	return o
}

// messageID is cleanup's line. Where nothing came before it, the message was
// made inside, or the line that says who sent it is late.
func (s *State) messageID(ev *parser.Event) {
	i := s.messages.find(ev.Bytes(ev.QueueID))
	switch {
	case i == 0:
		i = s.birth(ev.Bytes(ev.QueueID))
	case s.messages.at(i).has(flagClosed) && s.messages.at(i).has(flagMessageID):
		s.reset(i) // the id is used again
	}
	if i != 0 {
		s.messages.at(i).flags |= flagMessageID
	}
}

// active is the queue manager's line: at the first one the message counts.
func (s *State) active(ev *parser.Event) {
	i := s.messages.find(ev.Bytes(ev.QueueID))
	switch {
	case i == 0:
		i = s.birth(ev.Bytes(ev.QueueID))
	case s.messages.at(i).has(flagClosed):
		s.reset(i) // the id is used again, by a message whose birth we missed
	}
	if i == 0 {
		return
	}
	m := s.messages.at(i)
	m.left = uint32(min(max(ev.Recipients, 0), math.MaxUint32))
	if m.has(flagQueued) {
		m.flags |= flagRetried // it leaves the active queue only when all were tried
		s.touch(i)
		return
	}
	m.flags |= flagQueued
	m.recipients = m.left
	s.messages.move(i, listLive, s.Now)
	s.count(m)
}

// link tells the origin of a message that another one gave rise to, before or
// after that message's own lines.
func (s *State) link(child []byte, o Origin) {
	i := s.messages.find(child)
	if i == 0 {
		i = s.birth(child)
	}
	if i != 0 && s.messages.at(i).origin == originPending {
		s.tell(i, o, 0, 0)
	}
}

// attempt is a delivery attempt for one recipient of the message.
func (s *State) attempt(ev *parser.Event, reason parser.FailureReason) {
	i := s.messages.find(ev.Bytes(ev.QueueID))
	if i == 0 {
		i = s.birth(ev.Bytes(ev.QueueID)) // its other lines may be late
	}
	if i == 0 {
		return
	}
	m := s.messages.at(i)
	pending := m.origin == originPending
	switch {
	case pending && (ev.Status == parser.StatusDeliverable || ev.Status == parser.StatusUndeliverable):
		s.tell(i, originProbe, 0, 0)
	case pending:
		m.hold(ev.Status)
		if m.list == listLive {
			s.messages.move(i, listUnsettled, s.Now)
		}
	case m.origin == OriginSASL:
		a := attempt{status: ev.Status, reason: reason, first: !m.has(flagRetried), domain: s.domainKey(domainOf(ev.Bytes(ev.To)))}
		s.attempted(m.owner(), a)
	}
	if ev.Status == parser.StatusSent || ev.Status == parser.StatusBounced {
		m.left -= min(m.left, 1)
	}
	s.touch(i)
}

// expired is the queue manager's line of a message that was too long in the
// queue: whoever is left gets it no more.
func (s *State) expired(ev *parser.Event) {
	if i := s.messages.find(ev.Bytes(ev.QueueID)); i != 0 {
		m := s.messages.at(i)
		s.failed(m.owner(), m.left)
		m.left = 0
	}
}

// domainOf gives what stands behind the last '@' of an address.
func domainOf(address []byte) []byte { return address[bytes.LastIndexByte(address, '@')+1:] }

// end closes a message. It is kept a while for lines that come late.
func (s *State) end(id []byte) {
	i := s.messages.find(id)
	if i == 0 {
		return
	}
	m := s.messages.at(i)
	m.flags |= flagClosed
	if m.origin == originPending && m.has(flagQueued) {
		if m.list != listUnsettled {
			s.messages.move(i, listUnsettled, s.Now)
		}
		return
	}
	s.messages.move(i, listClosed, s.Now)
}

// begin gives a message to the line that says who sent it: a new one, or the
// one that is still without an origin because its other lines came first. A
// message that has its origin is another one's, and the id is used again.
func (s *State) begin(id []byte) uint32 {
	i := s.messages.find(id)
	if i == 0 {
		return s.birth(id)
	}
	if s.messages.at(i).origin != originPending {
		s.reset(i)
	}
	return i
}

// tell sets a message's origin and counts what waited for it.
func (s *State) tell(i uint32, o Origin, account, uid uint32) {
	if i == 0 {
		return
	}
	m := s.messages.at(i)
	m.origin, m.account, m.uid = o, account, uid
	s.count(m)
	if o == OriginSASL {
		s.release(m)
	}
	if m.list == listUnsettled {
		to := listLive
		if m.has(flagClosed) {
			to = listClosed
		}
		s.messages.move(i, to, s.Now)
	}
}

// count counts a message once, when it is in the queue and its origin known.
func (s *State) count(m *message) {
	if m.has(flagCounted) || !m.has(flagQueued) || m.origin == originPending || m.origin == originProbe {
		return
	}
	m.flags |= flagCounted
	s.Origins[m.origin].Messages++
	s.Origins[m.origin].Recipients += uint64(m.recipients)
	s.accepted(m.owner(), m.recipients, false)
}

// touch marks a message in the queue as used now. Second by second is fine
// enough to find the least recently used.
func (s *State) touch(i uint32) {
	m := s.messages.at(i)
	if m.list == listLive && m.when/int64(time.Second) != s.Now/int64(time.Second) {
		s.messages.move(i, listLive, s.Now)
	}
}

// owner is whom the message counts for.
func (m *message) owner() owner {
	if m.origin == OriginLocal {
		return owner{OriginLocal, uint64(m.uid)}
	}
	return owner{m.origin, uint64(m.account)}
}
