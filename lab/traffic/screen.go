package traffic

import (
	"strconv"
	"time"
)

// screen is postscreen(8) before port 25, which lets a client pass. It gives
// the time at which smtpd(8) has the connection.
func (m *mx) screen(d dice, now at, c client, how string) at {
	port := "[" + c.address + "]:" + strconv.Itoa(d.between(1024, 65000))
	p := m.daemons.only(postscreen)
	m.log(now, p, "CONNECT from ", port, " to [192.0.2.1]:25")
	now += d.span(100*time.Microsecond, time.Millisecond)
	if how == "NEW" {
		now += 6 * time.Second
	}
	m.log(now, p, "PASS ", how, " ", port)
	return now + 300*time.Microsecond
}

// bots are those that postscreen(8) keeps out, all day and night.
func (w *world) bots() {
	d := newDice(w.config.Seed, "bots", 0)
	perDay := 22 * float64(w.config.Accounts)
	w.agenda.repeat(0, w.arrivals(d, strangersHours(), perDay), func(now at) { w.bot(d, now, stranger(d), nil) })
}

func (w *world) bot(d dice, now at, c client, o *owner) {
	endpoint := "[" + c.address + "]:" + strconv.Itoa(d.between(1024, 65000))
	p := w.daemons.only(postscreen)
	w.log(now, p, "CONNECT from ", endpoint, " to [192.0.2.1]:25")
	listed := d.chance(0.8)
	if listed {
		now += d.span(5*time.Millisecond, 80*time.Millisecond)
		w.log(now, w.daemon(dnsblog, now), "addr ", c.address, " listed by domain zen.rbl.test as 127.0.0.", strconv.Itoa(d.between(2, 11)))
	}
	switch d.IntN(5) {
	case 0:
		now += d.span(10*time.Millisecond, 300*time.Millisecond)
		w.log(now, p, "PREGREET ", strconv.Itoa(d.between(9, 24)), " after ", seconds(d.span(10*time.Millisecond, 900*time.Millisecond)), " from ",
			endpoint, `: EHLO `, pick(d, lastNames()), `\r\n`)
	case 1:
		now += d.span(time.Second, 5*time.Second)
		w.journal.add(now, p, fact{blocked, 1, o}, "HANGUP after ", seconds(d.span(time.Second, 5*time.Second)), " from ", endpoint, " in tests before SMTP handshake")
		w.log(now+50*time.Microsecond, p, "DISCONNECT ", endpoint)
		return
	}
	now += 6 * time.Second
	if listed {
		w.log(now, p, "DNSBL rank ", strconv.Itoa(d.between(2, 9)), " for ", endpoint)
	}
	now += d.span(300*time.Millisecond, 3*time.Second)
	why := "550 5.7.1 Service unavailable; client [" + c.address + "] blocked using zen.rbl.test"
	if !listed {
		why = "450 4.3.2 Service currently unavailable"
	}
	w.journal.add(now, p, fact{blocked, 1, o}, "NOQUEUE: reject: RCPT from ", endpoint, ": ", why, "; from=<", person(d, pick(d, w.small)).address, ">, to=<",
		w.colleague(d).address, ">, proto=ESMTP, helo=<", pick(d, lastNames()), ">")
	now += d.span(50*time.Millisecond, time.Second)
	w.log(now, p, "DISCONNECT ", endpoint)
}
