package traffic

import "time"

// filterRestarts are minutes in which the policy service doesn't answer, so that
// no stranger's mail is taken.
func (w *world) filterRestarts() {
	for n := range w.months(5) {
		d := newDice(w.config.Seed, "filter", n)
		length := d.span(20*time.Second, 110*time.Second)
		w.agenda.note(w.workday(d, d.between(6, 21)), func(now at) {
			w.policyDown = now + length
			w.lookAlike("filter_restart", "", Culprit{"none", ""}, now, length)
		})
	}
}

func (w *world) noPolicy(d dice, now at, c client, from recipient, to []recipient) {
	s := w.connect(now, smtpd, c)
	s.hello(true)
	s.said(mail, true)
	s.log(s.now, s.process, "warning: problem talking to server private/policy: No such file or directory")
	s.refuse("451 4.3.5", from.address, to[0].address, "Recipient address rejected: Server configuration problem", nil)
	s.quit()
	w.agenda.note(now+d.span(5*time.Minute, 20*time.Minute), func(now at) {
		s := w.connect(w.screen(d, now, c, "OLD"), smtpd, c)
		s.hello(true)
		s.accept(&message{owner: w.inbound, from: from, to: to, size: size(d)}, len(to))
		s.quit()
	})
}
