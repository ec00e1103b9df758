package parser

import (
	"encoding/binary"
	"math/bits"
)

// known remembers how "HOST TAG" before a process id was understood: a log has
// few of them. It holds only Postfix's and Dovecot's, and a fixed number of
// bytes. What it says is what reading them again would say; where it can't say,
// it leaves the line alone.
//
// It works on offsets, and on eight bytes at a time: this is a third of what a
// short line costs.
type known struct {
	host  int // bytes of the last host
	heads [128]knownHead
}

type knownHead struct {
	n      uint8 // bytes of text, 0 for an empty slot
	host   uint8 // bytes of the host
	slash  int8  // last one of the tag, counted from its beginning; -1 for none
	pid    uint8 // digits of the last process id
	daemon Daemon
	text   [knownText]byte
}

const (
	knownText = 59 // bounds a head in bytes
	knownTag  = 24 // bytes that must follow the host, so that eight can be taken at a time
)

// read reads "HOST TAG[PID]: " and returns where the message begins, or 0 where
// anything in it is new.
func (k *known) read(b []byte, ev *Event) (message int) {
	if len(b) < k.host+1+knownTag {
		return 0
	}
	head := &k.heads[slot(b[k.host+1:])]
	n := int(head.n)
	if n == 0 || len(b) < n+12 || b[n] != '[' || string(b[:n]) != string(head.text[:n]) {
		return 0
	}
	digits := int(head.pid)
	if w := binary.LittleEndian.Uint64(b[n+1:]); !isPID(w, digits) {
		if digits = pidLen(w); digits == 0 {
			return 0
		}
		head.pid = uint8(digits)
	}
	end := n + 1 + digits
	if b[end+1] != ':' || b[end+2] != ' ' {
		return 0
	}
	tag, slash := int(head.host)+1, int(head.slash)
	ev.Daemon, ev.Host, ev.PID, ev.Program = head.daemon, b[:tag-1], b[n+1:end], b[tag+slash+1:n]
	if slash > 0 {
		ev.SyslogName = b[tag : tag+slash]
	}
	return end + 3
}

// store remembers the head of b: host, space and tag.
func (k *known) store(b []byte, host, tag, slash int, d Daemon) {
	k.host = host
	n := host + 1 + tag
	if n > knownText || len(b) < host+1+knownTag {
		return
	}
	head := &k.heads[slot(b[host+1:])]
	*head = knownHead{n: uint8(n), host: uint8(host), slash: int8(slash), pid: 5, daemon: d}
	copy(head.text[:], b[:n])
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// before masks the bytes of w before the first c; all of them where it has none.
func before(w uint64, c byte) uint64 {
	x := w ^ uint64(c)*ones
	found := (x - ones) &^ x & highs // its lowest set bit stands in the first c
	return found&-found>>7 - 1
}

// slot hashes a tag by the sixteen bytes after its first eight, "postfix/", as
// far as they stand before its '['.
func slot(tag []byte) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio: spreads what it multiplies
	w := binary.LittleEndian.Uint64(tag[8:])
	mask := before(w, '[')
	hash := w & mask * odd
	if mask == 1<<64-1 {
		w = binary.LittleEndian.Uint64(tag[16:])
		hash = (hash ^ w&before(w, '[')) * odd
	}
	return hash >> 57
}

// isPID says whether w begins with so many digits and a ']'.
func isPID(w uint64, digits int) bool {
	shift := uint(8 * digits)
	notDigit := (w ^ '0'*ones) << (64 - shift) // the digits alone: 0 to 9
	return w>>shift&0xff == ']' && (notDigit+(0x80-10)*ones|notDigit)&highs == 0
}

// pidLen counts the digits of a process id of one to seven digits before a ']'
// within eight bytes; 0 where there is none.
func pidLen(w uint64) int {
	n := bits.TrailingZeros64(before(w, ']')+1) / 8
	if n == 0 || n > 7 || !isPID(w, n) {
		return 0
	}
	return n
}
