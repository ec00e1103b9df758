package ledger

// untold says whether it is still open whose message it is.
func (m *message) untold() bool { return !m.has(flagTold) }

// owner is whom the message counts for, told or claimed.
func (m *message) owner() owner {
	if m.origin == OriginLocal {
		return owner{OriginLocal, uint64(uint32(m.who))}
	}
	return owner{m.origin, m.who}
}

// own tells whose message it is, by smtpd's or pickup's line.
func (l *Ledger) own(i uint32, o owner) {
	key := l.state.messages.at(i).identity()
	l.state.tell(i, o)
	if key != 0 {
		l.identify(i, key)
	}
}

// claim says whose message it is, unless it is a content filter's second pass or
// a proxy's, of which the line that says so is still to come.
func (l *Ledger) claim(i uint32, o owner) {
	m := l.state.messages.at(i)
	key := m.identity()
	m.origin, m.who = o.origin, o.who
	if key != 0 {
		l.identify(i, key)
	}
	l.state.arrange(i, m)
}

// tell sets a message's owner and counts what waited for it.
func (s *State) tell(i uint32, o owner) {
	m := s.messages.at(i)
	m.origin, m.who = o.origin, o.who
	m.flags = m.flags&^(flagInherits|flagMentioned) | flagTold
	s.count(m)
	s.release(m, o, o, true)
	s.arrange(i, m)
}

// count counts a message once, when it is in the queue and its owner known.
func (s *State) count(m *message) {
	if m.has(flagCounted) || !m.has(flagQueued) || m.untold() || m.origin == originProbe {
		return
	}
	m.flags |= flagCounted
	s.Origins[m.origin].Messages++
	s.Origins[m.origin].Recipients += uint64(m.recipients)
	if m.origin == OriginInbound && m.sender == 0 {
		s.InboundBounces.Accepted++
	}
	s.accepted(m.owner(), m.recipients, s.foreignSender(m))
}

func (s *State) walkOwner(c *codec, o *owner) {
	rowNumber(c, &o.origin, numOrigins)
	c.uint64(&o.who)
}
