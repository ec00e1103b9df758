package ledger

import "time"

// How long a message is kept, in log time. One in the queue has no age: it may
// stay for maximal_queue_lifetime, or on hold for good.
const (
	// keepWaiting is for transactions that may never end: before Postfix 3.10
	// an aborted one has no closing line, and DATA may take long.
	keepWaiting = 2 * time.Hour
	// keepUnsettled is how long the line that says whose a message is may come
	// after the message's own: a bounce's or a forwarded copy's link to its
	// parent, a content filter's answer, a line that is late.
	keepUnsettled = 10 * time.Second
	// keepClosed is for delivery lines that come after "removed": they are late by
	// moments. Each minute more is a larger table, and slower for it.
	keepClosed = 2 * time.Minute
)

// birth makes the entry of a queue id that has none and makes room for it. It
// gives 0 and nil where id is none.
func (s *State) birth(id queueID) (i uint32, m *message) {
	if id == (queueID{}) {
		return 0, nil
	}
	s.expire(2) // more leave than come, so that no line pays for many
	if s.messages.n >= s.messages.limit {
		s.evict()
	}
	return s.messages.insert(id, s.Now)
}

// reset makes the entry i, which is m, that of a new message with the same queue id.
func (s *State) reset(i uint32, m *message) {
	s.settle(i, m)
	s.messages.numbers++
	s.messages.move(i, m, listWaiting, s.Now)
	*m = message{id: m.id, hash: m.hash, prev: m.prev, next: m.next, when: m.when, list: m.list, number: s.messages.numbers}
}

// arrange puts the entry i, which is m, into the list that it belongs to by now.
func (s *State) arrange(i uint32, m *message) {
	if to := m.place(); m.list != to {
		s.messages.move(i, m, to, s.Now)
	}
}

func (m *message) place() listID {
	switch {
	case m.has(flagExpired), m.untold() && m.has(flagQueued|flagTried|flagMentioned):
		return listUnsettled
	case m.has(flagClosed):
		return listClosed
	case m.has(flagQueued | flagTried):
		return listLive
	}
	return listWaiting
}

// touch marks a message in the queue as used now. Second by second is fine
// enough to find the least recently used.
func (s *State) touch(i uint32, m *message) {
	if to := m.place(); m.list != to || to == listLive && s.Now-m.when >= int64(time.Second) {
		s.messages.move(i, m, to, s.Now)
	}
}

// expire lets entries go that have outlived their list, at most n of each.
func (s *State) expire(n int) {
	for range n {
		idle := true
		if i := s.outlived(listUnsettled, keepUnsettled); i != 0 {
			s.giveUp(i)
			idle = false
		}
		if i := s.outlived(listWaiting, keepWaiting); i != 0 {
			s.forget(i)
			idle = false
		}
		if i := s.outlived(listClosed, keepClosed); i != 0 {
			s.forget(i)
			idle = false
		}
		if idle {
			return
		}
	}
}

// outlived gives the first entry of a list if its time is over, also if the
// clock was set back since.
func (s *State) outlived(l listID, keep time.Duration) uint32 {
	i := s.messages.lists[l].head
	if i == 0 {
		return 0
	}
	if age := s.Now - s.messages.at(i).when; age <= int64(keep) && age > -int64(maxSkew) {
		return 0
	}
	return i
}

// settle ends the wait for lines that are due. Whose the message is stays as
// claimed, else it is unknown, which is better than a guess.
func (s *State) settle(i uint32, m *message) {
	if m.untold() && m.origin == OriginLocal {
		s.rejoin(i)
	}
	s.resolve(i, m)
	if m.untold() {
		switch {
		case m.flags&flagsSeen == 0:
			s.disown(i, owner{OriginUnknown, 0})
		case m.origin == originPending:
			s.release(m, owner{OriginUnknown, 0}, s.parentOwner(m), true)
			m.who = 0
			s.tell(i, owner{OriginUnknown, 0})
		default:
			s.tell(i, m.owner())
		}
	}
	if m.has(flagExpired) {
		m.flags &^= flagExpired
		s.failed(m.owner(), uint32(max(m.left, 0)))
		s.failForwards(m)
		m.left = 0
	}
}

// giveUp settles an entry, and forgets one that was only spoken of.
func (s *State) giveUp(i uint32) {
	m := s.messages.at(i)
	s.settle(i, m)
	if m.flags&flagsSeen == 0 {
		s.messages.remove(i, m)
		return
	}
	m.flags &^= flagMentioned
	s.arrange(i, m)
}

// forget lets an entry go.
func (s *State) forget(i uint32) {
	m := s.messages.at(i)
	s.settle(i, m)
	s.messages.remove(i, m)
}

// evict makes room for one entry: the one closed longest, else the one whose
// origin nobody told, else the least recently used. What it loses is who owns
// the lines still to come, never a message already counted.
func (s *State) evict() {
	t := &s.messages
	i := t.lists[listClosed].head
	if i == 0 {
		i = t.lists[listUnsettled].head
	}
	if i == 0 {
		i = t.lists[listWaiting].head
		if live := t.lists[listLive].head; i == 0 || live != 0 && t.at(live).when < t.at(i).when {
			i = live
		}
	}
	s.forget(i)
	t.evictions++
}

// MessageEntries is how many queue ids the ledger remembers.
func (s *State) MessageEntries() int { return s.messages.n }

// Queued is about how many messages are in the queue, by the log: some may have
// come before it was read, and some have gone in a gap of it.
func (s *State) Queued() int { return s.messages.lists[listLive].n }

// MessageEvictions is how many queue ids were forgotten to make room.
func (s *State) MessageEvictions() uint64 { return s.messages.evictions }
