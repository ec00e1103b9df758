package traffic

import (
	"strconv"
	"time"
)

// devices are machines in mynetworks: scanners, and an application's server.
func (w *world) devices() {
	for n := range 6 {
		d := newDice(w.config.Seed, "devices", n)
		c := ipv4("device"+strconv.Itoa(n)+".example.net", 192, 0, 2, 8+n)
		from := recipient{address: "device" + strconv.Itoa(n) + "@" + w.ours.name, domain: w.ours}
		w.agenda.repeat(0, w.arrivals(d, officeHours(), float64(w.config.Accounts)*1.2), func(now at) {
			s := w.connect(now, smtpd, c)
			s.hello(false)
			to := []recipient{w.colleague(d)}
			if d.chance(0.3) {
				to = append(to, w.anybody(d))
			}
			s.accept(&message{owner: w.network, from: from, to: to, size: 50_000 + size(d)}, len(to))
			s.quit()
		})
	}
}

// probes are monitoring and a load balancer, which say hardly a word.
func (w *world) probes() {
	d := newDice(w.config.Seed, "probes", 0)
	monitor := ipv4("monitor.example.net", 203, 0, 113, 9)
	w.agenda.repeat(0, func(now at) at { return now + time.Minute }, func(now at) {
		s := w.connect(now+d.span(0, time.Second), smtpd, monitor)
		s.hello(false)
		s.quit()
	})
	balancer := ipv4("unknown", 192, 0, 2, 30)
	w.agenda.repeat(5*time.Second, func(now at) at { return now + 20*time.Second }, func(now at) {
		s := w.connect(now+d.span(0, 50*time.Millisecond), submission, balancer)
		s.lost("CONNECT")
	})
}
