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

// marks has its lowest set bit in the first c of w, and is 0 where w has none.
func marks(w uint64, c byte) uint64 {
	x := w ^ uint64(c)*ones
	return (x - ones) &^ x & highs
}

// bytesBefore counts the bytes below the one that the lowest set bit stands in.
func bytesBefore(mask uint64) int { return bits.TrailingZeros64(mask) / 8 }

// index finds the first c at offset i or behind it, or -1. Over the length of a
// name or an address, calls of bytes.IndexByte take longer.
func index(b []byte, i int, c byte) int {
	if i < 0 {
		return -1
	}
	for ; i <= len(b)-8; i += 8 {
		if found := marks(binary.LittleEndian.Uint64(b[i:]), c); found != 0 {
			return i + bytesBefore(found)
		}
	}
	for ; i < len(b); i++ {
		if b[i] == c {
			return i
		}
	}
	return -1
}

// indexOf is index for the first c or d.
func indexOf(b []byte, i int, c, d byte) int {
	if i < 0 {
		return -1
	}
	for ; i <= len(b)-8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		if found := marks(w, c) | marks(w, d); found != 0 {
			return i + bytesBefore(found)
		}
	}
	for ; i < len(b); i++ {
		if b[i] == c || b[i] == d {
			return i
		}
	}
	return -1
}

// notDigits has the highest bit of a byte set where w has no decimal digit; that
// is sure up to the first.
func notDigits(w uint64) uint64 {
	digits := w ^ '0'*ones // 0 to 9 where there is one
	return (digits + (0x80-10)*ones | digits) & highs
}

// digitRun counts the decimal digits that w begins with, at most 8.
func digitRun(w uint64) int { return bytesBefore(notDigits(w)) }

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
	if d := w&0xff - '0'; d <= 9 && w>>8&0xff-'0' > 9 { // many have one digit
		return int64(d), i + 1
	}
	if run := digitRun(w); 0 < run && run < 8 { // most others a few
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
	whole, d1, d2, d3 := w&0xff-'0', w>>16&0xff-'0', w>>24&0xff-'0', w>>32&0xff-'0'
	if whole <= 9 { // most are below ten, with no digits behind the point, or one, or two
		switch point := w >> 8 & 0xff; {
		case point == '/', point == ',':
			return time.Duration(whole) * time.Second, i + 1
		case point != '.' || d1 > 9:
		case d2 > 9:
			return time.Duration(whole*10+d1) * 100 * time.Millisecond, i + 3
		case d3 > 9:
			return time.Duration(whole*100+d1*10+d2) * 10 * time.Millisecond, i + 4
		}
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
