package ledger

// slots is a table of fixed size of what was seen last, in buckets of slotWays: a
// new key takes the place of the one of its bucket that was used least recently.
// Its keys must be hashes; 0 is none.
type slots[T any] struct {
	size      int       // a multiple of slotWays
	all       []slot[T] // nil until the first key
	n         int       // that are taken
	evictions uint64
}

type slot[T any] struct {
	key   uint64
	when  int64 // log time of the last use
	value T
}

const slotWays = 4

// find gives the slot of a key, nil where it is not known.
func (s *slots[T]) find(key uint64) *slot[T] {
	if s.all == nil {
		return nil
	}
	if at := s.place(key); at.key == key {
		return at
	}
	return nil
}

// enter gives the slot that is a key's from now on, as it was until now.
func (s *slots[T]) enter(key uint64, now int64) *slot[T] {
	if s.all == nil {
		s.all = make([]slot[T], s.size)
	}
	at := s.place(key)
	if at.key != key {
		if at.key != 0 {
			s.evictions++
		} else {
			s.n++
		}
		*at = slot[T]{key: key}
	}
	at.when = now
	return at
}

// leave forgets the key of a slot.
func (s *slots[T]) leave(at *slot[T]) {
	*at = slot[T]{}
	s.n--
}

// place gives a key's slot, or else the one it would take.
func (s *slots[T]) place(key uint64) *slot[T] {
	first := key % uint64(len(s.all)/slotWays) * slotWays
	bucket := s.all[first : first+slotWays]
	oldest := &bucket[0]
	for i := range bucket {
		switch at := &bucket[i]; {
		case at.key == key:
			return at
		case oldest.key != 0 && (at.key == 0 || at.when < oldest.when):
			oldest = at
		}
	}
	return oldest
}

func (s *slots[T]) walk(c *codec, value func(*T)) {
	c.uint64(&s.evictions)
	sparse(c, s.all, func(at *slot[T]) bool { return at.key != 0 }, func(at *slot[T]) {
		c.uint64(&at.key)
		c.int64(&at.when)
		value(&at.value)
	}, func(at *slot[T]) {
		evictions := s.evictions
		*s.enter(at.key, at.when) = *at
		s.evictions = evictions
	})
}
