package ledger

import "iter"

// maxNameLength is the longest name, in bytes, that gets a row of its own.
const maxNameLength = 256

// maxDomainLength is that of DNS.
const maxDomainLength = 255

// Account is what one principal is responsible for.
type Account struct {
	Name string
	Totals
}

// Principals is a bounded table of those who send: accounts, local users, or
// domains that forward. Only what was accepted makes a row: the names of failed
// logins are an attacker's choice. Row 0 is Other and stands for those who have
// no row.
//
// Rows are many, series few: a board picks those that are shown.
type Principals struct {
	limit int // of rows
	index map[string]uint32
	rows  []principal
	free  []uint32 // rows without a name, if it was restored with a smaller limit

	idle, busy uint32 // ends of the list of rows by last use; row 0 is not in it
	evictions  uint64

	total Totals // of all, with and without a row
	all   series
	board board
}

type principal struct {
	Account
	prev, next uint32
	used       tick
	generation uint16
	domain     uint32 // key of the account's own domain, see State.ownDomain; 0 until it is asked for
	standing   standing
	day        [numLoudness]uint32 // never below the loudness of now, see board
	series     series
	networks   recent // client networks
	domains    recent // of recipients
	priors     priors
}

// A handle names a row and which of its owners is meant: a message may outlive
// its account's row, and must not count for the account that has it next.
const (
	rowBits   = 20
	maxRows   = 1<<rowBits - 1
	rowMask   = maxRows
	ageLimit  = 1 << (32 - rowBits)
	noAccount = uint32(0)
)

func newPrincipals(limit, shown int) Principals {
	return Principals{
		limit: limit,
		index: map[string]uint32{},
		rows:  []principal{{Account: Account{Name: Other}}},
		board: board{seats: shown},
	}
}

// All lists the rows by number, but for row 0.
func (p *Principals) All() iter.Seq2[uint32, Account] {
	return func(yield func(uint32, Account) bool) {
		for i := 1; i < len(p.rows); i++ {
			if r := &p.rows[i]; r.Name != "" && !yield(uint32(i), r.Account) {
				return
			}
		}
	}
}

// Entries is how many rows there are.
func (p *Principals) Entries() int { return len(p.rows) - 1 - len(p.free) }

// handle gives the handle of a name, and makes its row where it has none. It is
// noAccount where there is no room, or the name is unfit to be shown.
func (p *Principals) handle(name []byte, now tick) uint32 {
	i, ok := p.index[string(name)]
	if !ok {
		if len(name) == 0 || !clean(name, maxNameLength) {
			return noAccount
		}
		if i = p.newRow(); i == 0 {
			return noAccount
		}
		r := &p.rows[i]
		r.Name, r.used = string(name), now
		p.index[r.Name] = i
		p.push(i)
		p.board.enter(p, i)
	}
	return i | uint32(p.rows[i].generation)<<rowBits
}

// row gives the row that a handle means, 0 where another has it by now.
func (p *Principals) row(handle uint32) uint32 {
	i := handle & rowMask
	if int(i) >= len(p.rows) || uint32(p.rows[i].generation) != handle>>rowBits {
		return 0
	}
	return i
}

// newRow gives an empty row in no list: the one that was idle for longest among
// those not shown, where there is no other.
func (p *Principals) newRow() uint32 {
	switch {
	case p.Entries() >= p.limit:
		return p.evict()
	case len(p.free) > 0:
		i := p.free[len(p.free)-1]
		p.free = p.free[:len(p.free)-1]
		return i
	default:
		p.rows = append(p.rows, principal{})
		return uint32(len(p.rows) - 1)
	}
}

// evict empties a row and gives it, 0 where all are shown.
func (p *Principals) evict() uint32 {
	i := p.idle
	for i != 0 && p.rows[i].standing == onBoard {
		i = p.rows[i].next
	}
	if i == 0 {
		return 0
	}
	p.evictions++
	p.board.forget(p, i)
	p.unlink(i)
	r := &p.rows[i]
	delete(p.index, r.Name)
	*r = principal{generation: (r.generation + 1) % ageLimit}
	return i
}

// tick lets time pass: at every new second of the log.
func (p *Principals) tick(now int64) { p.board.tick(p, now) }

// use notes that a row is used now.
func (p *Principals) use(i uint32, now tick) {
	if r := &p.rows[i]; r.used != now {
		r.used = now
		p.unlink(i)
		p.push(i)
	}
}

func (p *Principals) push(i uint32) {
	r := &p.rows[i]
	r.prev, r.next = p.busy, 0
	if p.busy != 0 {
		p.rows[p.busy].next = i
	} else {
		p.idle = i
	}
	p.busy = i
}

func (p *Principals) unlink(i uint32) {
	r := &p.rows[i]
	if r.prev != 0 {
		p.rows[r.prev].next = r.next
	} else {
		p.idle = r.next
	}
	if r.next != 0 {
		p.rows[r.next].prev = r.prev
	} else {
		p.busy = r.prev
	}
}
