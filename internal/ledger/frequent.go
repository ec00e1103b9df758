package ledger

// frequentKeys is how many keys a frequent counts at most.
const frequentKeys = 256

// frequent counts the commonest of any number of keys in a fixed space, by the
// way of Misra and Gries: a key that finds no room takes one from every count
// instead, and those at nothing leave. So a count is never above the truth,
// and below it by at most lost, which is at most a 257th of all that was added:
// an innocent key is never shown for what others did.
type frequent struct {
	slots [2 * frequentKeys]tally // by hash, then the next free one
	used  int
	lost  uint32
}

type tally struct {
	key uint64 // 0: free
	n   uint32
}

// add counts one for a key, which is not 0. Seed spreads the keys. It gives how
// many others it forgot.
func (f *frequent) add(key, seed uint64) (forgotten int) {
	slot := f.find(key, seed)
	if slot.key == 0 {
		if f.used == frequentKeys {
			f.shed(seed)
			return frequentKeys - f.used
		}
		slot.key = key
		f.used++
	}
	saturate(&slot.n, 1)
	return 0
}

// find gives a key's slot, or the free one where it would be.
func (f *frequent) find(key, seed uint64) *tally {
	i := (key ^ seed) * (seed | 1) >> 32
	for ; ; i++ {
		if s := &f.slots[i%uint64(len(f.slots))]; s.key == key || s.key == 0 {
			return s
		}
	}
}

// shed takes one from every count.
func (f *frequent) shed(seed uint64) {
	before := f.slots
	f.slots, f.used = [len(f.slots)]tally{}, 0
	for _, t := range before {
		if t.n > 1 {
			*f.find(t.key, seed) = tally{t.key, t.n - 1}
			f.used++
		}
	}
	saturate(&f.lost, 1)
}

// walk visits the slots that are taken.
func (f *frequent) walk(c *codec) {
	number(c, &f.lost)
	n := c.length(f.used)
	for i := uint16(0); n > 0 && c.err == nil; i++ {
		for !c.reading && f.slots[i].key == 0 {
			i++
		}
		number(c, &i)
		below(c, &i, len(f.slots))
		slot := &f.slots[i]
		if c.reading && (slot.key != 0 || f.used == frequentKeys) {
			c.fail("slot %d twice, or too many", i)
			return
		}
		c.uint64(&slot.key)
		number(c, &slot.n)
		if c.reading && slot.key != 0 {
			f.used++
		}
		n--
	}
}
