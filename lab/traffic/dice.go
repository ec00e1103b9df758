package traffic

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// dice is one actor's own chance: who acts more or less often changes nothing
// for the others.
type dice struct{ *rand.Rand }

func newDice(seed uint64, who string, number int) dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(who))                                                           // never fails
	return dice{rand.New(rand.NewPCG(seed, h.Sum64()+uint64(number)*0x9e3779b97f4a7c15))} //nolint:gosec // the same seed is to give the same log
}

func (d dice) chance(p float64) bool { return d.Float64() < p }

// between gives a whole number from low to high, both among them.
func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// span gives a time from low to high.
func (d dice) span(low, high time.Duration) time.Duration {
	return low + time.Duration(d.Int64N(int64(high-low)+1))
}

// wait gives a time that is mean on average: that between two independent events.
func (d dice) wait(mean time.Duration) time.Duration {
	return time.Duration(d.ExpFloat64() * float64(mean))
}

// heavy gives a number whose half lies below median, and some far above it:
// log-normal, as are sizes of messages and how much people write.
func (d dice) heavy(median, sigma float64) float64 {
	return median * math.Exp(sigma*d.NormFloat64())
}

func pick[T any](d dice, list []T) T { return list[d.IntN(len(list))] }

// hex gives n hexadecimal digits.
func (d dice) hex(n int) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[d.IntN(len(digits))]
	}
	return string(b)
}
