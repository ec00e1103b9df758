package ledger

// message is what the ledger knows of one queue id. It has no pointer, so that
// the garbage collector passes over a million of them.
type message struct {
	id         queueID // none: the entry is free
	prev, next uint32
	when       int64  // log time at which it came to its list's end
	number     uint32 // of the message, see ref
	flags      flags
	origin     Origin // told, or claimed
	list       listID
	// who is owner.who. While the origin is not told it is the ref of the message
	// that this one came out of (flagInherits), or holds the key of its
	// Message-ID: alone, or above the uid that is claimed.
	who        uint64
	recipients uint32 // nrcpt of the queue manager's first line
	left       int32  // recipients without a final attempt; below 0 before the queue manager's line
	tries      uint32 // attempts so far, but for those of local(8)
	held       uint32 // the last of its attempts held back, see attempts
	sender     uint32 // key of the sender's domain, 0 for the null sender
	hash       uint32 // of id
}

type flags uint16

const (
	flagTold      flags = 1 << iota // the origin is certain
	flagBorn                        // smtpd or pickup has logged whose it is
	flagQueued                      // the queue manager has had it
	flagTried                       // a delivery was tried
	flagRetried                     // every recipient was tried once
	flagCounted                     // stands in Origins, or must not: a second pass
	flagClosed                      // removed; kept for lines that come late
	flagExpired                     // given up; whoever is left has failed
	flagMessageID                   // cleanup has logged its message-id
	flagInherits                    // the owner is that of the message it came out of
	flagPass                        // a content filter's second pass of that message
	flagProxied                     // a proxy's line told the owner
	flagMentioned                   // known from another message's line
	flagForeign                     // the sender's domain is not the server's
	flagGivenUp                     // has been flagExpired
)

// flagsSeen are those that only a message's own lines set.
const flagsSeen = flagBorn | flagQueued | flagTried | flagMessageID | flagClosed

func (m *message) has(f flags) bool { return m.flags&f != 0 }

// listID names the list that an entry stands in. Each is in order of when.
type listID uint8

const (
	listWaiting   listID = iota // no line of the queue manager yet
	listLive                    // in the queue; least recently used first
	listUnsettled               // waits for a line that is due
	listClosed                  // removed

	numLists = int(listClosed) + 1
)

type list struct {
	head, tail uint32
	n          int
}

const (
	chunkBits = 10
	chunkSize = 1 << chunkBits
)

// messages finds a message by its queue id: a seeded hash, open addressing
// with linear probing, and the ids themselves in a slab that grows by chunks.
// Entry 0 is never used, so that 0 means none.
type messages struct {
	limit     int
	n         int
	seed      Seed
	slots     []uint64 // upper half: of the hash; lower half: entry; 0 is empty
	chunks    []*[chunkSize]message
	used      uint32            // entries ever made
	free      uint32            // head of the free entries, linked by next
	numbers   uint32            // messages ever begun
	near      [nearSlots]uint64 // by hash, as slots: the lines of a message come close together
	lists     [numLists]list
	evictions uint64
}

// nearSlots is for the messages of a moment. What is found there is found without
// the large index, which is seldom in the processor's caches.
const nearSlots = 1024

func newMessages(limit int, seed Seed) messages {
	return messages{limit: limit, seed: seed, slots: make([]uint64, 1024), chunks: []*[chunkSize]message{new([chunkSize]message)}}
}

func (t *messages) at(i uint32) *message { return &t.chunks[i>>chunkBits][i&(chunkSize-1)] }

// ref names a message for good, and not the one that has its entry after it.
type ref uint64

func (t *messages) ref(i uint32) ref { return ref(t.at(i).number)<<32 | ref(i) }

// get gives the entry of a message, 0 where it is forgotten.
func (t *messages) get(r ref) uint32 {
	if i := uint32(r); i != 0 && i <= t.used && t.at(i).id != (queueID{}) && t.at(i).number == uint32(r>>32) {
		return i
	}
	return 0
}

// find gives the entry of a queue id, 0 and nil for none.
func (t *messages) find(id queueID) (i uint32, m *message) {
	if id == (queueID{}) { // as a free entry has it
		return 0, nil
	}
	hash := t.hash(id)
	near := &t.near[hash%nearSlots]
	if *near>>32 == uint64(hash) {
		i = uint32(*near)
		if m = t.at(i); m.id == id {
			return i, m
		}
	}
	if i = t.look(id, hash); i == 0 {
		return 0, nil
	}
	*near = slotOf(hash, i)
	return i, t.at(i)
}

// look finds an entry by the index.
func (t *messages) look(id queueID, hash uint32) uint32 {
	mask := uint64(len(t.slots) - 1)
	for p := uint64(hash) & mask; t.slots[p] != 0; p = (p + 1) & mask {
		if i := uint32(t.slots[p]); t.slots[p]>>32 == uint64(hash) && t.at(i).id == id {
			return i
		}
	}
	return 0
}

func (t *messages) hash(id queueID) uint32 {
	return uint32(t.seed.mix(id.first, id.second^id.third) >> 32)
}

func slotOf(hash, i uint32) uint64 { return uint64(hash)<<32 | uint64(i) }

// insert makes the entry of a queue id that has none, in listWaiting. There
// must be room.
func (t *messages) insert(id queueID, now int64) (i uint32, m *message) {
	if i = t.free; i != 0 {
		t.free = t.at(i).next
	} else {
		t.used++
		i = t.used
		if int(i>>chunkBits) >= len(t.chunks) {
			t.chunks = append(t.chunks, new([chunkSize]message))
		}
	}
	m = t.at(i)
	t.numbers++
	*m = message{id: id, number: t.numbers}
	t.push(i, m, listWaiting, now)
	t.enter(i, m)
	return i, m
}

// enter makes the entry i, which is m, one that its queue id finds.
func (t *messages) enter(i uint32, m *message) {
	if (t.n+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	m.hash = t.hash(m.id)
	slot := slotOf(m.hash, i)
	t.place(slot)
	t.near[m.hash%nearSlots] = slot
	t.n++
}

// place puts a slot's value at the first empty place of its run.
func (t *messages) place(slot uint64) {
	mask := uint64(len(t.slots) - 1)
	p := slot >> 32 & mask
	for t.slots[p] != 0 {
		p = (p + 1) & mask
	}
	t.slots[p] = slot
}

func (t *messages) grow() {
	old := t.slots
	t.slots = make([]uint64, 2*len(old))
	for _, slot := range old {
		if slot != 0 {
			t.place(slot)
		}
	}
}

// remove forgets the entry i, which is m.
func (t *messages) remove(i uint32, m *message) {
	mask := uint64(len(t.slots) - 1)
	p := uint64(m.hash) & mask
	for uint32(t.slots[p]) != i {
		p = (p + 1) & mask
	}
	// Close the gap: whatever stands after it in the run and may stand in it moves up.
	for q := (p + 1) & mask; t.slots[q] != 0; q = (q + 1) & mask {
		home := t.slots[q] >> 32 & mask
		if (q-home)&mask >= (q-p)&mask {
			t.slots[p] = t.slots[q]
			p = q
		}
	}
	t.slots[p] = 0
	t.unlink(m)
	m.id = queueID{}
	m.next, t.free = t.free, i
	t.n--
}

// move puts the entry i, which is m, at the end of a list, as of now.
func (t *messages) move(i uint32, m *message, to listID, now int64) {
	t.unlink(m)
	t.push(i, m, to, now)
}

func (t *messages) push(i uint32, m *message, to listID, now int64) {
	l := &t.lists[to]
	m.list, m.when, m.prev, m.next = to, now, l.tail, 0
	if l.tail != 0 {
		t.at(l.tail).next = i
	} else {
		l.head = i
	}
	l.tail = i
	l.n++
}

func (t *messages) unlink(m *message) {
	l := &t.lists[m.list]
	if m.prev != 0 {
		t.at(m.prev).next = m.next
	} else {
		l.head = m.next
	}
	if m.next != 0 {
		t.at(m.next).prev = m.prev
	} else {
		l.tail = m.prev
	}
	l.n--
}
