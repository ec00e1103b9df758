package ledger

import "postfix_exporter/parser"

// What aliases of ours sent elsewhere, by the aliases' domains.

// Of so many messages it is remembered that recipients of an alias still wait, and
// of so many recipients that a filter has them: those of the newest.
const (
	waitingForwardSlots = 1 << 16
	passedForwardSlots  = 1 << 16
)

// waitingForwards are the recipients of a message that an alias of this domain sent
// elsewhere and that were not delivered yet. Where there are two domains, the
// first stands for both.
type waitingForwards struct{ domain, n uint32 }

// forward notes in t whether an alias of ours sent the recipient elsewhere: the
// line says it, or the one that handed it to the filter that this message m is
// from did.
func (l *Ledger) forward(m *message, ev *parser.Event, t *try) {
	s := &l.state
	switch {
	case ev.OrigTo.Len() > 0 && l.forwards(ev, t.hand != handNone):
		t.forwarded, t.alias = true, l.ownDomain(&s.Forwards, domainOf(ev.Bytes(ev.OrigTo)), s.tick)
	case m.has(flagPass) && s.waitingForwards.find(uint64(m.number)) != nil:
		if at := s.passedForwards.find(s.recipientKey(m, ev)); at != nil {
			t.forwarded, t.passed, t.alias = true, true, at.value
		}
	}
	if !t.forwarded {
		return
	}
	switch known := t.passed || !t.first; {
	case t.status == parser.StatusDeferred && !known:
		s.waitForward(m, t.alias)
	case t.status != parser.StatusDeferred && known:
		s.endForward(m)
	}
	if t.hand == handNone || ev.ChildQueueID.Len() == 0 {
		return
	}
	if _, second := s.messages.find(queueIDOf(ev.Bytes(ev.ChildQueueID))); second != nil && second.has(flagPass) {
		s.waitForward(second, t.alias)
		s.passedForwards.enter(s.recipientKey(second, ev), s.Now).value = t.alias
	}
}

func (s *State) recipientKey(m *message, ev *parser.Event) uint64 {
	return max(s.seed.mix(s.seed.hash(ev.Bytes(ev.To)), uint64(m.number)), 1)
}

func (s *State) waitForward(m *message, domain uint32) {
	waiting := &s.waitingForwards.enter(uint64(m.number), s.Now).value
	if waiting.n == 0 {
		waiting.domain = domain
	}
	waiting.n++
}

func (s *State) endForward(m *message) {
	at := s.waitingForwards.find(uint64(m.number))
	if at == nil {
		return
	}
	if at.value.n--; at.value.n == 0 {
		s.waitingForwards.leave(at)
	}
}

// moveForwards takes a message that has another queue id now.
func (s *State) moveForwards(from, to *message) {
	at := s.waitingForwards.find(uint64(from.number))
	if at == nil {
		return
	}
	waiting := at.value
	s.waitingForwards.leave(at)
	if now := &s.waitingForwards.enter(uint64(to.number), s.Now).value; waiting.n > now.n { // else it was tried before its own line
		*now = waiting
	}
}

// failForwards takes a message that nobody gets any more of those who are left.
func (s *State) failForwards(m *message) {
	if at := s.waitingForwards.find(uint64(m.number)); at != nil {
		n := min(at.value.n, uint32(max(m.left, 0)))
		s.Forwards.add(s.Forwards.row(at.value.domain), s.tick, Failed, n)
		s.waitingForwards.leave(at)
	}
}

// forwarded counts an attempt for a recipient that an alias of ours sent
// elsewhere, besides attempted.
func (s *State) forwarded(t try) {
	now := s.tick
	i := s.Forwards.row(t.alias)
	if t.first && !t.passed {
		s.Forwarded++
		s.Forwards.add(i, now, Recipients, 1)
	}
	s.Forwards.outcome(i, now, t.attempt)
}

// ownDomain gives the handle that a domain has in p, if it may be shown: it is
// one of the configuration's or, where some of these stand in tables, looks
// like a domain.
func (l *Ledger) ownDomain(p *Principals, domain []byte, now tick) uint32 {
	var lower [maxDomainLength]byte
	if len(domain) > len(lower) {
		return noAccount
	}
	for i, c := range domain {
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		default:
			return noAccount
		}
		lower[i] = c
	}
	name := lower[:len(domain)]
	if l.site.DomainsKnown && !l.domains[string(name)] {
		return noAccount
	}
	return p.handle(name, now)
}
