package traffic

import (
	"fmt"
	"time"
)

// account is somebody who logs in to send mail.
type account struct {
	name     string
	number   int
	domain   *domain
	owner    *owner
	perDay   float64 // messages on a working day
	evenings bool
	method   string // of SASL
	password bool   // false while its devices have a wrong one
	mistakes *owner // of them
	asleep   bool   // nobody uses it
	taken    bool   // it has a part in an incident, so that no other takes it

	home    client
	office  *client // nil for those without
	carrier int
	mobile  float64 // share of mail sent on the way
	webmail float64 // and in a browser
	abroad  bool    // on a journey
	alias   string  // an address of another domain that it sends as; mostly empty

	contacts []recipient
}

// people makes the accounts. How much they write has a heavy tail: half of all
// write less than 15 a day, some a hundred.
func (w *world) people(d dice) {
	var office client
	for i := range w.config.Accounts {
		firm := w.firms[min(int(float64(len(w.firms))*d.Float64()*d.Float64()), len(w.firms)-1)] // a few are large
		if i%17 == 0 {
			office = home(d, 14000+i)
		}
		a := &account{
			number: i,
			name:   fmt.Sprintf("%s.%s%d@%s", pick(d, firstNames()), pick(d, lastNames()), i, firm.name),
			domain: firm, perDay: min(d.heavy(15, 1.1), 220), evenings: d.chance(0.25), method: "PLAIN", password: true,
			home: home(d, i), carrier: d.IntN(3), mobile: 0.35 * d.Float64(),
		}
		if d.chance(0.25) {
			a.method = "LOGIN"
		}
		if d.chance(0.12) {
			a.home = ipv6(i, d.between(2, 60000))
		}
		if !a.evenings && d.chance(0.8) {
			o := office
			a.office = &o
		}
		if d.chance(0.3) {
			a.webmail = 0.2 + 0.7*d.Float64()
		}
		if d.chance(0.03) {
			a.alias = "info@" + pick(d, lastNames()) + "-shop.example"
		}
		a.owner = w.truth.account(a.name)
		a.owner.bounces = w.bounces
		w.accounts = append(w.accounts, a)
	}
	for _, a := range w.accounts {
		for range 12 + d.IntN(40) {
			if d.chance(0.3) {
				a.contacts = append(a.contacts, w.colleague(d))
			} else {
				a.contacts = append(a.contacts, w.anybody(d))
			}
		}
	}
}

// where says where the account is when it sends.
func (a *account) where(d dice, hour, weekday int) client {
	some := a.number + weekday*5 + hour/5 // another number every five hours
	if a.abroad {
		return abroad(d, some)
	}
	working := hour >= 7 && hour < 18 && weekday > 0 && weekday < 6
	switch {
	case d.chance(a.webmail):
		return webmail()
	case d.chance(a.mobile):
		return mobile(d, a.carrier, some)
	case a.office != nil && working:
		return *a.office
	}
	return a.home
}

// webmail is our own machine: one address, many accounts.
func webmail() client { return ipv4("webmail.example.net", 192, 0, 2, 20) }

// rhythm of the account.
func (a *account) rhythm() rhythm {
	if a.evenings {
		return evenings()
	}
	return officeHours()
}

// sender is the envelope sender it uses.
func (a *account) sender(d dice) recipient {
	if a.alias != "" && d.chance(0.6) {
		return recipient{address: a.alias, domain: a.domain}
	}
	return recipient{address: a.name, domain: a.domain}
}

// size of a message: most are small, some have pictures.
func size(d dice) int { return min(int(d.heavy(6000, 1.5)), 20_000_000) + 600 }

// login begins a session of the account.
func (w *world) login(d dice, now time.Duration, a *account, c client) *session {
	service := submission
	if d.chance(0.3) {
		service = smtps
	}
	s := w.connect(now, service, c)
	s.hello(service == submission)
	if d.chance(0.004) { // mistyped
		s.fail(a.method, a.name, nil)
	}
	s.authenticate(a.method, a.name)
	return s
}
