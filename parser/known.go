package parser

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// known remembers how "HOST TAG" before "[PID]: " was understood: a log has few
// of them. It holds only Postfix's and Dovecot's, and a fixed number of bytes.
// What it says is what reading them again would say; where it can't say, it
// leaves the line alone.
//
// It takes eight bytes at a time: this stands before every message.
type known struct {
	heads [512]knownHead
}

// knownHead fills a line of the processor's cache.
type knownHead struct {
	// The text's first and last eight bytes, and eight by eight those from the ninth
	// on: where fewer are left, the last eight again.
	begin, last uint64
	middle      [5]uint64

	n      uint8 // bytes of text; 0 for an empty slot
	host   uint8 // bytes of the host
	slash  int8  // last one of the tag, counted from its beginning; -1 for none
	daemon Daemon
}

// A head is remembered where its length in bytes lies between these.
const (
	minKnown = 9
	maxKnown = 55
)

// read reads "HOST TAG[PID]: " at offset i and returns where the message begins,
// or -1 where anything in it is new.
func (k *known) read(b []byte, i int, ev *Event) (message int) {
	if i < 0 {
		return -1
	}
	open := index(b, i+minKnown, '[')
	if open < 0 {
		return -1
	}
	text := b[i:open]
	if len(text) < minKnown {
		return -1
	}
	begin, last := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[len(text)-8:])
	head := &k.heads[slot(begin, last)]
	if int(head.n) != len(text) || head.begin != begin || head.last != last {
		return -1
	}
	rest := len(text) - 8
	second, third := binary.LittleEndian.Uint64(text[min(8, rest):]), binary.LittleEndian.Uint64(text[min(16, rest):])
	if (second^head.middle[0])|(third^head.middle[1]) != 0 {
		return -1
	}
	for j := 2; 8+8*j < rest; j++ { // of few is the tag so long
		if word8(text, 8+8*j) != head.middle[j] {
			return -1
		}
	}
	pid := open + 1
	end := pid + digitRun(word8(b, pid))
	message = past(b, end, "]: ")
	if message < 0 || end == pid {
		return -1
	}
	tag := i + int(head.host) + 1
	slash := tag + int(head.slash)
	ev.Daemon = head.daemon
	ev.Host, ev.Program, ev.PID = spanOf(i, tag-1), spanOf(slash+1, open), spanOf(pid, end)
	if head.slash > 0 {
		ev.SyslogName = spanOf(tag, slash)
	}
	return message
}

// store remembers the head of b: host, space, tag.
func (k *known) store(b []byte, host, tag, slash int, d Daemon) {
	n := host + 1 + tag
	if n < minKnown || n > maxKnown || bytes.IndexByte(b[:n], '[') >= 0 {
		return
	}
	head := knownHead{begin: word8(b, 0), last: word8(b, n-8), n: uint8(n), host: uint8(host), slash: int8(slash), daemon: d}
	for j := range head.middle {
		head.middle[j] = word8(b, min(8+8*j, n-8))
	}
	k.heads[slot(head.begin, head.last)] = head
}

// slot hashes a head by its first and last eight bytes.
func slot(begin, last uint64) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio: spreads what it multiplies
	return (begin ^ bits.RotateLeft64(last, 29)) * odd >> 55
}
