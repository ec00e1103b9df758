package ledger

import (
	"time"

	"postfix_exporter/parser"
)

// How long a message is kept, in log time. One in the queue has no age: it may
// stay for maximal_queue_lifetime, or on hold for good.
const (
	// keepWaiting is for transactions that may never end: before Postfix 3.10
	// an aborted one has no closing line, and DATA may take long.
	keepWaiting = 2 * time.Hour
	// keepUnsettled is how long the line that links a bounce or a forwarded
	// copy to its parent may come after the copy's own.
	keepUnsettled = 10 * time.Second
	// keepClosed is for delivery lines that come after "removed".
	keepClosed = 10 * time.Minute
)

// birth makes the entry of a queue id that has none and makes room for it. It
// gives 0 where id is none.
func (s *State) birth(id []byte) uint32 {
	if len(id) == 0 || len(id) > parser.MaxQueueID {
		return 0
	}
	s.expire(2) // more leave than come, so that no line pays for many
	if s.messages.n >= s.messages.limit {
		s.evict()
	}
	return s.messages.insert(id, s.Now)
}

// reset makes an entry that of a new message with the same queue id.
func (s *State) reset(i uint32) {
	s.settle(i)
	s.messages.move(i, listWaiting, s.Now)
	m := s.messages.at(i)
	*m = message{id: m.id, idLen: m.idLen, prev: m.prev, next: m.next, when: m.when, list: m.list}
}

// expire lets entries go that have outlived their list, at most n of each.
func (s *State) expire(n int) {
	for range n {
		if i := s.outlived(listUnsettled, keepUnsettled); i != 0 {
			s.settle(i)
		}
		if i := s.outlived(listWaiting, keepWaiting); i != 0 {
			s.messages.remove(i)
		}
		if i := s.outlived(listClosed, keepClosed); i != 0 {
			s.messages.remove(i)
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

// settle ends the wait for an origin: it is unknown, which is better than a
// guess.
func (s *State) settle(i uint32) {
	m := s.messages.at(i)
	if m.origin == originPending && m.has(flagQueued) {
		s.tell(i, OriginUnknown, 0, 0)
	}
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
	s.settle(i)
	t.remove(i)
	t.evictions++
}

// MessageEntries is how many queue ids the ledger remembers.
func (s *State) MessageEntries() int { return s.messages.n }

// MessageEvictions is how many queue ids were forgotten to make room.
func (s *State) MessageEvictions() uint64 { return s.messages.evictions }
