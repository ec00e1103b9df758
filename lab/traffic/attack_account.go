package traffic

import (
	"time"
)

// theft is a stolen account and how it is used.
type theft struct {
	account *account
	owner   *owner
	hosts   []client
	perMail int     // recipients of a message, at most
	bad     float64 // share of the recipients that don't exist
	spam    float64 // how much the message looks it
	foreign bool    // the sender is forged
}

// steal takes an account that f likes.
func (w *world) steal(d dice, i *Incident, hosts int, f func(*account) bool) *theft {
	a := w.free(d, f)
	i.Culprit = Culprit{"account", a.name}
	return &theft{
		account: a, owner: a.owner.as(i), hosts: thieves(d, hosts), perMail: 1, bad: staleness(d), spam: suspicion(d),
		foreign: d.chance(0.5),
	}
}

// staleness is which share of a list of addresses is gone: clean lists are
// traded, too.
func staleness(d dice) float64 { x := d.Float64(); return 0.01 + 0.3*x*x }

// suspicion is how much a wave of spam looks it: most of it little.
func suspicion(d dice) float64 { x := d.Float64(); return 0.03 + 0.8*x*x }

// send is one session of a thief.
func (t *theft) send(w *world, d dice, now at, messages int) {
	s := w.login(d, now, t.account, pick(d, t.hosts))
	for range messages {
		from := recipient{address: t.account.name, domain: t.account.domain}
		if t.foreign {
			from = w.forged(d)
		}
		to := w.victims(d, d.between(1, t.perMail), t.bad)
		s.accept(&message{owner: t.owner, from: from, to: to, size: d.between(1200, 9000), spam: t.spam}, len(to))
		s.pass(30*time.Millisecond, 400*time.Millisecond)
	}
	if d.chance(0.5) {
		s.quit()
	} else {
		s.end()
	}
}

// moderate accounts write a little every day.
func moderate(a *account) bool { return a.perDay > 2 && a.perDay < 40 }

// burst is all at once, from a few hosts: hundreds to thousands of recipients.
func (w *world) burst(d dice, begin at, i *Incident) {
	t := w.steal(d, i, d.between(1, 3), moderate)
	t.perMail = pick(d, []int{1, 1, 5, 20, 50})
	total := min(max(int(d.heavy(2500, 0.8)), 400), 20_000)
	perSession := d.between(1, 20)
	perSecond := 0.7 + 9*d.Float64()*d.Float64()
	sessions := max(total/(perSession*(1+t.perMail)/2), 3)
	w.strike(d, i, begin, sessions, time.Duration(float64(time.Second)*float64(total)/float64(sessions)/perSecond),
		func(now at) { t.send(w, d, now, perSession) })
}

// botnet is one account used from very many networks, each for little.
func (w *world) botnet(d dice, begin at, i *Incident) {
	t := w.steal(d, i, d.between(25, 300), moderate)
	t.perMail = d.between(1, 4)
	perHour := d.between(30, 400)
	w.strike(d, i, begin, d.between(3, 14)*perHour, time.Hour/time.Duration(perHour), func(now at) { t.send(w, d, now, 1) })
}

// drip is one account used slowly, for days: a hundred to a few hundred a day.
func (w *world) drip(d dice, begin at, i *Incident) {
	t := w.steal(d, i, d.between(1, 6), moderate)
	perDay := d.between(100, 400)
	w.strike(d, i, begin, perDay*d.between(24, 120)/24, 24*time.Hour/time.Duration(perDay), func(now at) { t.send(w, d, now, 1) })
}

// dormant is an account that nobody used for weeks.
func (w *world) dormant(d dice, begin at, i *Incident) {
	t := w.steal(d, i, d.between(1, 2), func(a *account) bool { return a.perDay < 6 })
	t.account.asleep = true
	t.perMail = pick(d, []int{1, 3, 10})
	perHour := d.between(30, 250)
	w.strike(d, i, begin, perHour*d.between(3, 20), time.Hour/time.Duration(perHour), func(now at) { t.send(w, d, now, 1) })
}

// breakIn guesses until one guess comes true; a while later the spam begins.
func (w *world) breakIn(d dice, begin at, i *Incident) {
	t := w.steal(d, i, 1, moderate)
	t.perMail = pick(d, []int{1, 5, 25})
	guesses := d.between(15, 250)
	length := d.span(5*time.Minute, 90*time.Minute)
	w.strike(d, i, begin, guesses, length/time.Duration(guesses), func(now at) {
		w.wrong(d, t.account, now, t.hosts[0], d.between(1, 2), t.owner)
	})
	perMinute := d.between(5, 80)
	w.strike(d, i, begin+2*length+d.span(time.Minute, 30*time.Minute), d.between(150, 2500), time.Minute/time.Duration(perMinute),
		func(now at) { t.send(w, d, now, 1) })
}
