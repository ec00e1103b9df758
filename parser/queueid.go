package parser

import (
	"bytes"
	"math/bits"
)

// MaxQueueID bounds a queue id in bytes: the long form has at most 6 digits of
// seconds, 4 of microseconds, a 'z' and 12 of inode number, the short form 5 of
// microseconds and 16 of inode number (Postfix's global/mail_queue.h).
const MaxQueueID = 23

// IsQueueID says whether b is a queue id in its short or long form. Postfix's
// own check is looser; this one tells ids from words such as "warning".
func IsQueueID(b []byte) bool { return len(b) > 0 && queueIDLen(b) == len(b) }

// queueIDLen returns how many bytes at the head of b are a queue id, 0 for none.
func queueIDLen(b []byte) int {
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

// plainIDEnd reads "QUEUEID: " of the commonest form, 8 to 15 hexadecimal digits, at
// offset i and returns the offset of the colon, or 0: then queueIDLen may know it.
func plainIDEnd(b []byte, i int) int {
	if hexRun(word8(b, i)) < 8 {
		return 0
	}
	end := i + 8 + hexRun(word8(b, i+8))
	if past(b, end, ": ") < 0 {
		return 0
	}
	return end
}

// hexRun counts the bytes of "0123456789ABCDEF" that w begins with, all eight at
// once: no sum below carries from one byte into the next.
func hexRun(w uint64) int {
	low := w &^ highs
	digit := ^(low ^ '0'*ones + (0x80-10)*ones)                   // '0' to '9' give 0 to 9
	letter := low ^ '@'*ones                                      // 'A' to 'F' give 1 to 6
	letter = (letter + (0x80-1)*ones) &^ (letter + (0x80-7)*ones) // at least 1, below 7
	return bits.TrailingZeros64(^(digit|letter)&highs|w&highs) / 8
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
