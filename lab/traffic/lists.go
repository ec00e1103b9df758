package traffic

import (
	"slices"
	"strconv"
	"time"
)

// lists are mailing lists: a program on this machine sends each post to all
// members, in parts. Bounces go to the program.
func (w *world) lists() {
	for n := range 3 + w.config.Accounts/100 {
		d := newDice(w.config.Seed, "lists", n)
		members := w.readers(d, min(int(d.heavy(120, 0.9)), 2000))
		robot := recipient{address: "list" + strconv.Itoa(n) + "-bounces@" + w.ours.name, domain: w.ours}
		w.agenda.repeat(0, w.arrivals(d, evenings(), d.heavy(3, 0.8)), func(now at) {
			s := w.connect(now+d.span(time.Second, 20*time.Second), smtpd, ipv4("localhost", 127, 0, 0, 1))
			s.hello(false)
			weight := size(d)
			for part := range slices.Chunk(members, 50) {
				s.accept(&message{owner: w.network, from: robot, to: slices.Clone(part), size: weight}, len(part))
			}
			s.quit()
		})
	}
}
