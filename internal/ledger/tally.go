package ledger

// maxTally bounds a Tally. A busy server has some dozens of rows; remote hosts
// choose dsn codes, and a forged log could hold every combination.
const maxTally = 512

// Tally counts by a compact key of which few combinations occur. Its rows stay
// in the order in which they came, so that equal logs give equal states.
type Tally[K comparable] struct {
	index map[K]uint32
	rows  []Count[K]
	near  [64]nearRow // by hash
}

// nearRow is the row of the last key of a hash: found there, it costs no look into the map.
type nearRow struct {
	word uint64 // the key's bytes
	row  uint32 // and one; 0 for none
}

// Count is one row of a Tally.
type Count[K comparable] struct {
	Key K
	N   uint64
}

func newTally[K comparable]() Tally[K] { return Tally[K]{index: map[K]uint32{}} }

// All lists the rows. The slice lives as long as the lock is held.
func (t *Tally[K]) All() []Count[K] { return t.rows }

// Count gives how often a key was counted.
func (t *Tally[K]) Count(key K) uint64 {
	if i, ok := t.index[key]; ok {
		return t.rows[i].N
	}
	return 0
}

// again counts one for the key whose bytes are word, if it was the last of its hash.
func (t *Tally[K]) again(word uint64) bool {
	near := t.nearOf(word)
	if near.word != word || near.row == 0 {
		return false
	}
	t.rows[near.row-1].N++
	return true
}

// add counts one for key, whose bytes are word, or for other where key has no row
// and the table is full. The keys that callers use as other must be few.
func (t *Tally[K]) add(word uint64, key, other K) {
	i, ok := t.index[key]
	if !ok {
		if len(t.rows) >= maxTally {
			key = other
		}
		i = t.row(key)
	}
	t.rows[i].N++
	*t.nearOf(word) = nearRow{word, i + 1}
}

func (t *Tally[K]) nearOf(word uint64) *nearRow {
	const odd = 0x9e3779b97f4a7c15 // spreads what it multiplies
	return &t.near[word*odd>>58]
}

func (t *Tally[K]) row(key K) uint32 {
	i, ok := t.index[key]
	if !ok {
		i = uint32(len(t.rows))
		t.index[key] = i
		t.rows = append(t.rows, Count[K]{Key: key})
	}
	return i
}

// walk visits the rows; key visits the fields of one's key.
func (t *Tally[K]) walk(c *codec, key func(*K)) {
	items(c, &t.rows, func(row *Count[K]) {
		key(&row.Key)
		c.uint64(&row.N)
	})
	if !c.reading {
		return
	}
	*t = Tally[K]{index: make(map[K]uint32, len(t.rows)), rows: t.rows}
	for i := range t.rows {
		t.index[t.rows[i].Key] = uint32(i)
	}
}
