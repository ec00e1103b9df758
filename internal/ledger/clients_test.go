package ledger

import (
	"net/netip"
	"slices"
	"testing"
)

// Whatever is added, a count is at most the truth, and at least the truth less
// lost, which is at most a 257th of all.
func TestFrequent(t *testing.T) {
	random := seeded(t)
	for _, keys := range []uint64{10, frequentKeys, 2 * frequentKeys, 100_000} {
		f := frequent{seed: 42}
		truth := map[uint64]uint32{}
		const all = 50_000
		for range all {
			key := random.Uint64N(keys) + 1
			if random.IntN(4) == 0 {
				key = random.Uint64N(5) + 1 // five are common
			}
			truth[key]++
			f.add(key, 1)
		}
		if f.lost > all/(frequentKeys+1) || keys <= frequentKeys && f.lost > 0 {
			t.Errorf("%d keys: %d lost", keys, f.lost)
		}
		used := 0
		for _, slot := range f.slots {
			if slot.key == 0 {
				continue
			}
			used++
			if slot.n > truth[slot.key] {
				t.Fatalf("%d keys: key %d has %d, in truth %d", keys, slot.key, slot.n, truth[slot.key])
			}
		}
		for key, n := range truth {
			if got := f.find(key).n; got+f.lost < n {
				t.Fatalf("%d keys: key %d has %d, in truth %d, and only %d are lost", keys, key, got, n, f.lost)
			}
		}
		if used != f.used || used > frequentKeys {
			t.Errorf("%d slots are used, %d say so", used, f.used)
		}
	}
}

// Networks of a spray come and go; those that stay at it are shown, with no more
// than they did, and the panes they did it in leave in time.
func TestClients(t *testing.T) {
	c := Clients{seed: 1}
	now := int64(1.7e18)
	bad := networkOf(netip.MustParseAddr("192.0.2.1"))
	for i := range 100_000 {
		now += 1e6
		c.add(tickOf(now), networkIPv4|network(i), ClientAuthFailure)
		if i%10 == 0 {
			c.add(tickOf(now), bad, ClientAuthFailure)
		}
	}
	tally := c.Tally(now, ClientAuthFailure, Window5m)
	top, missed := tally.Largest(3)
	if len(top) != 3 || top[0].Client != netip.MustParsePrefix("192.0.2.0/24") || top[0].N > 10_000 || top[0].N+missed < 10_000 || top[1].N > 1 {
		t.Errorf("%v, %d missed", top, missed)
	}
	for w, wait := range []int64{300e9, 3600e9, 86400e9} {
		tally := c.Tally(now+wait, ClientAuthFailure, Window(w))
		if top, missed := tally.Largest(3); len(top) != 0 || missed != 0 {
			t.Errorf("%v later: %v, %d", Window(w), top, missed)
		}
	}
	c.add(tickOf(now), 0, ClientAuthFailure) // an address that is none
	other := c.Tally(now, ClientRelayDenied, Window24h)
	if top, _ := other.Largest(3); len(top) != 0 {
		t.Errorf("%v", top)
	}
	if allocations := testing.AllocsPerRun(1000, func() { c.add(tickOf(now), bad, ClientAuthFailure); now += 1e9 }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func TestDistinct(t *testing.T) {
	seed := Seed{} // as in a replay
	for _, test := range []struct{ n, tolerance float64 }{{0, 0}, {1, 0}, {10, 1}, {40, 1}, {1000, 30}, {10_000, 600}, {100_000, 6000}} {
		var d, half, other distinct
		for i := range uint64(test.n) {
			d.add(seed.mix(7, 4<<56+i))
			d.add(seed.mix(7, 4<<56+i)) // again
			if i%2 == 0 {
				half.add(seed.mix(7, 4<<56+i))
			} else {
				other.add(seed.mix(7, 4<<56+i))
			}
		}
		got := float64(d.count())
		if got < test.n-test.tolerance || got > test.n+test.tolerance {
			t.Errorf("%v keys: %v", test.n, got)
		}
		half.join(&other)
		if half != d {
			t.Errorf("%v keys: the halves joined are not the whole", test.n)
		}
	}
}

func TestAttackers(t *testing.T) {
	var a Attackers
	seed := Seed{5, 6}
	now := int64(1.7e18)
	for i := range uint64(20) {
		a.failed(tickOf(now), seed.hash([]byte{byte(i % 4), 1}), seed.hash([]byte{byte(i), 2}))
		now += 10e9
	}
	a.failed(tickOf(now), seed.hash([]byte{1, 1}), 0) // names no user
	for w := range Window(NumWindows) {
		if networks, users := a.Count(now, w); networks != 4 || users != 20 {
			t.Errorf("%v: %d networks, %d users", w, networks, users)
		}
	}
	if networks, users := a.Count(now+300e9, Window5m); networks != 0 || users != 0 {
		t.Errorf("5 minutes later: %d networks, %d users", networks, users)
	}
	if networks, users := a.Count(now+300e9, Window1h); networks != 4 || users != 20 {
		t.Errorf("5 minutes later, 1h: %d networks, %d users", networks, users)
	}
}

func TestLargestOrder(t *testing.T) {
	tally := ClientTally{all: []tally{{3, 5}, {1, 5}, {2, 9}, {1, 1}, {4, 1}}}
	var got []uint32
	top, _ := tally.Largest(10)
	for _, one := range top {
		got = append(got, one.N)
	}
	if !slices.Equal(got, []uint32{9, 6, 5, 1}) {
		t.Errorf("%v", got)
	}
}

// What joins keeps the promise, too.
func TestFrequentJoin(t *testing.T) {
	random := seeded(t)
	var whole frequent
	truth := map[uint64]uint32{}
	all := uint32(0)
	for range 30 {
		part := frequent{seed: 7}
		for range 2000 {
			key := random.Uint64N(1+random.Uint64N(3000)) + 1
			truth[key]++
			all++
			part.add(key, 1)
		}
		whole.join(&part)
	}
	if whole.lost > all/(frequentKeys+1) {
		t.Errorf("%d of %d lost", whole.lost, all)
	}
	for key, n := range truth {
		if got := whole.find(key).n; got > n || got+whole.lost < n {
			t.Fatalf("key %d has %d, in truth %d, and %d are lost", key, got, n, whole.lost)
		}
	}
}

// A window holds its panes, whichever of them have joined already, and no more.
func TestPanes(t *testing.T) {
	random := seeded(t)
	for range 50 {
		c := Clients{seed: 3}
		var events []tick
		now := tickOf(1.7e18) + tick(random.Uint32N(10_000))
		longest := []uint32{2, 30, 500, 4000}[random.IntN(4)]
		for range 200 {
			now += tick(random.Uint32N(longest))
			events = append(events, now)
			c.add(now, networkIPv4|5, ClientUserUnknown)
			at := now + tick(random.Uint32N(longest))
			for w := range Window(NumWindows) {
				want := uint32(0)
				for _, e := range events {
					if at/paneLength(w)-e/paneLength(w) < numPanes {
						want++
					}
				}
				tally := c.Tally(int64(at)*int64(tickLength), ClientUserUnknown, w)
				got := uint32(0)
				if top, _ := tally.Largest(1); len(top) == 1 {
					got = top[0].N
				}
				if got != want {
					t.Fatalf("%v after %d events: %d, want %d", w, len(events), got, want)
				}
			}
		}
	}
}
