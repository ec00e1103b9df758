package ledger

import (
	"math/rand/v2"
	"testing"
	"time"
)

// seeded gives random numbers that a failure can be repeated with.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func TestWindowHolds(t *testing.T) {
	for _, test := range []struct {
		w      Window
		t, now time.Duration
		want   bool
	}{
		{Window5m, 0, 0, true},
		{Window5m, 0, 299 * time.Second, true},
		{Window5m, 9 * time.Second, 300 * time.Second, false}, // the step of 10 s leaves as a whole
		{Window5m, 10 * time.Second, 309 * time.Second, true},
		{Window5m, 10 * time.Second, 9 * time.Second, false}, // not yet
		{Window1h, 59 * time.Second, 59*time.Minute + 59*time.Second, true},
		{Window1h, 59 * time.Second, 60 * time.Minute, false},
		{Window24h, 14 * time.Minute, 24*time.Hour - time.Second, true},
		{Window24h, 14 * time.Minute, 24 * time.Hour, false},
	} {
		if got := test.w.holds(tickOf(int64(test.t)), tickOf(int64(test.now))); got != test.want {
			t.Errorf("%v: %v at %v: %v", test.w, test.t, test.now, got)
		}
	}
	if tickOf(-1<<63) != 0 || tickOf(1<<63-1) != 922337203 {
		t.Errorf("forged times: %d %d", tickOf(-1<<63), tickOf(1<<63-1))
	}
}

// naiveSeries keeps every event.
type naiveSeries []naiveEvent

type naiveEvent struct {
	at tick
	m  Measure
	n  uint32
}

func (s naiveSeries) sums(now tick) (sums Sums) {
	for _, e := range s {
		for w := range sums {
			if Window(w).holds(e.at, now) {
				sums[w][e.m] += uint64(e.n)
			}
		}
	}
	return sums
}

// Whatever the pauses between events, and when buckets are merged, a sum is that
// of the events themselves: also a day after the clock was set back.
func TestSeriesSums(t *testing.T) {
	random := seeded(t)
	for range 200 {
		var s series
		var naive naiveSeries
		now := tickOf(1.7e18) + tick(random.Uint32N(1000))
		for range random.IntN(50) { // of a time to come
			s.add(now+5000+tick(random.Uint32N(50_000)), Recipients, 1)
		}
		s.add(now, Recipients, 1)
		now += 8640 + 90
		longest := []uint32{2, 20, 200, 3000}[random.IntN(4)]
		for range 400 {
			now += tick(random.Uint32N(longest))
			m, n := Measure(random.IntN(NumMeasures)), random.Uint32N(5)+1
			s.add(now, m, n)
			naive = append(naive, naiveEvent{now, m, n})
			later := now + tick(random.Uint32N(longest))
			if got, want := s.sums(later), naive.sums(later); got != want {
				t.Fatalf("sums at %d after %d events: %v, want %v", later, len(naive), got, want)
			}
		}
	}
}

// What lies ahead when the clock is set back is in no window, and forgotten with
// the next event.
func TestSeriesClockSetBack(t *testing.T) {
	var s series
	now := tickOf(1.7e18)
	s.add(now, Messages, 1)
	s.add(now+100_000, Messages, 1)
	if got := s.sums(now); got[Window5m][Messages] != 1 || got[Window24h][Messages] != 1 {
		t.Errorf("%v", got)
	}
	s.add(now+1, Messages, 1)
	if got := s.sums(now + 100_000); got != (Sums{}) {
		t.Errorf("%v", got)
	}
	if got := s.sums(now + 1); got[Window5m][Messages] != 2 {
		t.Errorf("%v", got)
	}
}

func TestSeriesBound(t *testing.T) {
	var s series
	now := tickOf(1.7e18)
	longest := 0
	for range 3 * 8640 { // three days without a pause
		now++
		s.add(now, Messages, 1)
		longest = max(longest, len(s.buckets))
	}
	if longest > 200 {
		t.Errorf("%d buckets", longest)
	}
	if allocations := testing.AllocsPerRun(1000, func() { now++; s.add(now, Messages, 1) }); allocations != 0 {
		t.Errorf("%v allocations a bucket", allocations)
	}
	s.add(now, Recipients, 1<<32-1)
	s.add(now, Recipients, 1<<32-1)
	if got := s.sums(now)[Window5m][Recipients]; got != 1<<32-1 {
		t.Errorf("forged counts add up to %d", got)
	}
}
