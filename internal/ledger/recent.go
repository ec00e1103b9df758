package ledger

import "math"

// recent is a small set of keys with the times each was first and last seen.
// One set serves all windows. It forgets a key only to make room, so that it
// also says what is usual.
type recent struct {
	keys []sighting // the last one seen stands first
}

type sighting struct {
	key         uint64
	first, seen tick
}

// see notes that a key was seen, and says when it was first. Of more than limit
// keys it forgets the one not seen for longest.
func (r *recent) see(key uint64, now tick, limit int) (first tick, isNew bool) {
	keys := r.keys
	for i := range keys {
		if keys[i].key == key {
			keys[0], keys[i] = keys[i], keys[0]
			keys[0].seen = now
			return keys[0].first, false
		}
	}
	i := len(keys)
	if i < limit {
		r.keys = append(grown(keys), sighting{})
	} else {
		i = r.oldest(now)
	}
	r.keys[i] = r.keys[0]
	r.keys[0] = sighting{key: key, first: now, seen: now}
	return now, true
}

// since says when the first was seen of the keys that begin like this one, which
// the set holds: all but the last bits are the same.
func (r *recent) since(key uint64, bits int) tick {
	first := tick(math.MaxUint32)
	for _, s := range r.keys {
		if s.key>>bits == key>>bits {
			first = min(first, s.first)
		}
	}
	return first
}

// oldest gives the key to forget. One that lies after now is older than all:
// the clock was set back.
func (r *recent) oldest(now tick) int {
	oldest, age := 0, tick(0)
	for i, s := range r.keys {
		if a := now - s.seen; a >= age { // the largest of all where seen is after now
			oldest, age = i, a
		}
	}
	return oldest
}

// count is how many keys each window holds.
func (r *recent) count(now tick) (n [NumWindows]uint32) {
	for _, s := range r.keys {
		for w := range n {
			if Window(w).holds(s.seen, now) {
				n[w]++
			}
		}
	}
	return n
}

func (r *recent) walk(c *codec) {
	items(c, &r.keys, func(s *sighting) {
		c.uint64(&s.key)
		number(c, &s.seen)
		age := s.seen - s.first // shorter than a time
		number(c, &age)
		if c.reading {
			s.first = s.seen - age
		}
	})
}
