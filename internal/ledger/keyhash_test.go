package ledger

import (
	"strings"
	"testing"
)

// The reference: key 00 01 … 0f, no input.
func TestSipHash(t *testing.T) {
	k := SeedOf([16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
	if got := k.hash(nil); got != 0xabac0158050fc4dc {
		t.Errorf("%#x", got)
	}
	seen := map[uint64]int{}
	text := strings.Repeat("\x00", 300)
	for n := range 300 {
		seen[k.hash([]byte(text[:n]))] = n
	}
	if len(seen) != 300 {
		t.Errorf("%d hashes of 300 lengths", len(seen))
	}
	if k.hash([]byte("a")) == (Seed{1, 2}).hash([]byte("a")) {
		t.Error("the key makes no difference")
	}
	if k.lowered([]byte("Bob@EXAMPLE.test")) != k.lowered([]byte("bob@example.TEST")) || k.lowered([]byte("bob")) == k.lowered([]byte("bop")) {
		t.Error("lowered")
	}
	for c := range 256 {
		want := string([]byte{byte(c)})
		if 'A' <= c && c <= 'Z' {
			want = strings.ToLower(want)
		}
		for _, n := range []int{0, 7} { // in the last word, in a whole one
			pad := strings.Repeat("x", n)
			if k.lowered([]byte(string([]byte{byte(c)})+pad)) != k.hash([]byte(want+pad)) {
				t.Errorf("byte %#x, %d behind it", c, n)
			}
		}
	}
	if k.mix(1, 2) == k.mix(2, 1) || k.mix(1, 2) == k.mix(1, 3) {
		t.Error("mix")
	}
	long := []byte(strings.Repeat("X", 10_000))
	if allocations := testing.AllocsPerRun(100, func() { k.lowered(long) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
