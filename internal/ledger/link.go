package ledger

import (
	"net/netip"

	"postfix_exporter/parser"
)

// Messages that come out of others. What a line says of another queue id than
// its own is believed only where Postfix itself says it, or a program of this
// host that the mail went to.

// firstPass gives the queue id of which a content filter brings the second pass.
// Postfix logs it of clients that may use XFORWARD; a look-alike can only stand
// in sasl_sender, which any client may choose.
func (l *Ledger) firstPass(ev *parser.Event, client netip.Addr) (id queueID) {
	if ev.OrigQueueID.Len() == 0 || ev.SASLSender.Present() || !l.site.handsBack(client) && !client.IsLoopback() && !l.site.trusts(client) {
		return queueID{}
	}
	if id = queueIDOf(ev.Bytes(ev.OrigQueueID)); id == queueIDOf(ev.Bytes(ev.QueueID)) {
		return queueID{}
	}
	return id
}

// knownPass gives the entry of a second pass that the filter's answer has told
// already, if its first pass is known no more: the answer was to a message that
// postsuper(1) had put back, whose queue file keeps the first pass's id.
func (s *State) knownPass(id, first queueID) uint32 {
	i, m := s.messages.find(id)
	_, parent := s.messages.find(first)
	if m == nil || parent != nil && parent.flags&flagsSeen != 0 {
		return 0
	}
	if !m.has(flagPass) || m.has(flagBorn) || m.untold() && !s.isSeen(ref(m.who)) {
		return 0
	}
	return i
}

// mention gives the entry of a queue id that another message's line names. Its
// own lines may be late; if none comes it is forgotten soon.
func (s *State) mention(id queueID) uint32 {
	i, _ := s.messages.find(id)
	if i == 0 {
		var m *message
		if i, m = s.birth(id); i != 0 {
			m.flags |= flagMentioned
			s.arrange(i, m)
		}
	}
	return i
}

// inherit makes a message one that came out of another: that one's second pass,
// or what postsuper(1) made of it.
func (s *State) inherit(i uint32, parent ref, f flags) {
	if i == 0 {
		return
	}
	m := s.messages.at(i)
	m.flags = m.flags&^flagTold | flagInherits | f
	m.origin, m.who = originPending, uint64(parent)
	s.resolve(i, m)
	s.arrange(i, m)
}

// resolve gives a message its parent's owner, as soon as that is known and the
// message has been seen itself.
func (s *State) resolve(i uint32, m *message) {
	if m.has(flagInherits) { // as few are
		s.resolveHeir(i, m)
	}
}

func (s *State) resolveHeir(i uint32, m *message) {
	if m.flags&flagsSeen == 0 {
		return
	}
	p := s.messages.get(ref(m.who))
	if p == 0 || s.messages.at(p).untold() {
		return
	}
	parent := s.messages.at(p)
	tried := parent.flags & flagRetried
	if m.has(flagPass) {
		m.flags |= flagCounted
	} else {
		m.flags |= parent.flags & flagCounted
		tried |= parent.flags & flagTried
	}
	if tried != 0 {
		s.notFirst(m)
	}
	s.tell(i, parent.owner())
}

// notFirst notes that a message's recipients had their first attempt when it had
// another queue id.
func (s *State) notFirst(m *message) {
	m.flags |= flagRetried
	s.attempts.each(m, func(t *try) { t.first = false })
}

// disown makes a message one of its own again, which only its queue id and the
// words of a host on the way had made another's second pass: it is o's.
func (s *State) disown(i uint32, o owner) {
	m := s.messages.at(i)
	s.release(m, o, s.parentOwner(m), false)
	m.flags &^= flagInherits | flagPass
	m.who = 0
}

// parentOwner is whose message it is that m came out of.
func (s *State) parentOwner(m *message) owner {
	if p := s.messages.get(ref(m.who)); m.has(flagInherits) && p != 0 && !s.messages.at(p).untold() {
		return s.messages.at(p).owner()
	}
	return owner{OriginUnknown, 0}
}

// link tells the origin of a message that another one gave rise to, before or
// after that message's own lines.
func (s *State) link(child queueID, o Origin) {
	i, m := s.about(child, true)
	if i == 0 {
		return
	}
	if m.untold() && !m.has(flagBorn|flagInherits) {
		s.tell(i, owner{o, 0})
	}
}

// handedOver says whether what took a message of entry i was a content filter.
// A remote host's words prove nothing: only the "queued as" of a host that mail
// comes back from, of a message that came back.
func (l *Ledger) handedOver(i uint32, ev *parser.Event, t *try) hand {
	s := &l.state
	certain := handNone
	if l.site.toFilter(ev) {
		certain = handOver
	}
	if ev.Daemon != parser.SMTP && ev.Daemon != parser.LMTP || ev.ChildQueueID.Len() == 0 || certain == handNone && !l.nearby(ev) {
		return certain
	}
	id := queueIDOf(ev.Bytes(ev.ChildQueueID))
	if id == (queueID{}) {
		return certain
	}
	parent := s.messages.ref(i)
	c := s.mention(id)
	if c == 0 || c == i {
		return certain
	}
	m := s.messages.at(c)
	switch {
	case m.untold() && m.has(flagPass) && !s.isSeen(ref(m.who)):
		s.inherit(c, parent, flagPass) // of a message put back, whose own first pass is forgotten
	case m.has(flagPass): // told already
	case !m.untold(), m.has(flagInherits), m.origin == OriginLocal:
		return certain // another's
	default:
		s.inherit(c, parent, flagPass)
	}
	if m.flags&flagsSeen != 0 {
		return handOver
	}
	held := *t
	held.hand, held.elsewhere = handAwaits, false
	s.hold(c, held)
	return handPerhaps
}

// isSeen says whether a message is known by lines of its own.
func (s *State) isSeen(r ref) bool {
	i := s.messages.get(r)
	return i != 0 && s.messages.at(i).flags&flagsSeen != 0
}

// nearby says whether a delivery went to this host, or to one that filters for it.
func (l *Ledger) nearby(ev *parser.Event) bool {
	if nearby(ev) {
		return true
	}
	addr, ok := parseAddr(ev.Bytes(ev.RelayAddress))
	return ok && within(l.site.FilterClients, addr)
}
