package traffic

import (
	"strconv"
	"time"
)

// guess is a name that guessers try: a word that may be a user, or one that is.
func (w *world) guess(d dice, real float64) string {
	if d.chance(real) {
		return pick(d, w.accounts).name
	}
	if d.chance(0.5) {
		return pick(d, []string{"admin", "info", "sales", "test", "office", "root", "postmaster", "scan", "user"}) + strconv.Itoa(d.IntN(30))
	}
	return pick(d, firstNames()) + "@" + pick(d, w.firms).name
}

// bruteForce is one host that tries passwords without end.
func (w *world) bruteForce(d dice, begin at, i *Incident) {
	c := stranger(d)
	i.Culprit = Culprit{"network", c.prefix()}
	o := &owner{incident: i}
	real := d.Float64()
	perMinute := d.between(4, 60)
	w.strike(d, i, begin, perMinute*d.between(20, 300), time.Minute/time.Duration(perMinute), func(now at) {
		w.guesses(d, now, c, d.between(1, 4), real, o)
	})
}

// spray is a botnet of which each host tries once or twice.
func (w *world) spray(d dice, begin at, i *Incident) {
	i.Culprit = Culprit{"none", ""}
	hosts := thieves(d, d.between(60, 600))
	o := &owner{incident: i}
	real := 0.3 + 0.7*d.Float64()
	perMinute := d.between(5, 40)
	w.strike(d, i, begin, perMinute*d.between(45, 360), time.Minute/time.Duration(perMinute), func(now at) {
		w.guesses(d, now, pick(d, hosts), 1, real, o)
	})
}

func (w *world) guesses(d dice, now at, c client, times int, real float64, o *owner) {
	s := w.connect(now, submission, c)
	s.hello(d.chance(0.5))
	for range times {
		s.fail("LOGIN", w.guess(d, real), o)
	}
	s.lost("AUTH")
}

// harvest asks for recipients, to keep those that we don't refuse.
func (w *world) harvest(d dice, begin at, i *Incident) {
	c := stranger(d)
	i.Culprit = Culprit{"network", c.prefix()}
	o := &owner{incident: i}
	perMinute := d.between(1, 12)
	w.strike(d, i, begin, d.between(30, 400), time.Minute/time.Duration(perMinute), func(now at) {
		s := w.connect(w.screen(d, now, c, "OLD"), smtpd, c)
		s.hello(false)
		s.said(mail, true)
		firm := pick(d, w.firms)
		for range 20 { // smtpd_hard_error_limit
			s.refuse("550 5.1.1", "x@"+pick(d, w.small).name, pick(d, firstNames())+strconv.Itoa(d.IntN(100))+"@"+firm.name, unknownUser, o)
		}
		s.log(s.now+time.Millisecond, s.process, "too many errors after RCPT from ", c.text)
		s.pass(2*time.Millisecond, 5*time.Millisecond)
		s.end()
	})
}
