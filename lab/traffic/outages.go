package traffic

import "time"

// outages are troubles of other servers, which fill our queue: of big providers
// and, for longer, of the partner whose backup MX we are.
func (w *world) outages() {
	for n := range w.months(3) {
		d := newDice(w.config.Seed, "outages", n)
		who := w.big[n%2]
		from, length := w.workday(d, d.between(7, 18)), d.span(time.Hour, 7*time.Hour)
		if n%3 == 2 {
			who, length = w.partner, d.span(3*time.Hour, 20*time.Hour)
		}
		who.trouble = append(who.trouble, trouble{from, from + length, d.chance(0.4)})
		w.lookAlike("outage", "", Culprit{"none", who.name}, from, length)
	}
}

// backupMX is the other way round: after a night in which the world could not
// reach us, our backup MX brings all that came meanwhile, spam and mail for
// users that are unknown as well.
func (w *world) backupMX() {
	d := newDice(w.config.Seed, "backup MX", 0)
	from := w.workday(d, d.between(5, 9))
	c := ipv4("backup.example.org", 203, 0, 113, 25)
	n := d.between(w.config.Accounts/2, 2*w.config.Accounts)
	w.agenda.note(from, func(now at) {
		i := w.lookAlike("backup_mx", originInbound, Culprit{"network", "203.0.113.0/24"}, now, 0)
		o := w.inbound.as(i)
		for n > 0 {
			s := w.connect(now, smtpd, c)
			s.hello(true)
			for range min(n, 20) {
				from := person(d, w.remote(d))
				if d.chance(0.15) {
					s.said(mail, true)
					s.refuse("550 5.1.1", from.address, person(d, pick(d, w.firms)).address, unknownUser, o)
					s.said(rset, true)
					continue
				}
				s.accept(&message{owner: o, from: from, to: w.ourRecipients(d), size: size(d), spam: 0.3}, 1)
			}
			s.quit()
			n -= 20
			now = s.now + d.span(0, 2*time.Second)
		}
		i.End = w.start.Add(now)
	})
}
