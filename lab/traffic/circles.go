package traffic

import (
	"slices"
	"time"
)

// circles are clubs, parishes and classes: now and then somebody writes to all
// their members, from wherever that is, by a few messages with many recipients. Some of
// the addresses are old ones.
func (w *world) circles() {
	for n := range 2 + w.config.Accounts/30 {
		d := newDice(w.config.Seed, "circles", n)
		a := w.free(d, func(a *account) bool { return a.perDay < 60 })
		members := w.readers(d, d.between(15, 90))
		for i := range members {
			if d.chance(0.04) {
				members[i].fate = fateUnknown
			}
		}
		atOnce := pick(d, []int{10, 25, 100})
		every := time.Duration(d.between(4, 14)) * 24 * time.Hour
		for t := w.workday(d, d.between(8, 21)); t < w.config.length(); t += every {
			w.agenda.note(t, func(now at) { w.circular(d, a, members, atOnce, now) })
		}
	}
}

func (w *world) circular(d dice, a *account, members []recipient, atOnce int, now at) {
	i := w.lookAlike("circle", originSASL, Culprit{"account", a.name}, now, 10*time.Minute)
	hour, weekday := w.of(now)
	s := w.login(d, now, a, a.where(d, hour, weekday))
	for part := range slices.Chunk(members, atOnce) {
		s.accept(&message{owner: a.owner.as(i), from: a.sender(d), to: slices.Clone(part), size: size(d)}, len(part))
		s.pass(time.Second, 20*time.Second)
	}
	s.quit()
}
