package spool

// rows is a bounded table of who sent what is queued: accounts by their names,
// local users by their uids. Row 0 is for all that have no row of their own.
type rows[K comparable] struct {
	limit int
	index map[K]uint32
	keys  []K
	count []int // messages by row, at the last count
	free  []uint32
}

func newRows[K comparable](limit int) rows[K] {
	return rows[K]{limit: limit, index: map[K]uint32{}, keys: make([]K, 1), count: make([]int, 1)}
}

// row makes sure that a key has a row, and gives it.
func (r *rows[K]) row(key K) uint32 {
	if i, ok := r.index[key]; ok {
		return i
	}
	if len(r.index) >= r.limit {
		return 0
	}
	var i uint32
	if n := len(r.free); n > 0 {
		i, r.free = r.free[n-1], r.free[:n-1]
		r.keys[i] = key
	} else {
		i = uint32(len(r.keys))
		r.keys = append(r.keys, key)
		r.count = append(r.count, 0)
	}
	r.index[key] = i
	return i
}

// sweep gives back the rows without a message; it must follow a whole count.
func (r *rows[K]) sweep() {
	for key, i := range r.index {
		if r.count[i] == 0 {
			delete(r.index, key)
			r.free = append(r.free, i)
		}
	}
}

// Share is how many queued messages somebody has.
type Share[K comparable] struct {
	Key      K
	Messages int
}

// Shares are those who have most messages, largest first, and what all the
// others have together.
type Shares[K comparable] struct {
	Largest []Share[K]
	Other   int
}

// largest gives the n rows with most messages; of equal ones any.
func (r *rows[K]) largest(n int) Shares[K] {
	s := Shares[K]{Other: r.count[0]}
	for _, i := range r.index {
		share := Share[K]{r.keys[i], r.count[i]}
		s.Other += share.Messages
		at := len(s.Largest)
		for at > 0 && s.Largest[at-1].Messages < share.Messages {
			at--
		}
		if share.Messages == 0 || at >= n {
			continue
		}
		if len(s.Largest) < n {
			s.Largest = append(s.Largest, Share[K]{})
		}
		copy(s.Largest[at+1:], s.Largest[at:])
		s.Largest[at] = share
	}
	for _, share := range s.Largest {
		s.Other -= share.Messages
	}
	return s
}
