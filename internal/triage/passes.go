package triage

import (
	"hash/maphash"
	"slices"
	"strconv"

	"postfix_exporter/parser"
)

// passes joins the two passes of messages through a pipe(8) and sendmail(1), which have
// only the Message-ID in common. Senders choose it: where another's message has the
// same one, nobody's is joined.
type passes struct {
	filterUsers []string            // none: there is no such filter
	back        map[string]struct{} // queue ids that a filter's user has just handed in
	seed        maphash.Seed
	first       map[uint64]whose // by Message-ID
}

// whose a Message-ID is, in first passes.
type whose struct{ mine, others bool }

func newPasses(filterUsers []string) passes {
	return passes{filterUsers: filterUsers, back: map[string]struct{}{}, seed: maphash.MakeSeed(), first: map[uint64]whose{}}
}

// pickup notes who hands in a message.
func (p *passes) pickup(ev *parser.Event) {
	if slices.Contains(p.filterUsers, strconv.FormatUint(uint64(ev.UID), 10)) && len(p.back) < maxIDs {
		p.back[string(ev.Bytes(ev.QueueID))] = struct{}{}
	}
}

// second takes in cleanup's line, which names the Message-ID, and says whether this is
// the second pass of one of the principal's messages. mine says whether it is the first
// of one.
func (p *passes) second(ev *parser.Event, mine bool) bool {
	if len(p.filterUsers) == 0 || ev.MessageID.Len() == 0 {
		return false
	}
	key := maphash.Bytes(p.seed, ev.Bytes(ev.MessageID))
	id := string(ev.Bytes(ev.QueueID))
	if _, back := p.back[id]; back {
		delete(p.back, id)
		return p.first[key] == whose{mine: true}
	}
	if w, known := p.first[key]; known || len(p.first) < maxIDs {
		p.first[key] = whose{mine: w.mine || mine, others: w.others || !mine}
	}
	return false
}
