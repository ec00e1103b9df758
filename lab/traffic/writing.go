package traffic

import (
	"time"
)

// writing is what accounts do all day.
func (w *world) writing() {
	for i, a := range w.accounts {
		d := newDice(w.config.Seed, "writing", i)
		from := at(0)
		if i%40 == 7 { // new, some day of the month
			from = d.span(0, w.config.length())
			a.taken = true // else it would send a newsletter before it was there
			w.lookAlike("new_account", "", Culprit{"account", a.name}, from, 48*time.Hour)
		}
		w.agenda.repeat(from, w.arrivals(d, a.rhythm(), a.perDay/1.3), func(now at) { w.write(d, a, now) })
	}
}

// write is one session: mostly one message, sometimes all that waited in the
// outbox.
func (w *world) write(d dice, a *account, now at) {
	if a.asleep {
		return
	}
	hour, weekday := w.of(now)
	if !a.password {
		w.mistake(d, a, now, a.where(d, hour, weekday))
		return
	}
	s := w.login(d, now, a, a.where(d, hour, weekday))
	for {
		if d.chance(0.008) {
			s.refuse("550 5.1.1", a.name, "typo"+pick(d, w.accounts).name, "Recipient address rejected: User unknown in virtual mailbox table", nil)
		}
		msg := &message{owner: a.owner, from: a.sender(d), to: w.addressees(d, a), size: size(d)}
		s.accept(msg, len(msg.to))
		if !d.chance(0.23) {
			break
		}
		s.pass(200*time.Millisecond, 4*time.Second)
	}
	s.quit()
}

// addressees are those of an ordinary message: one or two, seldom a circle.
func (w *world) addressees(d dice, a *account) []recipient {
	n := 1
	for n < 25 && d.chance(0.3) {
		n++
	}
	to := make([]recipient, 0, n)
	for range n {
		if d.chance(0.12) {
			to = append(to, w.anybody(d)) // somebody new
		} else {
			to = append(to, pick(d, a.contacts))
		}
	}
	return distinct(to)
}

// distinct leaves recipients out that are named twice: cleanup(8) does.
func distinct(to []recipient) []recipient {
	kept := to[:0]
next:
	for _, r := range to {
		for i := range kept {
			if kept[i].address == r.address {
				continue next
			}
		}
		kept = append(kept, r)
	}
	return kept
}
