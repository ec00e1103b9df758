package traffic

import (
	"slices"
	"time"
)

// bulk are accounts that are allowed to send much: newsletters by few messages
// with many recipients, invoices by many messages with one.
func (w *world) bulk() {
	for n := range 3 + w.config.Accounts/150 {
		d := newDice(w.config.Seed, "bulk", n)
		a := w.free(d, func(a *account) bool { return a.office != nil })
		readers := w.readers(d, min(int(d.heavy(2500, 0.6)), 12_000, 60*w.config.Accounts))
		every := time.Duration(d.between(3, 10)) * 24 * time.Hour
		act := func(now at) { w.newsletter(d, a, readers, now) }
		kind := "newsletter"
		if n%3 == 1 {
			act = func(now at) { w.invoices(d, a, readers[:len(readers)/3], now) }
			kind = "invoices"
		}
		for t := w.workday(d, d.between(8, 16)); t < w.config.length(); t += every {
			w.agenda.note(t, func(now at) {
				i := w.lookAlike(kind, originSASL, Culprit{"account", a.name}, now, 2*time.Hour)
				before := a.owner
				a.owner = a.owner.as(i)
				act(now)
				a.owner = before
			})
		}
	}
}

// readers are an honest list: few of them are gone.
func (w *world) readers(d dice, n int) []recipient {
	list := make([]recipient, 0, n)
	for range n {
		r := w.anybody(d)
		if d.chance(0.01) {
			r.fate = fateUnknown
		}
		list = append(list, r)
	}
	return distinct(list)
}

func (w *world) newsletter(d dice, a *account, readers []recipient, now at) {
	a.owner.incident.End = w.start.Add(now + time.Duration(len(readers)/100+1)*time.Second)
	s := w.login(d, now, a, *a.office)
	weight := size(d) + 30_000
	for part := range slices.Chunk(readers, 100) {
		s.accept(&message{owner: a.owner, from: a.sender(d), to: slices.Clone(part), size: weight}, len(part))
		s.pass(100*time.Millisecond, 1500*time.Millisecond)
	}
	s.quit()
}

// invoices go out one by one, by a program that opens a connection for some.
func (w *world) invoices(d dice, a *account, readers []recipient, now at) {
	owner := a.owner
	for part := range slices.Chunk(readers, 20) {
		w.agenda.note(now, func(now at) {
			s := w.login(d, now, a, *a.office)
			for _, r := range part {
				s.accept(&message{owner: owner, from: a.sender(d), to: []recipient{r}, size: 80_000 + size(d)}, 1)
				s.pass(100*time.Millisecond, 600*time.Millisecond)
			}
			s.quit()
		})
		now += d.span(8*time.Second, 20*time.Second)
	}
	owner.incident.End = w.start.Add(now)
}
