package traffic

import "time"

// administer is what the admin does: a reload now and then, and once, with long
// queue ids from then on.
func (w *world) administer() {
	d := newDice(w.config.Seed, "admin", 0)
	long := d.span(0, w.config.length())
	w.agenda.note(long, func(now at) {
		w.ids.long = true
		w.reload(now)
	})
	w.agenda.repeat(0, func(now at) at { return now + d.span(2*24*time.Hour, 9*24*time.Hour) }, w.reload)
}

func (w *world) reload(now at) {
	w.log(now, w.daemons.only(master), "reload -- version 3.7.11, configuration /etc/postfix")
	w.daemons.restart(qmgr, pickup, postscreen)
}
