package ledger

// A content filter that pipe(8) feeds gives the message back through sendmail(1):
// only the Message-ID is the same. Anybody may write a Message-ID; but only the
// filter's own user can bring a second pass, and only of a message that has that
// one and no other's.

// passSlots is how many Message-IDs are remembered: those of the newest messages.
const passSlots = 1 << 16

// pass is the message that has a Message-ID.
type pass struct {
	message ref
	shared  bool // by messages of several owners
}

// identity is the key of a Message-ID that came before all else.
func (m *message) identity() uint32 {
	if m.untold() && !m.has(flagInherits) && m.origin == originPending {
		return uint32(m.who)
	}
	return 0
}

// identify takes in a message's Message-ID: the filter user's finds the message
// that it is the second pass of; any other may be such a one.
func (l *Ledger) identify(i, key uint32) {
	s := &l.state
	m := s.messages.at(i)
	switch {
	case m.has(flagInherits | flagPass):
	case m.origin == originPending:
		m.who = uint64(key)
	case m.untold() && m.origin == OriginLocal:
		m.who = uint64(key)<<32 | uint64(uint32(m.who))
		s.rejoin(i)
	case m.origin == OriginForward || m.origin == OriginBounce: // Postfix filters nothing that it makes itself
	default:
		s.remember(key, i)
	}
}

func (s *State) remember(key uint32, i uint32) {
	before := s.passes.find(uint64(key))
	shared := false
	if before != nil && s.Now-before.when < int64(keepClosed) {
		old := s.messages.get(before.value.message)
		shared = before.value.shared || old != 0 && s.messages.at(old).owner() != s.messages.at(i).owner()
	}
	s.passes.enter(uint64(key), s.Now).value = pass{s.messages.ref(i), shared}
}

// rejoin makes a message that a filter's user brought the second pass of the one
// with its Message-ID, if there is one and no other of another owner.
func (s *State) rejoin(i uint32) {
	m := s.messages.at(i)
	first := s.passes.find(m.who >> 32)
	if m.who>>32 == 0 || first == nil {
		return
	}
	switch p := s.messages.get(first.value.message); {
	case p == 0 || p == i:
	case first.value.shared: // a second pass for certain, and whose nobody knows
		m.flags |= flagPass | flagCounted
		s.tell(i, owner{OriginUnknown, 0})
	default:
		s.inherit(i, first.value.message, flagPass)
	}
}
