package ledger

import (
	"math"
	"math/bits"
)

const (
	distinctBits      = 12
	distinctRegisters = 1 << distinctBits
)

// distinct estimates how many different keys it was shown, in 4 kB: HyperLogLog
// (Flajolet et al.). It errs by 1.6 % for large numbers; up to some thousands it
// counts by the registers that are still empty, and a few dozen are near exact.
// Two of them make one of the keys of both.
type distinct [distinctRegisters]uint8

// add shows it the hash of a key.
func (d *distinct) add(hash uint64) {
	r := &d[hash>>(64-distinctBits)]
	*r = max(*r, uint8(bits.LeadingZeros64(hash<<distinctBits|1<<(distinctBits-1)))+1)
}

// join takes in the keys of another.
func (d *distinct) join(other *distinct) {
	for i, r := range other {
		d[i] = max(d[i], r)
	}
}

// count gives the estimate.
func (d *distinct) count() uint64 {
	const m = float64(distinctRegisters)
	var have [64]int // registers by what they hold
	for _, r := range d {
		have[r%64]++
	}
	sum, empty := 0.0, have[0]
	for r, n := range have {
		sum += math.Ldexp(float64(n), -r)
	}
	n := 0.7213 / (1 + 1.079/m) * m * m / sum
	if n <= 2.5*m && empty > 0 {
		n = m * math.Log(m/float64(empty))
	}
	return uint64(math.Round(n))
}

// walk visits the registers that are not empty.
func (d *distinct) walk(c *codec) {
	n := 0
	for _, r := range d {
		if r != 0 {
			n++
		}
	}
	n = c.length(n)
	for i := uint16(0); n > 0 && c.err == nil; i++ {
		for !c.reading && d[i] == 0 {
			i++
		}
		rowNumber(c, &i, len(d))
		rowNumber(c, &d[i], 64)
		n--
	}
}
