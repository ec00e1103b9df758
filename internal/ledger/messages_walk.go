package ledger

// walkMessages visits the table of queue ids: its entries list by list, each
// under its own number, by which others may name it.
func (s *State) walkMessages(c *codec) {
	t := &s.messages
	c.uint64(&s.attempts.evictions)
	number(c, &t.used)
	number(c, &t.numbers)
	c.uint64(&t.evictions)
	if c.reading && !t.reserve(c) {
		return
	}
	for l := range t.lists {
		n := c.length(t.lists[l].n)
		i := t.lists[l].head
		for ; n > 0 && c.err == nil; n-- {
			number(c, &i)
			if c.reading && (i == 0 || i > t.used || t.at(i).id != (queueID{})) {
				c.fail("no entry %d, or twice", i)
				return
			}
			s.walkMessage(c, t.at(i))
			if c.reading {
				t.take(i, listID(l))
			}
			i = t.at(i).next
		}
	}
	t.walkFree(c)
	for c.reading && t.n > t.limit {
		s.evict()
	}
}

// walkMessage visits one entry, but for its place in a list.
func (s *State) walkMessage(c *codec, m *message) {
	if m.id.walk(c); m.id == (queueID{}) {
		return
	}
	c.int64(&m.when)
	o := owner{m.origin, m.who}
	s.walkOwner(c, &o)
	number(c, &m.number)
	number(c, &m.recipients)
	number(c, &m.tries)
	left := int64(m.left)
	c.int64(&left)
	if c.reading {
		m.origin, m.who, m.left = o.origin, o.who, int32(left)
	}
	number(c, &m.sender)
	number(c, &m.flags)
	s.attempts.walk(c, m)
}

// reserve makes room for the entries that used speaks of.
func (t *messages) reserve(c *codec) bool {
	if c.err != nil || uint64(t.used) > uint64(len(c.buf)) { // a free one takes a byte, too
		c.fail("%d entries in %d bytes", t.used, len(c.buf))
		t.used = 0
		return false
	}
	for int(t.used>>chunkBits) >= len(t.chunks) {
		t.chunks = append(t.chunks, new([chunkSize]message))
	}
	return true
}

// take puts an entry that was read at the end of its list and where its queue
// id is looked for.
func (t *messages) take(i uint32, l listID) {
	m := t.at(i)
	if m.id == (queueID{}) {
		return // it could not be read
	}
	t.push(i, m, l, m.when)
	t.enter(i, m)
}

// walkFree visits the free entries in the order in which they are used again.
func (t *messages) walkFree(c *codec) {
	n := c.length(int(t.used) - t.n)
	if c.reading && n != int(t.used)-t.n {
		c.fail("%d free entries of %d, %d in use", n, t.used, t.n)
	}
	last := &t.free
	for ; n > 0 && c.err == nil; n-- {
		number(c, last)
		i := *last
		if c.reading && (i == 0 || i > t.used || t.at(i).id != (queueID{}) || t.at(i).next != 0) {
			c.fail("entry %d is not free", i)
			*last = 0
			return
		}
		last = &t.at(i).next
	}
}
