package traffic

import "time"

// phones have an old password and try it each minute, until somebody notices.
func (w *world) phones() {
	for n := range w.months(3) {
		d := newDice(w.config.Seed, "phones", n)
		a := w.free(d, func(a *account) bool { return a.perDay < 20 })
		from := w.workday(d, d.between(8, 20))
		length := d.span(3*time.Hour, 60*time.Hour)
		o := &owner{incident: w.lookAlike("phone", "", Culprit{"account", a.name}, from, length)}
		var try func(now at)
		try = func(now at) {
			w.wrong(d, a, now, a.home, 1, o)
			if now < from+length {
				w.agenda.note(now+d.span(58*time.Second, 62*time.Second), try)
			}
		}
		w.agenda.note(from, try)
	}
}

// wrong is a session with nothing but failed logins.
func (w *world) wrong(d dice, a *account, now at, c client, times int, o *owner) {
	s := w.connect(now, submission, c)
	s.hello(true)
	for range times {
		s.fail(a.method, a.name, o)
	}
	if d.chance(0.6) {
		s.lost("AUTH")
	} else {
		s.quit()
	}
}

// passwordDay is when all accounts of some firms need new passwords: each fails
// with the old one first.
func (w *world) passwordDay() {
	for n := range w.months(2) {
		d := newDice(w.config.Seed, "password day", n)
		day := w.workday(d, 0)
		share := 0.08 + 0.15*d.Float64()
		var chosen []*account
		for _, a := range w.accounts {
			if d.chance(share) && !a.taken {
				chosen = append(chosen, a)
			}
		}
		o := &owner{incident: w.lookAlike("password_day", "", Culprit{"none", ""}, day, 24*time.Hour)}
		w.agenda.note(day, func(at) {
			for _, a := range chosen {
				a.password, a.mistakes = false, o
			}
		})
	}
}

// mistake is somebody whose password was changed.
func (w *world) mistake(d dice, a *account, now at, c client) {
	w.wrong(d, a, now, c, d.between(1, 3), a.mistakes)
	w.until(a.mistakes.incident, now)
	if d.chance(0.6) {
		a.password = true // and now the right one
		w.agenda.note(now+d.span(20*time.Second, 5*time.Minute), func(now at) { w.write(d, a, now) })
	}
}
