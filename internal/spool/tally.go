package spool

import (
	"cmp"
	"slices"

	"postfix_exporter/parser"
)

// tally is what the table of messages sums up to. It is counted anew when a
// scan finds a change; as time goes by, only ages need another look.
type tally struct {
	queues   [parser.NumQueues]QueueFigures
	arrivals [parser.NumQueues]timeline
	attempts timeline // next ones of deferred messages
	deferred [parser.NumFailureReasons]int
	domains  domains
	busiest  [NumBusiest]int
	distinct int
}

// maxBackoff is how far ahead a next attempt may lie without counting as due,
// in seconds; Postfix's maximal_backoff_time is 4000.
const maxBackoff = 2 * 24 * 3600

func newTally() tally { return tally{domains: newDomains()} }

// count counts all messages anew.
func (s *Scan) count() {
	t := &s.tally
	t.queues, t.deferred = [parser.NumQueues]QueueFigures{}, [parser.NumFailureReasons]int{}
	for q := range t.arrivals {
		t.arrivals[q].reset(s.now)
	}
	t.attempts.reset(s.now + maxBackoff)
	t.domains.reset()
	clear(s.accounts.count)
	clear(s.users.count)
	s.messages.all(func(_ uint32, m *message) { s.add(m) })
	s.accounts.sweep()
	s.users.sweep()
	t.distinct = t.domains.distinct()
	s.countBusiest()
}

func (s *Scan) add(m *message) {
	t := &s.tally
	queue := s.tree.dirs[m.dir].queue
	q := &t.queues[queue]
	q.Messages++
	q.Bytes += int64(m.size)
	q.Origins[m.origin]++
	if m.arrival != 0 {
		t.arrivals[queue].add(int64(m.arrival))
		if q.Oldest == 0 || int64(m.arrival) < q.Oldest {
			q.Oldest = int64(m.arrival)
		}
	}
	switch m.origin {
	case OriginSASL:
		s.accounts.count[m.owner]++
	case OriginLocal:
		s.users.count[m.owner]++
	}
	if m.next != 0 && queue == parser.QueueDeferred {
		t.attempts.add(int64(m.next))
	}
	for _, d := range m.reasons {
		t.deferred[d.reason()] += d.recipients()
	}
	if m.domain != 0 {
		t.domains.add(m.domain)
	}
}

// countBusiest counts the messages of the domains that have most: the cells
// tell which those are, but other domains may share a cell.
func (s *Scan) countBusiest() {
	cells := s.tally.domains.fullest(NumBusiest)
	counts := map[uint32]int{}
	if len(cells) > 0 {
		var marked [domainCells / 64]uint64
		for cell := range cells {
			marked[cell/64] |= 1 << (cell % 64)
		}
		s.messages.all(func(_ uint32, m *message) {
			cell := m.domain % domainCells
			if marked[cell/64]&(1<<(cell%64)) != 0 && m.domain != 0 {
				counts[m.domain]++
			}
		})
	}
	var all []int
	for _, n := range counts {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b int) int { return cmp.Compare(b, a) })
	s.tally.busiest = [NumBusiest]int{}
	copy(s.tally.busiest[:], all)
}

// snapshot gives the tally as it stands at a time.
func (t *tally) snapshot(now int64) Snapshot {
	snapshot := Snapshot{Queues: t.queues, DeferredRecipients: t.deferred, Domains: t.distinct, Busiest: t.busiest}
	for q := range snapshot.Queues {
		if t.queues[q].Messages == 0 {
			continue
		}
		for age := range Age(NumAges) {
			snapshot.Queues[q].Older[age] = t.arrivals[q].older(now, int64(age.duration().Seconds()))
		}
	}
	if t.queues[parser.QueueDeferred].Messages > 0 {
		for late := range Lateness(NumLatenesses) {
			snapshot.Overdue[late] = t.attempts.older(now, int64(late.duration().Seconds()))
		}
	}
	return snapshot
}
