package spool

import (
	"bytes"
	"hash/maphash"

	"postfix_exporter/parser"
)

// message is what is remembered of one queued message: 68 bytes without a
// pointer, so that the garbage collector passes over a million of them.
type message struct {
	id         [parser.MaxQueueID]byte
	idLen      uint8  // 0: the entry is free
	arrival    uint32 // seconds since the epoch
	next       uint32 // deferred: of the next attempt, in seconds since the epoch
	size       uint32 // bytes of content; at most 4 GiB
	recipients uint32
	owner      uint32      // row of accounts or of uids, as the origin wants
	domain     uint32      // hash of the first waiting recipient's, 0 for none
	reasons    [3]deferral // why recipients wait
	follow     uint32      // what was listed behind it in its directory
	dir        uint16      // in tree.dirs
	origin     Origin
	flags      flags
}

type flags uint8

const (
	flagSeen     flags = 1 << iota // in this scan, where its directory was listed
	flagUnread                     // its head is still to be read
	flagDeferral                   // its next attempt and its defer log are still to be read
	flagGrowing                    // its head was read, but it is still being received
	flagUnsure                     // the listing did not say that it is a regular file
)

const flagsDue = flagUnread | flagDeferral

// deferral is how many recipients wait for one reason: the reason in the upper
// byte, their number below, at most 16 million.
type deferral uint32

const maxDeferral = 1<<24 - 1

func newDeferral(reason parser.FailureReason, recipients int) deferral {
	return deferral(uint32(reason)<<24 | uint32(min(recipients, maxDeferral)))
}

func (d deferral) reason() parser.FailureReason { return parser.FailureReason(d >> 24) }
func (d deferral) recipients() int              { return int(d & maxDeferral) }

const (
	chunkBits = 10
	chunkSize = 1 << chunkBits
)

// messages finds a message by its queue id, as the ledger's table does: a
// seeded hash, open addressing with linear probing, entries in a slab that
// grows by chunks. Entry 0 is never used, so that 0 means none.
type messages struct {
	limit  int
	n      int
	seed   maphash.Seed
	slots  []uint64 // upper half: of the hash; lower half: entry; 0 is empty
	chunks [][]message
	used   uint32 // entries ever made
	free   uint32 // head of the free entries, linked by follow
}

func newMessages(limit int) messages {
	return messages{limit: limit, seed: maphash.MakeSeed(), slots: make([]uint64, 1024)}
}

func (t *messages) at(i uint32) *message { return &t.chunks[i>>chunkBits][i&(chunkSize-1)] }

func (m *message) is(id []byte) bool {
	return int(m.idLen) == len(id) && bytes.Equal(m.id[:m.idLen], id)
}

func (m *message) name() string { return string(m.id[:m.idLen]) }

// find gives the entry of a queue id, 0 for none.
func (t *messages) find(id []byte) uint32 {
	hash := maphash.Bytes(t.seed, id) >> 32
	mask := uint64(len(t.slots) - 1)
	for p := hash & mask; t.slots[p] != 0; p = (p + 1) & mask {
		if i := uint32(t.slots[p]); t.slots[p]>>32 == hash && t.at(i).is(id) {
			return i
		}
	}
	return 0
}

// insert makes the entry of a queue id that has none; 0 where there is no room.
func (t *messages) insert(id []byte) uint32 {
	if t.n >= t.limit {
		return 0
	}
	if (t.n+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	i := t.free
	if i != 0 {
		t.free = t.at(i).follow
	} else {
		t.used++
		i = t.used
		if int(i>>chunkBits) >= len(t.chunks) {
			t.chunks = append(t.chunks, make([]message, chunkSize))
		}
	}
	m := t.at(i)
	*m = message{idLen: uint8(len(id))}
	copy(m.id[:], id)
	t.place(maphash.Bytes(t.seed, id)>>32<<32 | uint64(i))
	t.n++
	return i
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

// remove forgets an entry.
func (t *messages) remove(i uint32) {
	m := t.at(i)
	mask := uint64(len(t.slots) - 1)
	p := maphash.Bytes(t.seed, m.id[:m.idLen]) >> 32 & mask
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
	*m = message{follow: t.free}
	t.free = i
	t.n--
}

// all calls f with every entry, in the order of the slab. f may remove it.
func (t *messages) all(f func(i uint32, m *message)) {
	for c, chunk := range t.chunks {
		for j := range chunk {
			if m := &chunk[j]; m.idLen != 0 {
				f(uint32(c)<<chunkBits|uint32(j), m)
			}
		}
	}
}
