package ledger

import (
	"encoding/binary"
	"math/bits"
)

// Seed keys the ledger's hashes of what strangers write, so that nobody can
// choose words that collide. It is part of the state: the same log under the
// same seed gives the same figures.
type Seed [2]uint64

// SeedOf makes a seed of random bytes.
func SeedOf(b [16]byte) Seed {
	return Seed{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])}
}

// hash is SipHash-1-3 (Aumasson and Bernstein), a keyed hash that is fast for
// short texts and whose results can't be foreseen without the key.
func (k Seed) hash(text []byte) uint64 { return k.sip(text, 0) }

// lowered hashes a text without its upper case, as domains and user names
// compare: ASCII letters only. What is over 256 bytes long is cut.
func (k Seed) lowered(text []byte) uint64 { return k.sip(text[:min(len(text), 256)], upperBit) }

// domain hashes the name of a domain without its upper case. It is several times
// quicker than lowered, and as good where two names that collide would only make
// whoever found them look smaller.
func (k Seed) domain(name []byte) uint64 {
	name = name[:min(len(name), maxDomainLength)]
	h, w := uint64(len(name)), uint64(0)
	if n := len(name); n >= 8 {
		w = binary.LittleEndian.Uint64(name[n-8:]) >> (8 * uint(8-n%8))
		for ; len(name) >= 8; name = name[8:] {
			w := binary.LittleEndian.Uint64(name)
			h = k.mix(h, w|capitals(w))
		}
	} else {
		for i, c := range name {
			w |= uint64(c) << (8 * i)
		}
	}
	return k.mix(h, w|capitals(w))
}

// mix makes one hash of two numbers; it serves where one of them is a hash, or
// where nobody gains by numbers that collide.
func (k Seed) mix(a, b uint64) uint64 {
	const odd0, odd1 = 0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9
	high, low := bits.Mul64(a^k[0]^odd0, b^k[1]^odd1)
	high, low = bits.Mul64(high^odd0, low^odd1)
	return high ^ low
}

// sip hashes words of 8 bytes, in which upperBit, if any, is set in letters.
func (k Seed) sip(text []byte, upper uint64) uint64 {
	v0, v1, v2, v3 := k[0]^0x736f6d6570736575, k[1]^0x646f72616e646f6d, k[0]^0x6c7967656e657261, k[1]^0x7465646279746573
	last := uint64(len(text)) << 56
	for ; len(text) >= 8; text = text[8:] {
		w := binary.LittleEndian.Uint64(text)
		w |= capitals(w) & upper
		v3 ^= w
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
		v0 ^= w
	}
	for i, c := range text {
		w := uint64(c)
		w |= capitals(w) & upper
		last |= w << (8 * i)
	}
	v3 ^= last
	v0, v1, v2, v3 = round(v0, v1, v2, v3)
	v0 ^= last
	v2 ^= 0xff
	for range 3 {
		v0, v1, v2, v3 = round(v0, v1, v2, v3)
	}
	return v0 ^ v1 ^ v2 ^ v3
}

func round(v0, v1, v2, v3 uint64) (r0, r1, r2, r3 uint64) {
	v0 += v1
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v3
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 += v3
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	v2 = bits.RotateLeft64(v2, 32)
	return v0, v1, v2, v3
}

const (
	everyByte = 0x0101010101010101
	upperBit  = 0x20 * everyByte // what makes a capital letter a small one
)

// equalTo has the highest bit set of those bytes of w that are c.
func equalTo(w uint64, c byte) uint64 {
	const low = 0x7f * everyByte
	x := w ^ uint64(c)*everyByte
	return ^(x&low + low | x | low)
}

// capitals gives upperBit in the bytes of w that are capital letters.
func capitals(w uint64) uint64 {
	low := w &^ (0x80 * everyByte)
	fromA, afterZ := low+(0x80-'A')*everyByte, low+(0x7f-'Z')*everyByte
	return (fromA ^ afterZ) &^ w & (0x80 * everyByte) >> 2
}
