package traffic

import "time"

// forwardAbuse is spam that one of our aliases sends on to a provider, which
// takes us for its origin.
func (w *world) forwardAbuse(d dice, begin at, i *Incident) {
	firm := pick(d, w.firms)
	i.Culprit = Culprit{"domain", firm.name}
	to := recipient{address: "boss." + firm.name[:len(firm.name)-len(".example")] + "@" + w.big[0].name, alias: "boss@" + firm.name, domain: w.big[0]}
	o := w.inbound.as(i)
	perHour := d.between(80, 600)
	w.strike(d, i, begin, perHour*d.between(3, 12), time.Hour/time.Duration(perHour), func(now at) {
		c := stranger(d)
		s := w.connect(w.screen(d, now, c, "NEW"), smtpd, c)
		s.hello(false)
		s.accept(&message{owner: o, from: w.forged(d), to: []recipient{to}, size: d.between(1500, 9000), spam: 1}, 1)
		s.quit()
	})
}

// openRelay is a stranger whose mail for strangers we take, since a restriction
// is gone.
func (w *world) openRelay(d dice, begin at, i *Incident) {
	hosts := thieves(d, 1)
	i.Culprit = Culprit{"network", hosts[0].prefix()}
	o := w.inbound.as(i)
	bad, spam := staleness(d), suspicion(d)
	perMail := pick(d, []int{1, 5, 30})
	perMinute := d.between(5, 90)
	w.strike(d, i, begin, d.between(200, 3000), time.Minute/time.Duration(perMinute), func(now at) {
		c := pick(d, hosts)
		s := w.connect(w.screen(d, now, c, "OLD"), smtpd, c)
		s.hello(false)
		to := w.victims(d, d.between(1, perMail), bad)
		s.accept(&message{owner: o, from: w.forged(d), to: to, size: d.between(1200, 9000), spam: spam}, len(to))
		s.quit()
	})
}
