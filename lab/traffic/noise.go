package traffic

import "time"

// noise is what every server hears: old addresses, probes, people who try
// passwords at a slow pace from many places, scanners.
func (w *world) noise() {
	n := float64(w.config.Accounts)
	for i, kind := range []struct {
		perDay float64
		act    func(dice, at)
	}{
		{2.5 * n, w.staleAddress},
		{120 + n/8, w.relayProbe},
		{150 + n/4, w.lazyGuess},
		{200 + n/10, w.scanner},
		{100 + n/20, w.badSender},
		{40, w.strangeHelo},
	} {
		d := newDice(w.config.Seed, "noise", i)
		w.agenda.repeat(0, w.arrivals(d, strangersHours(), kind.perDay), func(now at) { kind.act(d, now) })
	}
}

const unknownUser = "Recipient address rejected: User unknown in virtual mailbox table"

// staleAddress is a newsletter for somebody who left long ago.
func (w *world) staleAddress(d dice, now at) {
	from := w.remote(d)
	c := w.sendingHost(d, from)
	s := w.connect(w.screen(d, now, c, "OLD"), smtpd, c)
	s.hello(true)
	s.said(mail, true)
	s.refuse("550 5.1.1", person(d, from).address, person(d, pick(d, w.firms)).address, unknownUser, nil)
	s.said(rset, true)
	s.quit()
}

func (w *world) relayProbe(d dice, now at) {
	c := stranger(d)
	s := w.connect(w.screen(d, now, c, "NEW"), smtpd, c)
	s.hello(false)
	s.said(mail, true)
	s.refuse("554 5.7.1", "test@"+pick(d, w.small).name, person(d, w.big[0]).address, "Relay access denied", nil)
	s.lost("RCPT")
}

// lazyGuess is one of a botnet that tries every account now and then.
func (w *world) lazyGuess(d dice, now at) {
	c := stranger(d)
	s := w.connect(now, submission, c)
	s.hello(d.chance(0.3))
	user := pick(d, []string{"info", "admin", "sales", "test", "office", "scan", "support"}) + "@" + pick(d, w.firms).name
	if d.chance(0.3) {
		user = pick(d, w.accounts).name
	}
	s.fail("LOGIN", user, nil)
	s.lost("AUTH")
}

// scanner looks at what we are.
func (w *world) scanner(d dice, now at) {
	c := stranger(d)
	s := w.connect(now, pick(d, []string{submission, smtps}), c)
	switch d.IntN(3) {
	case 0:
		s.lost("CONNECT")
		return
	case 1:
		s.pass(10*time.Millisecond, 500*time.Millisecond)
		s.said(unknown, false)
		s.log(s.now, s.process, "warning: non-SMTP command from ", c.text, ": GET / HTTP/1.1")
		s.end()
		return
	}
	s.hello(true)
	s.quit()
}

func (w *world) badSender(d dice, now at) {
	c := stranger(d)
	s := w.connect(w.screen(d, now, c, "NEW"), smtpd, c)
	s.hello(false)
	s.said(mail, true)
	from := "bounce@nowhere" + pick(d, lastNames()) + ".test"
	s.said(rcpt, false)
	s.pass(2*time.Millisecond, 60*time.Millisecond)
	s.log(s.now, s.process, "NOQUEUE: reject: RCPT from ", c.text, ": 450 4.1.8 <", from, ">: Sender address rejected: Domain not found; from=<", from, "> to=<",
		w.colleague(d).address, "> proto=ESMTP helo=<", c.helo, ">")
	s.quit()
}

// strangeHelo is a client whose name in DNS is not its own.
func (w *world) strangeHelo(d dice, now at) {
	c := ipv4("unknown", 10, 200, d.IntN(200), d.between(1, 250))
	now = w.screen(d, now, c, "NEW")
	s := w.connect(now+200*time.Microsecond, smtpd, c)
	s.log(now, s.process, "warning: hostname ", lineName(pick(d, providers()), 10, 1, 2, d.IntN(256)), " does not resolve to address ", c.address,
		": Name or service not known")
	s.hello(false)
	s.quit()
}
