package traffic

import "time"

// at is a moment: how long after the log's first day began.
type at = time.Duration

// agenda holds what is still to happen.
type agenda struct {
	events heap[event]
	number uint64
}

type event struct {
	at     at
	number uint64 // events of the same moment happen in the order in which they were noted
	act    func(now at)
}

func newAgenda() *agenda {
	return &agenda{events: heap[event]{before: func(a, b *event) bool {
		return a.at < b.at || a.at == b.at && a.number < b.number
	}}}
}

func (a *agenda) note(when at, act func(now at)) {
	a.number++
	a.events.push(event{when, a.number, act})
}

// repeat lets act happen again and again; next says when, from the time before.
func (a *agenda) repeat(begin at, next func(at) at, act func(now at)) {
	var turn func(now at)
	turn = func(now at) {
		act(now)
		a.note(next(now), turn)
	}
	a.note(next(begin), turn)
}

// run lets everything happen that is due before end, and calls before with the
// time of each first.
func (a *agenda) run(end at, before func(at) error) error {
	for a.events.len() > 0 && a.events.first().at < end {
		e := a.events.pop()
		if err := before(e.at); err != nil {
			return err
		}
		e.act(e.at)
	}
	return before(end)
}
