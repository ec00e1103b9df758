package parser

import (
	"encoding/binary"
	"math/bits"
	"time"
)

// The moves over the lines that come most often, by offsets and eight bytes at a
// time: a word holds the first of them in its lowest byte. An offset of -1 says
// that something did not stand where it should. Every move passes it on, so that
// a shape is written as one move after the other and looked at once, at its end.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word8 takes the eight bytes at offset i, or 0 where the line has fewer.
func word8(b []byte, i int) uint64 {
	if i < 0 || i > len(b)-8 {
		return 0
	}
	return binary.LittleEndian.Uint64(b[i:])
}

// past gives the offset behind s where it stands at offset i, else -1. Up to eight
// bytes are compared at once; a longer s takes a call.
func past(b []byte, i int, s string) int {
	if i < 0 || i > len(b)-len(s) || string(b[i:i+len(s)]) != s {
		return -1
	}
	return i + len(s)
}

// first counts the bytes of w before the first c, 8 where it has none.
func first(w uint64, c byte) int {
	x := w ^ uint64(c)*ones
	return bits.TrailingZeros64((x-ones)&^x&highs) / 8 // the lowest set bit stands in the first c
}

// index finds the first c at offset i or behind it, or -1. Over the length of a
// name or an address, calls of bytes.IndexByte take longer.
func index(b []byte, i int, c byte) int {
	if i < 0 {
		return -1
	}
	for ; i <= len(b)-8; i += 8 {
		if n := first(binary.LittleEndian.Uint64(b[i:]), c); n < 8 {
			return i + n
		}
	}
	for ; i < len(b); i++ {
		if b[i] == c {
			return i
		}
	}
	return -1
}

// firstOf counts the bytes of w before the first c or d, 8 where it has neither.
func firstOf(w uint64, c, d byte) int {
	x, y := w^uint64(c)*ones, w^uint64(d)*ones
	return bits.TrailingZeros64(((x-ones)&^x|(y-ones)&^y)&highs) / 8
}

// notDigits has the highest bit of a byte set where w has no decimal digit; that
// is sure up to the first.
func notDigits(w uint64) uint64 {
	digits := w ^ '0'*ones // 0 to 9 where there is one
	return (digits + (0x80-10)*ones | digits) & highs
}

// digitRun counts the decimal digits that w begins with, at most 8.
func digitRun(w uint64) int { return bits.TrailingZeros64(notDigits(w)) / 8 }

// leading gives the number that the first n digits of w are; n is 1 to 8.
func leading(w uint64, n int) uint64 { return eightDigits((w ^ '0'*ones) << (64 - 8*n&63)) }

// eightDigits gives the number of eight digits, the first one in the lowest byte,
// each as 0 to 9: pairs of digits are joined, then pairs of pairs, and so on.
func eightDigits(w uint64) uint64 {
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	return (w*10000 + w>>32) & 0xffffffff
}

// integerAt reads at most 18 digits at offset i and returns the offset behind
// them, or -1.
func integerAt(b []byte, i int) (n int64, end int) {
	w := word8(b, i)
	if run := digitRun(w); 0 < run && run < 8 { // most have a few digits
		return int64(leading(w, run)), i + run
	}
	return longInteger(b, i)
}

func longInteger(b []byte, i int) (n int64, end int) {
	if i < 0 {
		return 0, -1
	}
	for end = i; end < len(b) && b[end]-'0' <= 9; end++ {
		n = n*10 + int64(b[end]-'0')
	}
	if end == i || end-i > 18 {
		return 0, -1
	}
	return n, end
}

// decimalAt reads a decimal number of seconds such as "0", "0.05" or "1234" at
// offset i, of at most nine digits before the point, and returns the offset
// behind it, or -1; digits beyond the ninth behind the point are dropped.
func decimalAt(b []byte, i int) (d time.Duration, end int) {
	w := word8(b, i)
	whole := w&0xff - '0'
	if w>>8&0xff == '.' && whole <= 9 { // most are below ten
		if digits := digitRun(w >> 16); digits < 6 {
			return time.Duration(int64(whole)*1e9 + tensOfNanos(w>>16, digits)*10), i + 2 + digits
		}
	} else if n := digitRun(w); 0 < n && n < 8 && w>>(8*n)&0xff != '.' { // or whole
		return time.Duration(leading(w, n)) * time.Second, i + n
	}
	return longDecimal(b, i)
}

func longDecimal(b []byte, i int) (d time.Duration, end int) {
	whole, end := integerAt(b, i)
	if end < 0 || end-i > 9 {
		return 0, -1
	}
	d = time.Duration(whole) * time.Second
	if end == len(b) || b[end] != '.' {
		return d, end
	}
	nanos, rest := fraction(b[end+1:])
	return d + time.Duration(nanos), len(b) - len(rest)
}
