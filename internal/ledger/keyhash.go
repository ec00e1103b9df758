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
func (k Seed) hash(text []byte) uint64 {
	s := sip{k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d, k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573}
	last := uint64(len(text)) << 56
	for ; len(text) >= 8; text = text[8:] {
		s.word(binary.LittleEndian.Uint64(text))
	}
	for i, c := range text {
		last |= uint64(c) << (8 * i)
	}
	s.word(last)
	return s.end()
}

// pair hashes two numbers.
func (k Seed) pair(a, b uint64) uint64 {
	var text [16]byte
	binary.LittleEndian.PutUint64(text[:8], a)
	binary.LittleEndian.PutUint64(text[8:], b)
	return k.hash(text[:])
}

type sip [4]uint64

func (s *sip) word(w uint64) {
	s[3] ^= w
	s.round()
	s[0] ^= w
}

func (s *sip) end() uint64 {
	s[2] ^= 0xff
	s.round()
	s.round()
	s.round()
	return s[0] ^ s[1] ^ s[2] ^ s[3]
}

func (s *sip) round() {
	s[0] += s[1]
	s[1] = bits.RotateLeft64(s[1], 13) ^ s[0]
	s[0] = bits.RotateLeft64(s[0], 32)
	s[2] += s[3]
	s[3] = bits.RotateLeft64(s[3], 16) ^ s[2]
	s[0] += s[3]
	s[3] = bits.RotateLeft64(s[3], 21) ^ s[0]
	s[2] += s[1]
	s[1] = bits.RotateLeft64(s[1], 17) ^ s[2]
	s[2] = bits.RotateLeft64(s[2], 32)
}

// lowered hashes a text without its upper case, as domains and user names
// compare: ASCII letters only. What is over 256 bytes long is cut.
func (k Seed) lowered(text []byte) uint64 {
	var small [256]byte
	n := copy(small[:], text)
	for i, c := range small[:n] {
		if 'A' <= c && c <= 'Z' {
			small[i] = c + 'a' - 'A'
		}
	}
	return k.hash(small[:n])
}
