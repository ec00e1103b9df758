package ledger

import "postfix_exporter/parser"

// Totals count from the log's beginning on.
type Totals struct {
	Messages, Recipients uint64                     // accepted into the queue, each message once
	Deliveries           [parser.NumStatuses]uint64 // attempts by recipient; the hand-over to a content filter is none
}

// add adds other's figures.
func (t *Totals) add(other Totals) {
	t.Messages += other.Messages
	t.Recipients += other.Recipients
	for i, n := range other.Deliveries {
		t.Deliveries[i] += n
	}
}

// since gives what came after the totals were those of before.
func (t Totals) since(before Totals) Totals {
	t.Messages -= before.Messages
	t.Recipients -= before.Recipients
	for i, n := range before.Deliveries {
		t.Deliveries[i] -= n
	}
	return t
}

func (t *Totals) walk(c *codec) {
	c.uint64(&t.Messages)
	c.uint64(&t.Recipients)
	numbers(c, t.Deliveries[:])
}
