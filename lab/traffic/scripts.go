package traffic

import (
	"strconv"
	"time"
)

// webUID is the user of web scripts (www-data on Debian).
const webUID = 33

// scripts are what this machine sends through sendmail(1): shops and forms by
// the web server's user, reports by cron.
func (w *world) scripts() {
	d := newDice(w.config.Seed, "web", 0)
	web := w.truth.localUser(webUID)
	from := recipient{address: "www-data@" + w.ours.name, domain: w.ours}
	w.agenda.repeat(0, w.arrivals(d, evenings(), 12*float64(w.config.Accounts)), func(now at) {
		to := w.anybody(d)
		if d.chance(0.4) {
			to = w.colleague(d)
		} else if d.chance(0.02) {
			to.fate = fateUnknown // people mistype their own address
		}
		w.submit(now, strconv.Itoa(webUID), &message{owner: web, from: from, to: []recipient{to}, size: size(d)/4 + 900})
	})
	w.shopLetters(from, web)
	for n := range 4 + w.config.Accounts/50 {
		d := newDice(w.config.Seed, "cron", n)
		uid := 0
		if n > 0 {
			uid = 1000 + n
		}
		every := pick(d, []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour, time.Hour, 24 * time.Hour})
		w.cron(d, uid, every, d.chance(0.5))
	}
}

// shopLetters go to all customers of the shop, one by one.
func (w *world) shopLetters(from recipient, web *owner) {
	d := newDice(w.config.Seed, "shop letters", 0)
	customers := w.readers(d, min(int(d.heavy(600, 0.6)), 20*w.config.Accounts))
	every := time.Duration(d.between(3, 10)) * 24 * time.Hour
	for t := w.workday(d, d.between(8, 20)); t < w.config.length(); t += every {
		w.agenda.note(t, func(now at) {
			letter := web.as(w.lookAlike("shop_letter", originLocal, Culprit{"uid", strconv.Itoa(webUID)}, now, time.Duration(len(customers))*time.Second))
			for _, c := range customers {
				w.agenda.note(now, func(now at) {
					w.submit(now, strconv.Itoa(webUID), &message{owner: letter, from: from, to: []recipient{c}, size: 20_000 + size(d)})
				})
				now += d.span(200*time.Millisecond, 1800*time.Millisecond)
			}
		})
	}
}

// cron reports at the full minute, always or when there is something to say.
func (w *world) cron(d dice, uid int, every time.Duration, talkative bool) {
	owner := w.truth.localUser(uid)
	user := "root"
	if uid > 0 {
		user = "user" + strconv.Itoa(uid)
	}
	from := recipient{address: user + "@" + w.ours.name, domain: w.ours}
	to := recipient{address: "root@" + w.ours.name, domain: w.ours}
	w.agenda.repeat(0, func(now at) at { return now.Truncate(every) + every }, func(now at) {
		if talkative || d.chance(0.1) {
			w.submit(now+d.span(time.Second, 2*time.Second), strconv.Itoa(uid), &message{owner: owner, from: from, to: []recipient{to}, size: d.between(500, 3000)})
		}
	})
}
