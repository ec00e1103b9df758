package ledger

import "math"

// Measure is one of the figures that a principal has in every window.
type Measure uint8

// The measures. Failed and Deferred count a recipient once.
const (
	Messages   Measure = iota // accepted into the queue
	Recipients                // of these
	Failed                    // recipients: bounced, or expired
	Deferred                  // recipients, at their first attempt: greylisting, a dead next hop
	Foreign                   // messages whose envelope sender is outside the account's own domain
	Strange                   // messages from networks whose kin was new to the account two days before or less

	NumMeasures = int(Strange) + 1
)

// Sums are a principal's figures in each window.
type Sums [NumWindows][NumMeasures]uint64

// bucket counts what happened in one step of a window, from start on.
type bucket struct {
	start tick
	n     counts
}

type counts [NumMeasures]uint32

// accept counts a message.
func (c *counts) accept(recipients, foreign uint32) {
	saturate(&c[Messages], 1)
	saturate(&c[Recipients], recipients)
	saturate(&c[Foreign], foreign)
}

// series counts over time. Its buckets are 10 seconds long while they are in
// the shortest window, then a minute, then a quarter of an hour, and only those
// exist in which something happened: 28 bytes for a quiet account, some 190
// buckets for one that never stops. When they are merged makes no difference to a sum.
type series struct {
	buckets []bucket // in order of start, no two with the same
}

// add counts n at now, see at.
func (s *series) add(now tick, m Measure, n uint32) { saturate(&s.at(now)[m], n) }

// at gives the counts of now, which is never before the last call's unless the
// clock was set back; what then lies after now is forgotten.
func (s *series) at(now tick) *counts {
	last := len(s.buckets) - 1
	for last >= 0 && s.buckets[last].start > now {
		s.buckets, last = s.buckets[:last], last-1
	}
	if last < 0 || s.buckets[last].start != now {
		if n := len(s.buckets); n > 0 && n%mergeEvery == 0 {
			s.merge(now)
		}
		s.buckets = append(grown(s.buckets), bucket{start: now})
		last = len(s.buckets) - 1
	}
	return &s.buckets[last].n
}

// mergeEvery says at which lengths a series is merged. It hangs on nothing but
// the length, so that equal logs give equal states.
const mergeEvery = 8

// grown gives a slice that has room for one more. It grows by halves: most
// stay short, and there are many.
func grown[T any](s []T) []T {
	if c := cap(s); len(s) == c {
		return append(make([]T, 0, c+c/2+1), s...)
	}
	return s
}

// saturate adds to a count that stays at its largest value.
func saturate(to *uint32, n uint32) { *to += min(n, math.MaxUint32-*to) }

// merge makes one bucket of those that are the same step of each window that
// still holds them, and drops those that none does.
func (s *series) merge(now tick) {
	kept := s.buckets[:0]
	for _, b := range s.buckets {
		w := Window5m
		for int(w) < NumWindows && !w.holds(b.start, now) {
			w++
		}
		if int(w) == NumWindows {
			continue
		}
		b.start -= b.start % w.step()
		if last := len(kept) - 1; last >= 0 && kept[last].start == b.start {
			for m, n := range b.n {
				saturate(&kept[last].n[m], n)
			}
			continue
		}
		kept = append(kept, b)
	}
	s.buckets = kept
}

// sums reads all windows as they stand at now.
func (s *series) sums(now tick) (sums Sums) {
	for i := len(s.buckets) - 1; i >= 0; i-- {
		b := &s.buckets[i]
		if b.start > now {
			continue
		}
		if !Window24h.holds(b.start, now) {
			break
		}
		for w := range sums {
			if Window(w).holds(b.start, now) {
				for m, n := range b.n {
					sums[w][m] += uint64(n)
				}
			}
		}
	}
	return sums
}

func (s *series) walk(c *codec) {
	items(c, &s.buckets, func(b *bucket) {
		number(c, &b.start)
		numbers(c, b.n[:])
	})
}
