package ledger

// frequentKeys is how many keys a frequent counts at most.
const frequentKeys = 256

// frequent counts the commonest of any number of keys in a fixed space, by the
// way of Misra and Gries: a key that finds no room takes one from every count
// instead, and those at nothing leave. So a count is never above the truth,
// and below it by at most lost, which is at most a 257th of all that was added:
// an innocent key is never shown for what others did.
type frequent struct {
	seed  uint64                  // spreads the keys
	slots [2 * frequentKeys]tally // by hash, then the next free one
	used  int
	lost  uint32
}

type tally struct {
	key uint64 // 0: free
	n   uint32
}

// add counts n for a key, which is not 0.
func (f *frequent) add(key uint64, n uint32) {
	for n > 0 {
		slot := f.find(key)
		if slot.key == 0 {
			if f.used == frequentKeys {
				n -= f.shed(n)
				continue
			}
			slot.key = key
			f.used++
		}
		saturate(&slot.n, n)
		return
	}
}

// find gives a key's slot, or the free one where it would be.
func (f *frequent) find(key uint64) *tally {
	i := (key ^ f.seed) * (f.seed | 1) >> 32
	for ; ; i++ {
		if s := &f.slots[i%uint64(len(f.slots))]; s.key == key || s.key == 0 {
			return s
		}
	}
}

// shed takes the smallest count, or n if that is less, from every one, and gives
// how much that was.
func (f *frequent) shed(n uint32) uint32 {
	for _, t := range f.slots {
		if t.key != 0 {
			n = min(n, t.n)
		}
	}
	before := f.slots
	f.slots, f.used = [len(f.slots)]tally{}, 0
	for _, t := range before {
		if t.n > n {
			*f.find(t.key) = tally{t.key, t.n - n}
			f.used++
		}
	}
	saturate(&f.lost, n)
	return n
}

// join takes in the counts of another. That keeps what is said of lost.
func (f *frequent) join(other *frequent) {
	f.seed = other.seed
	for _, t := range other.slots {
		if t.key != 0 {
			f.add(t.key, t.n)
		}
	}
	saturate(&f.lost, other.lost)
}

// walk visits the slots that are taken.
func (f *frequent) walk(c *codec) {
	c.uint64(&f.seed)
	number(c, &f.lost)
	n := c.length(f.used)
	for i := uint16(0); n > 0 && c.err == nil; i++ {
		for !c.reading && f.slots[i].key == 0 {
			i++
		}
		rowNumber(c, &i, len(f.slots))
		slot := &f.slots[i]
		if c.reading && (slot.key != 0 || f.used == frequentKeys) {
			c.fail("slot %d twice, or too many", i)
			return
		}
		c.uint64(&slot.key)
		number(c, &slot.n)
		if c.reading && (slot.key == 0 || slot.n == 0) {
			*slot = tally{}
			c.fail("slot %d is empty", i)
			return
		}
		if c.reading {
			f.used++
		}
		n--
	}
}
