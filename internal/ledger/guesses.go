package ledger

import (
	"bytes"
	"math"
)

const (
	guessSteps = 7 // of ten minutes: the one under way and the hour before it
	guessWays  = 8 // places that a key may stand in
)

// guessSlot gives the number of a ten-minute step.
func guessSlot(now tick) uint32 { return uint32(now) / 60 }

// Witness is who tells of a failed login. Of one try two of them may tell, so
// their counts are not added up.
type witness uint8

const (
	byServer witness = iota // smtpd(8), or the login process of another Dovecot service
	byAuth                  // Dovecot's auth process, which sees the tries of both

	numWitnesses = int(byAuth) + 1
)

// guessSet is places for the failed logins of the last hour under eight keys:
// the keys side by side, since most are looked for and not found.
type guessSet struct {
	keys [guessWays]uint64 // 0: free
	last [guessWays]uint32 // the step that counts[…][…][last%guessSteps] is of
	sum  [guessWays]uint16 // as of last, to find the one of the fewest failures
	n    [guessWays][numWitnesses][guessSteps]uint16
}

// advance clears the steps that have passed. When the clock was set back it
// clears all.
func (g *guessSet) advance(way int, step uint32) {
	if step == g.last[way] {
		return
	}
	for w := range g.n[way] {
		for i := range min(step-g.last[way], guessSteps) {
			g.n[way][w][(step-i)%guessSteps] = 0
		}
	}
	g.last[way] = step
}

func (g *guessSet) count(way int, w witness, step uint32) (n uint32) {
	for back := range uint32(guessSteps) {
		if at := step - back; at <= g.last[way] && g.last[way]-at < guessSteps {
			n += uint32(g.n[way][w][at%guessSteps])
		}
	}
	return n
}

func (g *guessSet) total(way int, step uint32) uint32 {
	return max(g.count(way, byServer, step), g.count(way, byAuth, step))
}

// find gives the place of a key, or guessWays.
func (g *guessSet) find(key uint64) int {
	for way, k := range g.keys {
		if k == key {
			return way
		}
	}
	return guessWays
}

// leastUseful gives the place with the fewest failures; of several, the one
// unchanged for longest. Those that are over count nothing.
func (g *guessSet) leastUseful(step uint32) (way int) {
	least, oldest := uint16(math.MaxUint16), uint32(math.MaxUint32)
	for i, key := range g.keys {
		if key == 0 {
			return i
		}
		sum := g.sum[i]
		if step-g.last[i] >= guessSteps {
			sum = 0
		}
		if sum < least || sum == least && g.last[i] < oldest {
			way, least, oldest = i, sum, g.last[i]
		}
	}
	return way
}

// guesses remembers for an hour who failed to log in from which network under
// which name. A key has eight places it may stand in, and takes that of the
// fewest failures: a flood of made-up names displaces other made-up names, not
// the account that is really being guessed.
type guesses struct {
	seed      Seed
	size      int        // sets
	table     []guessSet // made when there is need of it
	n         int
	evictions uint64
}

func newGuesses(limit int, seed Seed) guesses {
	return guesses{seed: seed, size: (limit + guessWays - 1) / guessWays}
}

// failed notes n failed logins of a network; full is the hash of the whole name.
// Where the log names no user, they are the network's own.
func (g *guesses) failed(now tick, from network, user []byte, full uint64, w witness, n uint32) {
	step := guessSlot(now)
	if len(user) > 0 {
		g.note(g.name(from, full), step, w, n)
		if local, whole := localPart(user); !whole {
			g.note(g.anyDomain(from, g.seed.lowered(local)), step, w, n)
		}
	}
	if len(user) == 0 || w == byAuth {
		g.note(g.name(from, 0), step, w, n)
	}
}

// prior gives the failed logins of the last hour that a network had made on an
// account. Clients may leave the domain out or add it, so that bob has failed
// when bob@any.domain did, and bob@example.com when bob did. Before Postfix 3.9
// smtpd names no user; where Dovecot's auth process doesn't either, any failure
// of the network may have been on the account.
func (g *guesses) prior(now tick, from network, account []byte) (n uint32) {
	step := guessSlot(now)
	n = g.total(g.name(from, g.seed.lowered(account)), step)
	if local, whole := localPart(account); whole {
		n += g.total(g.anyDomain(from, g.seed.lowered(local)), step)
	} else {
		n += g.total(g.name(from, g.seed.lowered(local)), step)
	}
	if set, way := g.find(g.name(from, 0)); way < guessWays && set.count(way, byAuth, step) == 0 {
		n = max(n, set.count(way, byServer, step))
	}
	return n
}

// localPart cuts the domain off a name; whole says that it has none.
func localPart(user []byte) (local []byte, whole bool) {
	if i := bytes.LastIndexByte(user, '@'); i >= 0 {
		return user[:i], false
	}
	return user, true
}

// name gives the key of a name's hash or, by 0, of the network itself; anyDomain
// that of a name with whatever domain behind it. None is 0.
func (g *guesses) name(from network, user uint64) uint64 { return g.seed.mix(user, uint64(from)) | 1 }

func (g *guesses) anyDomain(from network, local uint64) uint64 {
	return g.seed.mix(local, ^uint64(from)) | 1
}

// find gives the set that a key belongs in, and its place there if it has one.
func (g *guesses) find(key uint64) (set *guessSet, way int) {
	if g.table == nil {
		return nil, guessWays
	}
	set = &g.table[(key>>32)%uint64(len(g.table))]
	return set, set.find(key)
}

func (g *guesses) total(key uint64, step uint32) uint32 {
	if set, way := g.find(key); way < guessWays {
		return set.total(way, step)
	}
	return 0
}

func (g *guesses) note(key uint64, step uint32, w witness, n uint32) {
	if g.table == nil {
		g.table = make([]guessSet, g.size)
	}
	set, way := g.find(key)
	if way == guessWays {
		way = set.leastUseful(step)
		switch {
		case set.keys[way] == 0:
			g.n++
		case step-set.last[way] < guessSteps:
			g.evictions++
		}
		set.keys[way], set.last[way], set.n[way] = key, step, [numWitnesses][guessSteps]uint16{}
	}
	set.advance(way, step)
	at := &set.n[way][w][step%guessSteps]
	*at = uint16(min(uint32(*at)+n, math.MaxUint16))
	set.sum[way] = uint16(min(set.total(way, step), math.MaxUint16))
}

// walk visits the places that are taken. In a table of another size they are
// looked for anew.
func (g *guesses) walk(c *codec) {
	size, n := uint32(g.size), c.length(g.n)
	number(c, &size)
	c.uint64(&g.evictions)
	for i := uint32(0); n > 0 && c.err == nil; i++ {
		if !c.reading && g.table[i/guessWays].keys[i%guessWays] == 0 {
			continue
		}
		number(c, &i)
		if !c.reading {
			g.table[i/guessWays].walk(c, int(i%guessWays))
		} else {
			var one guessSet
			one.walk(c, 0)
			g.put(&one, i, size)
		}
		n--
	}
}

func (g *guessSet) walk(c *codec, way int) {
	c.uint64(&g.keys[way])
	number(c, &g.last[way])
	number(c, &g.sum[way])
	for w := range g.n[way] {
		numbers(c, g.n[way][w][:])
	}
}

// put gives the first place of a set, as it was read, a place in the table.
func (g *guesses) put(one *guessSet, i, size uint32) {
	if one.keys[0] == 0 {
		return
	}
	if g.table == nil {
		g.table = make([]guessSet, g.size)
	}
	set, _ := g.find(one.keys[0])
	way := set.leastUseful(one.last[0])
	if int(size) == g.size && int(i) < g.size*guessWays {
		set, way = &g.table[i/guessWays], int(i%guessWays)
	}
	if set.keys[way] == 0 {
		g.n++
	}
	set.keys[way], set.last[way], set.sum[way], set.n[way] = one.keys[0], one.last[0], one.sum[0], one.n[0]
}
