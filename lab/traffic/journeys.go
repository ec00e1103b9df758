package traffic

import (
	"strconv"
	"time"
)

// journeys are accounts that are seen in many networks, though nobody stole
// them: a week of hotels, trains and phones.
func (w *world) journeys() {
	for n := range w.months(4 + w.config.Accounts/100) {
		d := newDice(w.config.Seed, "journeys", n)
		a := w.free(d, func(a *account) bool { return a.perDay > 15 && a.perDay < 60 })
		from, length := w.workday(d, 6), d.span(2*24*time.Hour, 7*24*time.Hour)
		o := a.owner
		w.agenda.note(from, func(now at) {
			a.abroad, a.owner = true, o.as(w.lookAlike("journey", originSASL, Culprit{"account", a.name}, now, length))
		})
		w.agenda.note(from+length, func(at) { a.abroad, a.owner = false, o })
	}
}

// abroad is a hotel or a station, another one every few hours, or another
// country's mobile carrier.
func abroad(d dice, hours int) client {
	if d.chance(0.5) {
		return mobile(d, 10+hours%2, hours)
	}
	n := hours * 7 % 40
	return ipv4("guest"+strconv.Itoa(n)+".hotels.test", 10, 112+n%16, n, d.between(2, 250))
}
