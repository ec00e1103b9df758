package ledger

import "postfix_exporter/parser"

// maxAccountBytes is the longest account name that gets a row of its own.
const maxAccountBytes = 256

// Accounts holds the exact totals of authenticated accounts. Only accepted
// messages make a row: the names of failed logins are an attacker's choice.
// Row 0 is Other.
type Accounts struct {
	limit int
	index map[string]uint32
	rows  []Account
}

// Account is what one sasl_username is responsible for.
type Account struct {
	Name                 string
	Messages, Recipients uint64                     // accepted into the queue, each message once
	Deliveries           [parser.NumStatuses]uint64 // attempts by recipient, the hand-over to a content filter among them
}

func newAccounts(limit int) Accounts {
	return Accounts{limit: limit, index: map[string]uint32{Other: 0}, rows: []Account{{Name: Other}}}
}

// All lists the rows. The slice lives as long as the lock is held.
func (a *Accounts) All() []Account { return a.rows }

func (a *Accounts) row(name []byte) uint32 {
	if i, ok := a.index[string(name)]; ok {
		return i
	}
	if len(a.rows) > a.limit || !clean(name, maxAccountBytes) {
		return 0
	}
	i := uint32(len(a.rows))
	row := Account{Name: string(name)}
	a.index[row.Name] = i
	a.rows = append(a.rows, row)
	return i
}

func (a *Accounts) walk(c *codec) {
	items(c, &a.rows, func(row *Account) {
		c.string(&row.Name)
		c.uint64(&row.Messages)
		c.uint64(&row.Recipients)
		numbers(c, row.Deliveries[:])
	})
	if !c.reading {
		return
	}
	if len(a.rows) == 0 {
		c.fail("no accounts, not even %s", Other)
		return
	}
	a.index = make(map[string]uint32, len(a.rows))
	for i := range a.rows {
		a.index[a.rows[i].Name] = uint32(i)
	}
}
