package ledger

import (
	"encoding/binary"

	"postfix_exporter/parser"
)

// queueID is a queue id's bytes, and its length in the last one, as three words:
// they compare and hash in a few steps. The zero queueID is none.
type queueID struct{ first, second, third uint64 }

const (
	queueIDSize = 24
	_           = uint(queueIDSize - 1 - parser.MaxQueueID) // a longest one leaves room for its length
)

// queueIDOf gives none for an empty text and for one that is too long.
func queueIDOf(b []byte) queueID {
	if n := len(b); 8 <= n && n <= 16 { // as most
		last := binary.LittleEndian.Uint64(b[n-8:])
		return queueID{binary.LittleEndian.Uint64(b), last >> (8 * uint(16-n)), uint64(n) << 56}
	}
	if len(b) > parser.MaxQueueID {
		return queueID{}
	}
	var all [queueIDSize]byte
	all[queueIDSize-1] = byte(copy(all[:], b))
	return queueIDIn(&all)
}

func queueIDIn(all *[queueIDSize]byte) queueID {
	return queueID{binary.LittleEndian.Uint64(all[:]), binary.LittleEndian.Uint64(all[8:]), binary.LittleEndian.Uint64(all[16:])}
}

func (q queueID) len() int { return int(q.third >> 56) }

func (q queueID) bytes() (all [queueIDSize]byte) {
	binary.LittleEndian.PutUint64(all[:], q.first)
	binary.LittleEndian.PutUint64(all[8:], q.second)
	binary.LittleEndian.PutUint64(all[16:], q.third)
	return all
}

func (q *queueID) walk(c *codec) {
	all := q.bytes()
	n := &all[queueIDSize-1]
	number(c, n)
	if *n == 0 || *n > parser.MaxQueueID {
		c.fail("a queue id of %d bytes", *n)
		*n = 0
	}
	numbers(c, all[:*n])
	if c.reading {
		*q = queueIDIn(&all)
	}
}
