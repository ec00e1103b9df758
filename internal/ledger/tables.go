package ledger

// Table is how full one of the ledger's bounded tables is.
type Table struct {
	Name      string
	Entries   int
	Evictions uint64 // entries forgotten to make room for others
}

// Tables lists them.
func (s *State) Tables() []Table {
	return []Table{
		{"message", s.messages.n, s.messages.evictions},
		{"account", s.Accounts.Entries(), s.Accounts.evictions},
		{"local_user", s.LocalUsers.Entries(), s.LocalUsers.evictions},
		{"forward", s.Forwards.Entries(), s.Forwards.evictions},
		{"loop", s.Loops.Entries(), s.Loops.evictions},
		{"guess", s.guesses.n, s.guesses.evictions},
		{"held_attempt", s.attempts.n, s.attempts.evictions},
		{"proxy_process", s.proxies.n, s.proxies.evictions},
		{"waiting_forward", s.waitingForwards.n, s.waitingForwards.evictions},
		{"passed_forward", s.passedForwards.n, s.passedForwards.evictions},
		{"message_id", s.passes.n, s.passes.evictions},
		{"syslog_name", len(s.Names.words) - 1, 0},
		{"service_name", len(s.Services.words) - 1, 0},
		{"reject", len(s.Rejects.rows), 0},
		{"delivery", len(s.Deliveries.rows), 0},
	}
}
