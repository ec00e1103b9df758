package ledger

import (
	"bytes"
	"cmp"
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

// guess counts the failed logins under one key in the last hour.
type guess struct {
	key  uint64 // 0: free
	last uint32 // the step that n[…][last%guessSteps] is of
	n    [numWitnesses][guessSteps]uint16
}

// advance clears the steps that have passed. When the clock was set back it
// clears all.
func (g *guess) advance(step uint32) {
	for w := range g.n {
		for i := range min(step-g.last, guessSteps) {
			g.n[w][(step-i)%guessSteps] = 0
		}
	}
	g.last = step
}

func (g *guess) count(w witness, step uint32) (n uint32) {
	for back := range uint32(guessSteps) {
		if at := step - back; at <= g.last && g.last-at < guessSteps {
			n += uint32(g.n[w][at%guessSteps])
		}
	}
	return n
}

func (g *guess) total(step uint32) uint32 {
	return max(g.count(byServer, step), g.count(byAuth, step))
}

// guesses remembers for an hour who failed to log in from which network under
// which name. A key has eight places it may stand in, and takes that of the
// fewest failures: a flood of made-up names displaces other made-up names, not
// the account that is really being guessed.
type guesses struct {
	seed      Seed
	limit     int
	table     []guess // in sets of guessWays; made when there is need of it
	n         int
	evictions uint64
}

func newGuesses(limit int, seed Seed) guesses {
	return guesses{seed: seed, limit: (limit + guessWays - 1) / guessWays * guessWays}
}

// failed notes n failed logins of a network. Where the log names no user, they
// are the network's own.
func (g *guesses) failed(now tick, from network, user []byte, w witness, n uint32) {
	step := guessSlot(now)
	if len(user) > 0 {
		g.note(g.name(from, user), step, w, n)
		if local, whole := localPart(user); !whole {
			g.note(g.anyDomain(from, local), step, w, n)
		}
	}
	if len(user) == 0 || w == byAuth {
		g.note(g.name(from, nil), step, w, n)
	}
}

// prior gives the failed logins of the last hour that a network had made on an
// account. Clients may leave the domain out or add it, so that bob has failed
// when bob@any.domain did, and bob@example.com when bob did. Before Postfix 3.9
// smtpd names no user; where Dovecot's auth process doesn't either, any failure
// of the network may have been on the account.
func (g *guesses) prior(now tick, from network, account []byte) (n uint32) {
	step := guessSlot(now)
	n = g.total(g.name(from, account), step)
	if local, whole := localPart(account); whole {
		n += g.total(g.anyDomain(from, local), step)
	} else {
		n += g.total(g.name(from, local), step)
	}
	if own := g.find(g.name(from, nil)); own != nil && own.count(byAuth, step) == 0 {
		n = max(n, own.count(byServer, step))
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

// name gives the key of a name as it is, or of the network itself; anyDomain
// that of a name with whatever domain behind it. None is 0.
func (g *guesses) name(from network, user []byte) uint64 {
	return g.seed.pair(uint64(from), g.seed.lowered(user)) | 1
}

func (g *guesses) anyDomain(from network, local []byte) uint64 {
	return g.seed.pair(^uint64(from), g.seed.lowered(local)) | 1
}

func (g *guesses) set(key uint64) []guess {
	if g.table == nil {
		return nil
	}
	sets := uint64(len(g.table) / guessWays)
	i := (key >> 32) % sets * guessWays
	return g.table[i : i+guessWays]
}

func (g *guesses) find(key uint64) *guess {
	set := g.set(key)
	for i := range set {
		if set[i].key == key {
			return &set[i]
		}
	}
	return nil
}

func (g *guesses) total(key uint64, step uint32) uint32 {
	if one := g.find(key); one != nil {
		return one.total(step)
	}
	return 0
}

func (g *guesses) note(key uint64, step uint32, w witness, n uint32) {
	one := g.find(key)
	if one == nil {
		one = g.leastUseful(key, step)
		switch {
		case one.key == 0:
			g.n++
		case one.total(step) > 0:
			g.evictions++
		}
		*one = guess{key: key, last: step}
	}
	one.advance(step)
	at := &one.n[w][step%guessSteps]
	*at = uint16(min(uint32(*at)+n, math.MaxUint16))
}

// leastUseful gives the place of a set with the fewest failures; of several, the
// one unchanged for longest.
func (g *guesses) leastUseful(key uint64, step uint32) *guess {
	if g.table == nil {
		g.table = make([]guess, g.limit)
	}
	set := g.set(key)
	least := &set[0]
	for i := range set {
		if one := &set[i]; one.key == 0 {
			return one
		} else if cmp.Or(cmp.Compare(one.total(step), least.total(step)), cmp.Compare(one.last, least.last)) < 0 {
			least = one
		}
	}
	return least
}

// walk visits the places that are taken. In a table of another size they are
// looked for anew.
func (g *guesses) walk(c *codec) {
	size, n := uint32(g.limit), c.length(g.n)
	number(c, &size)
	c.uint64(&g.evictions)
	for i := uint32(0); n > 0 && c.err == nil; i++ {
		if !c.reading && g.table[i].key == 0 {
			continue
		}
		var one guess
		if !c.reading {
			one = g.table[i]
		}
		number(c, &i)
		one.walk(c)
		if c.reading {
			g.put(one, i, size)
		}
		n--
	}
}

func (g *guess) walk(c *codec) {
	c.uint64(&g.key)
	number(c, &g.last)
	for w := range g.n {
		numbers(c, g.n[w][:])
	}
}

func (g *guesses) put(one guess, i, size uint32) {
	if one.key == 0 {
		return
	}
	at := g.leastUseful(one.key, one.last)
	if int(size) == g.limit && int(i) < g.limit {
		at = &g.table[i]
	}
	if at.key == 0 {
		g.n++
	}
	*at = one
}
