package ledger

// A content filter that pipe(8) feeds gives the message back through sendmail(1):
// only the Message-ID is the same. Anybody may write a Message-ID; but only the
// filter's own user can bring a second pass, and only of a message that has that
// one and no other's.

// passSlots is how many Message-IDs are remembered: those of the newest messages,
// in buckets of passWays.
const (
	passSlots = 1 << 16
	passWays  = 4
)

// passes finds a message by its Message-ID.
type passes struct {
	slots     []pass // nil where no filter needs them
	evictions uint64
}

type pass struct {
	key     uint32 // of the Message-ID, 0 for none
	shared  bool   // by messages of several owners
	message ref
	when    int64
}

// slot gives the slot of a key, else the one of its bucket that is used next.
func (p *passes) slot(key uint32) *pass {
	if p.slots == nil {
		p.slots = make([]pass, passSlots)
	}
	first := int(key>>1) % (passSlots / passWays) * passWays // the lowest bit is always set
	bucket := p.slots[first : first+passWays]
	oldest := &bucket[0]
	for i := range bucket {
		switch slot := &bucket[i]; {
		case slot.key == key:
			return slot
		case slot.key == 0 && oldest.key != 0, slot.when < oldest.when && oldest.key != 0:
			oldest = slot
		}
	}
	return oldest
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
	default:
		s.passes.enter(key, s, i)
	}
}

func (p *passes) enter(key uint32, s *State, i uint32) {
	slot := p.slot(key)
	old := s.messages.get(slot.message)
	same := slot.key == key && s.Now-slot.when < int64(keepClosed)
	if slot.key != 0 && slot.key != key && old != 0 {
		p.evictions++
	}
	shared := same && (slot.shared || old != 0 && old != i && s.messages.at(old).owner() != s.messages.at(i).owner())
	*slot = pass{key, shared, s.messages.ref(i), s.Now}
}

// rejoin makes a message that a filter's user brought the second pass of the one
// with its Message-ID, if there is one and no other of another owner.
func (s *State) rejoin(i uint32) {
	m := s.messages.at(i)
	key := uint32(m.who >> 32)
	if key == 0 || s.passes.slots == nil {
		return
	}
	slot := s.passes.slot(key)
	p := s.messages.get(slot.message)
	switch {
	case slot.key != key || p == 0 || p == i:
	case slot.shared: // a second pass for certain, and whose nobody knows
		m.flags |= flagPass | flagCounted
		s.tell(i, owner{OriginUnknown, 0})
	default:
		s.inherit(i, slot.message, flagPass)
	}
}

func (p *passes) walk(c *codec) {
	c.uint64(&p.evictions)
	sparse(c, p.slots, func(slot *pass) bool { return slot.key != 0 }, func(slot *pass) {
		number(c, &slot.key)
		truth(c, &slot.shared)
		number(c, &slot.message)
		c.int64(&slot.when)
	}, func(slot *pass) { *p.slot(slot.key) = *slot })
}
