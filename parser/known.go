package parser

import "math/bits"

// known remembers how "HOST TAG[" before a process id was understood: a log has
// few of them. It holds only Postfix's and Dovecot's, and a fixed number of
// bytes. What it says is what reading them again would say; where it can't say,
// it leaves the line alone.
//
// It takes eight bytes at a time: this stands before every message.
type known struct {
	host  int // bytes of the last host
	heads [128]knownHead
}

type knownHead struct {
	text   [knownText/8 + 1]uint64 // zeros behind its end
	n      uint8                   // bytes of text, the '[' among them; 0 for an empty slot
	host   uint8                   // bytes of the host
	slash  int8                    // last one of the tag, counted from its beginning; -1 for none
	daemon Daemon
}

const (
	knownText = 56 // bounds a head in bytes
	knownTag  = 24 // bytes that must follow the host, so that eight can be taken at a time
	knownPID  = 11 // bytes that must follow a head: "1234567]: " and one more
)

// read reads "HOST TAG[PID]: " and at offset i and returns where the message begins,
// or 0 where anything in it is new.
func (k *known) read(b []byte, i int, ev *Event) (message int) {
	tag := i + k.host + 1
	if len(b)-tag < knownTag {
		return 0
	}
	head := &k.heads[slot(b, tag)]
	pid := i + int(head.n)
	if head.n == 0 || len(b)-pid < knownPID || !head.begins(b, i) {
		return 0
	}
	end := pid + digitRun(word8(b, pid))
	if end == pid || !at(b, end, "]: ") {
		return 0
	}
	tag = i + int(head.host) + 1
	slash := tag + int(head.slash)
	ev.Daemon = head.daemon
	ev.Host, ev.Program, ev.PID = spanOf(i, tag-1), spanOf(slash+1, pid-1), spanOf(pid, end)
	if head.slash > 0 {
		ev.SyslogName = spanOf(tag, slash)
	}
	return end + len("]: ")
}

// begins says whether the head's text stands at offset i; at least eight bytes
// follow it.
func (h *knownHead) begins(b []byte, i int) bool {
	words := int(h.n) / 8
	for k := range words {
		if word8(b, i+8*k) != h.text[k&7] {
			return false
		}
	}
	behind := 64 - uint(h.n)%8*8 // bits of the last word that are no text
	return (word8(b, i+8*words)^h.text[words&7])<<behind == 0
}

// store remembers the head of b: host, space, tag and '['.
func (k *known) store(b []byte, host, tag, slash int, d Daemon) {
	k.host = host
	n := host + 1 + tag + 1
	if n > knownText || len(b) < host+1+knownTag {
		return
	}
	head := &k.heads[slot(b, host+1)]
	*head = knownHead{n: uint8(n), host: uint8(host), slash: int8(slash), daemon: d}
	var text [knownText + 8]byte
	copy(text[:], b[:n])
	for k := range head.text {
		head.text[k] = word8(text[:], 8*k)
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// upTo masks the bytes of w up to the first c; all of them where it has none.
func upTo(w uint64, c byte) uint64 {
	x := w ^ uint64(c)*ones
	found := (x - ones) &^ x & highs // its lowest set bit stands in the first c
	return found ^ (found - 1)
}

// slot hashes the tag at offset i by the sixteen bytes after its first eight,
// "postfix/", as far as they stand before its '['.
func slot(b []byte, i int) uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio: spreads what it multiplies
	w := word8(b, i+8)
	mask := upTo(w, '[')
	hash := w & mask * odd
	if mask == 1<<64-1 {
		w = word8(b, i+16)
		hash = (hash ^ w&upTo(w, '[')) * odd
	}
	return hash >> 57
}

// digitRun counts the decimal digits that w begins with, at most 8.
func digitRun(w uint64) int {
	digits := w ^ '0'*ones // 0 to 9 where there is one
	return bits.TrailingZeros64((digits+(0x80-10)*ones|digits)&highs) / 8
}
