package ledger

import "postfix_exporter/parser"

// maxHeld bounds the attempts held back at a time, at 32 bytes each.
const maxHeld = 1 << 16

// try is an attempt as the flow of messages knows it.
type try struct {
	attempt
	alias     uint32 // handle of the alias's domain, if forwarded
	forwarded bool   // an alias of ours sent it elsewhere
	passed    bool   // the same, and it was counted before a content filter had it
	elsewhere bool   // relayed, if the message is a stranger's
	hand      hand
}

// hand says whether an attempt only handed the message to a content filter, which
// is no delivery.
type hand uint8

const (
	handNone    hand = iota
	handOver         // to a filter
	handPerhaps      // to a filter, if the other message turns out to be its second pass
	handAwaits       // the same, held back for that message
	handNotice       // no attempt at all: a notification that the message bounced
)

// attempts holds back what was tried for messages whose owner is not told yet:
// a ring for each, of which the entry knows the last one. Number 0 means none.
type attempts struct {
	items     []heldTry
	free      uint32 // linked by next
	n         int
	evictions uint64 // messages whose owner was given up early to make room
}

type heldTry struct {
	try
	next uint32
}

// hold remembers an attempt until the message's owner is known. Where there is
// no room, what waits for longest is given up.
func (s *State) hold(i uint32, t try) {
	a := &s.attempts
	for a.n >= maxHeld {
		a.evictions++
		first := s.messages.lists[listUnsettled].head
		if first == 0 || first == i {
			s.dispose(t, owner{OriginUnknown, 0})
			return
		}
		s.giveUp(first)
	}
	a.push(s.messages.at(i), t)
}

// push puts an attempt at the end of a message's ring.
func (a *attempts) push(m *message, t try) {
	k := a.free
	if k != 0 {
		a.free = a.items[k].next
	} else {
		if len(a.items) == 0 {
			a.items = make([]heldTry, 1, 64)
		}
		k = uint32(len(a.items))
		a.items = append(a.items, heldTry{})
	}
	a.n++
	first := k
	if m.held != 0 {
		first = a.items[m.held].next
		a.items[m.held].next = k
	}
	a.items[k] = heldTry{t, first}
	m.held = k
}

// release counts the attempts held back for a message, in their order: the
// message's own for o; those that may have handed it over for from, unless they
// did (handed).
func (s *State) release(m *message, o, from owner, handed bool) {
	a := &s.attempts
	last := m.held
	if last == 0 {
		return
	}
	m.held = 0
	for k := a.items[last].next; ; {
		t, next := a.items[k].try, a.items[k].next
		a.items[k] = heldTry{next: a.free}
		a.free = k
		a.n--
		if m.has(flagPass) {
			t.elsewhere = false // the first pass has told it
		}
		switch {
		case t.hand != handAwaits:
			s.try(o, &t)
		case handed:
			s.HandedOver++
		default:
			s.dispose(t, from)
		}
		if k == last {
			return
		}
		k = next
	}
}

// dispose counts an attempt that is a delivery after all.
func (s *State) dispose(t try, o owner) {
	if t.hand == handAwaits {
		t.hand = handNone
	}
	s.try(o, &t)
}

// walk visits the attempts held back for one message.
func (a *attempts) walk(c *codec, m *message) {
	if c.reading {
		m.held = 0
		for n := c.length(0); n > 0 && c.err == nil; n-- {
			var t try
			t.walk(c)
			if a.n >= maxHeld {
				c.fail("more than %d attempts are held back", maxHeld)
				return
			}
			a.push(m, t)
		}
		return
	}
	n := 0
	a.each(m, func(*try) { n++ })
	c.length(n)
	a.each(m, func(t *try) { t.walk(c) })
}

func (a *attempts) each(m *message, f func(*try)) {
	if m.held == 0 {
		return
	}
	for k := a.items[m.held].next; ; k = a.items[k].next {
		f(&a.items[k].try)
		if k == m.held {
			return
		}
	}
}

func (t *try) walk(c *codec) {
	c.uint64(&t.domain)
	rowNumber(c, &t.status, parser.NumStatuses)
	rowNumber(c, &t.reason, parser.NumFailureReasons)
	truth(c, &t.first)
	number(c, &t.alias)
	truth(c, &t.forwarded)
	truth(c, &t.passed)
	truth(c, &t.elsewhere)
	number(c, &t.hand)
}
