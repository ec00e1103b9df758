package traffic

import (
	"strconv"
	"strings"
	"time"
)

// queueIDs gives out queue ids as Postfix does: from the time and the number of
// the queue file's inode, which the file system gives out again at once.
type queueIDs struct {
	start time.Time
	long  bool // enable_long_queue_ids
	next  uint64
	freed heap[inode]
}

type inode struct {
	number uint64
	from   at // when it is free
}

func newQueueIDs(start time.Time) *queueIDs {
	return &queueIDs{start: start, next: 0xA2E000, freed: heap[inode]{before: func(a, b *inode) bool {
		return a.from < b.from || a.from == b.from && a.number < b.number
	}}}
}

func (q *queueIDs) take(now at) (id string, number uint64) {
	if q.freed.len() > 0 && q.freed.first().from <= now {
		number = q.freed.pop().number
	} else {
		number = q.next
		q.next++
	}
	t := q.start.Add(now)
	micro := uint64(t.Nanosecond() / int(time.Microsecond))
	if q.long {
		return digits(uint64(t.Unix()), 52, 6) + digits(micro, 52, 4) + "z" + digits(number, 51, 1), number
	}
	id = strings.ToUpper(strconv.FormatUint(micro, 16))
	return "00000"[min(len(id), 5):] + id + strings.ToUpper(strconv.FormatUint(number, 16)), number
}

func (q *queueIDs) free(number uint64, from at) { q.freed.push(inode{number, from}) }

// digits writes a number in Postfix's alphabet without vowels.
func digits(n, base uint64, width int) string {
	const alphabet = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
	var b [16]byte
	i := len(b)
	for n > 0 || len(b)-i < width {
		i--
		b[i] = alphabet[n%base]
		n /= base
	}
	return string(b[i:])
}
