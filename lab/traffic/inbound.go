package traffic

import (
	"strconv"
	"time"
)

// incoming is other servers' mail for us: letters, newsletters, some spam that
// nobody saw.
func (w *world) incoming() {
	d := newDice(w.config.Seed, "incoming", 0)
	perDay := 132 * float64(w.config.Accounts)
	w.agenda.repeat(0, w.arrivals(d, strangersHours(), perDay), func(now at) { w.receive(d, now) })
}

// receive is one session of another server.
func (w *world) receive(d dice, now at) {
	from := w.remote(d)
	c := w.sendingHost(d, from)
	spam := 0.0
	sender := person(d, from)
	switch {
	case d.chance(0.12):
		spam = 0.7
		sender.fate = fateUnknown
	case d.chance(0.02):
		sender = recipient{} // a notice
	}
	to := w.ourRecipients(d)
	now = w.screen(d, now, c, "OLD")
	if w.policyDown > now {
		w.noPolicy(d, now, c, sender, to)
		return
	}
	if d.chance(0.07) && sender.address != "" {
		w.greylist(d, now, c, sender, to, spam)
		return
	}
	s := w.connect(now, smtpd, c)
	s.hello(d.chance(0.8))
	for {
		msg := &message{owner: w.inbound, from: sender, to: to, size: size(d), spam: spam}
		s.accept(msg, len(to))
		if !d.chance(0.1) {
			break
		}
		s.pass(50*time.Millisecond, time.Second)
		to = w.ourRecipients(d)
	}
	s.quit()
}

// ourRecipients are one or two of our accounts, or an alias that leads outside.
func (w *world) ourRecipients(d dice) []recipient {
	if d.chance(0.012) {
		firm := pick(d, w.firms[:1+len(w.firms)/5]) // those that have such an alias
		r := recipient{address: "owner." + firm.name[:len(firm.name)-len(".example")] + "@" + w.big[0].name, domain: w.big[0]}
		r.alias = "office@" + firm.name
		return []recipient{r}
	}
	if d.chance(0.004) {
		to := recipient{address: "moved@" + w.ours.name, domain: w.ours}
		to.onward = &recipient{address: "moved.away@" + w.big[1].name, domain: w.big[1]}
		return []recipient{to}
	}
	if d.chance(0.03) {
		r := person(d, w.partner)
		if d.chance(0.02) {
			r.fate = fateUnknown
		}
		return []recipient{r}
	}
	to := []recipient{w.colleague(d)}
	for d.chance(0.08) {
		to = append(to, w.colleague(d))
	}
	return distinct(to)
}

// sendingHost is one of the hosts from which a domain sends.
func (w *world) sendingHost(d dice, from *domain) client {
	n := 0
	for _, c := range []byte(from.name) {
		n = (n*31 + int(c)) % 50000
	}
	host := 2 + d.IntN(3)
	if len(w.big) > 0 && from == w.big[0] {
		host = 2 + d.IntN(200) // a pool
	}
	return ipv4("out"+strconv.Itoa(host)+"."+from.name, 198, 18+n/25000, n%250, host)
}

// greylist is a policy service that doesn't know the sender: it comes again.
func (w *world) greylist(d dice, now at, c client, from recipient, to []recipient, spam float64) {
	s := w.connect(now, smtpd, c)
	s.hello(true)
	s.said(mail, true)
	s.refuse("450 4.2.0", from.address, to[0].address, "Recipient address rejected: Greylisted; see https://grey.example/help", nil)
	s.quit()
	if spam > 0 && d.chance(0.7) {
		return // bots don't
	}
	w.agenda.note(now+d.span(5*time.Minute, 30*time.Minute), func(now at) {
		now = w.screen(d, now, c, "OLD")
		s := w.connect(now, smtpd, c)
		s.hello(true)
		s.accept(&message{owner: w.inbound, from: from, to: to, size: size(d), spam: spam}, len(to))
		s.quit()
	})
}
