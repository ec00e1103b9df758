package ledger

// A line that is read again after a crash counts again, but what befell its file
// may be seen only once: of two truncations the next run finds one, and other
// sizes. So where a state is saved, facts show only once it has them, lest a
// counter go back over kill -9.

// HoldFacts keeps the facts that are folded from now on out of sight until
// ShowFacts.
func (l *Ledger) HoldFacts() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holdFacts = true
}

// Facts gives those of each source, shown or not. A snapshot made later has at
// least these.
func (l *Ledger) Facts() []Facts {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make([]Facts, len(l.state.Sources))
	for i := range all {
		all[i] = l.state.Sources[i].Facts
	}
	return all
}

// ShowFacts shows what Facts gave.
func (l *Ledger) ShowFacts(all []Facts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range all {
		l.state.Sources[i].Shown = all[i]
	}
}
