package parser

import (
	"bytes"
	"encoding/binary"
)

// MaxQueueID bounds a queue id in bytes: the long form has at most 6 digits of
// seconds, 4 of microseconds, a 'z' and 12 of inode number, the short form 5 of
// microseconds and 16 of inode number (Postfix's global/mail_queue.h).
const MaxQueueID = 23

// IsQueueID says whether b is a queue id in its short or long form. Postfix's
// own check is looser; this one tells ids from words such as "warning".
func IsQueueID(b []byte) bool {
	if n := len(b); 8 <= n && n <= 16 && isHex(binary.LittleEndian.Uint64(b)) && isHex(binary.LittleEndian.Uint64(b[n-8:])) {
		return true // as most
	}
	return len(b) > 0 && queueIDLen(b) == len(b)
}

// queueIDLen returns how many bytes at the head of b are a queue id, 0 for none.
func queueIDLen(b []byte) int {
	if len(b) < 6 || idClass[b[1]] == 0 { // a word's vowel, most often
		return 0
	}
	b = b[:min(len(b), MaxQueueID+1)]
	n, class := 0, uint8(idHex|idLong)
	for n < len(b) {
		c := idClass[b[n]]
		if c == 0 {
			break
		}
		class &= c
		n++
	}
	switch {
	case n < 6 || n > MaxQueueID:
		return 0
	case class&idHex != 0:
		return n
	case class&idLong != 0 && n >= 12 && bytes.LastIndexByte(b[10:n-1], 'z') >= 0:
		return n // the separator is the last 'z': after ten digits of time, before the inode number
	}
	return 0
}

// plainIDEnd reads "QUEUEID: " of the commonest form, 8 to 14 hexadecimal digits, at
// offset i and returns the offset of the colon, or 0: then queueIDLen may know it.
func plainIDEnd(b []byte, i int) int {
	if i > len(b)-16 {
		return 0
	}
	head := (*[16]byte)(b[i:])
	colon := marks(binary.LittleEndian.Uint64(head[8:]), ':')
	if colon == 0 {
		return 0
	}
	n := 8 + bytesBefore(colon)
	last := binary.LittleEndian.Uint64(head[n-8 : n])
	if n == 15 || head[n+1] != ' ' || !isHex(binary.LittleEndian.Uint64(head[:])) || !isHex(last) {
		return 0
	}
	return i + n
}

// isHex says whether all bytes of w are of "0123456789ABCDEF", all eight at once. A
// byte that is not one may carry into the next, but shows itself.
func isHex(w uint64) bool {
	letters := w >> 6 & ones
	upper := '0'*ones + letters<<4    // half of each byte
	lowest := w - letters             // 'A' is lowest of the letters,
	highest := w + 6*ones + 3*letters // and '9' and 'F' are highest before the upper half changes
	return ((lowest^upper)|(highest^upper))&(0xf0*ones) == 0
}

const (
	idHex  = 1
	idLong = 2
)

// idClass says in which alphabets a byte stands.
var idClass = func() (t [256]uint8) {
	for _, c := range "0123456789ABCDEF" {
		t[c] |= idHex
	}
	for _, c := range "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz" {
		t[c] |= idLong
	}
	return t
}()
