package traffic

import (
	"strconv"
	"time"
)

// backscatter is spam for users that the partner doesn't have. We take it, since
// we have no list of its users, and bounce it to the forged senders: what is
// suspect are our own bounces.
func (w *world) backscatter(d dice, begin at, i *Incident) {
	i.Culprit = Culprit{"domain", w.partner.name}
	o := &owner{origin: w.inbound.origin, bounces: w.bounces.as(i)}
	perHour := d.between(250, 2500)
	w.strike(d, i, begin, perHour*d.between(2, 9), time.Hour/time.Duration(perHour), func(now at) {
		c := stranger(d)
		s := w.connect(w.screen(d, now, c, "NEW"), smtpd, c)
		s.hello(false)
		to := person(d, w.partner)
		to.fate = fateUnknown
		s.accept(&message{owner: o, from: w.forged(d), to: []recipient{to}, size: d.between(1500, 9000)}, 1)
		s.quit()
	})
}

// joeJob is somebody else's spam with a sender of ours: the world's bounces
// come to us.
func (w *world) joeJob(d dice, begin at, i *Incident) {
	victim := w.free(d, moderate)
	i.Culprit = Culprit{"domain", victim.domain.name}
	o := w.inbound.as(i)
	invented := d.chance(0.4) // or it is one real address
	perHour := d.between(200, 2000)
	w.strike(d, i, begin, perHour*d.between(3, 12), time.Hour/time.Duration(perHour), func(now at) {
		from := w.remote(d)
		c := w.sendingHost(d, from)
		s := w.connect(w.screen(d, now, c, "OLD"), smtpd, c)
		s.hello(true)
		if invented && d.chance(0.8) {
			s.said(mail, true)
			s.refuse("550 5.1.1", "", pick(d, lastNames())+strconv.Itoa(d.IntN(1000))+"@"+victim.domain.name, unknownUser, o)
		} else {
			to := recipient{address: victim.name, domain: victim.domain}
			s.accept(&message{owner: o, to: []recipient{to}, size: d.between(2500, 9000)}, 1)
		}
		s.quit()
	})
}
