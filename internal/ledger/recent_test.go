package ledger

import (
	"slices"
	"testing"
)

// A set holds the keys seen last, with the times each was first and last seen.
func TestRecent(t *testing.T) {
	random := seeded(t)
	const limit = 10
	for range 100 {
		var r recent
		var naive []sighting // in order of use
		now := tickOf(1.7e18)
		for range 500 {
			now += tick(random.Uint32N(100)) + 1
			key := random.Uint64N(15)
			first := now
			naive = slices.DeleteFunc(naive, func(s sighting) bool {
				if s.key == key {
					first = s.first
				}
				return s.key == key
			})
			naive = append(naive, sighting{key, first, now})
			naive = naive[max(0, len(naive)-limit):]
			r.see(key, now, limit)
			if got := r.since(key, 0); got != first {
				t.Fatalf("key %d was first seen at %d, want %d", key, got, first)
			}
			var want [NumWindows]uint32
			for _, s := range naive {
				for w := range want {
					if Window(w).holds(s.seen, now) {
						want[w]++
					}
				}
				if !has(&r, s.key) {
					t.Fatalf("key %d is forgotten", s.key)
				}
			}
			if got := r.count(now); got != want {
				t.Fatalf("counts %v, want %v", got, want)
			}
		}
		if len(r.keys) != limit || cap(r.keys) > 2*limit {
			t.Fatalf("%d keys in %d places", len(r.keys), cap(r.keys))
		}
	}
}

// After the clock was set back, what lies ahead is the first to go.
func TestRecentClockSetBack(t *testing.T) {
	var r recent
	r.see(1, 1_000_000, 3)
	for key := range uint64(3) {
		r.see(key+2, 5000+tick(key), 3)
	}
	if has(&r, 1) || r.count(5002) != [NumWindows]uint32{3, 3, 3} {
		t.Errorf("%+v", r.keys)
	}
}

// Keys are kin that differ in their last bits only.
func TestRecentSince(t *testing.T) {
	var r recent
	for i, key := range []uint64{0x1_01, 0x2_01, 0x1_02, 0x3_01} {
		r.see(key, tick(100+i), 9)
	}
	for key, want := range map[uint64]tick{0x1_01: 100, 0x1_02: 100, 0x2_01: 101, 0x3_01: 103} {
		if got := r.since(key, 8); got != want {
			t.Errorf("%x: %d, want %d", key, got, want)
		}
	}
	if got := r.since(0x1_02, 0); got != 102 {
		t.Errorf("without kin: %d", got)
	}
}

func has(r *recent, key uint64) bool {
	return slices.ContainsFunc(r.keys, func(s sighting) bool { return s.key == key })
}
