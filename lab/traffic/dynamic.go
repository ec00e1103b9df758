package traffic

import "time"

// dynamicLines are access lines that get another address each night, in one of
// very many networks of their provider.
func (w *world) dynamicLines() {
	d := newDice(w.config.Seed, "dynamic lines", 0)
	for _, a := range w.accounts {
		if !d.chance(0.15) {
			continue
		}
		provider, hour := d.IntN(4), d.span(2*time.Hour, 5*time.Hour)
		renew := func(at) { a.home = dynamic(d, provider) }
		renew(0)
		w.agenda.repeat(0, func(now at) at { return now.Truncate(24*time.Hour) + 24*time.Hour + hour }, renew)
	}
}

func dynamic(d dice, provider int) client {
	c, e := d.IntN(200), d.between(2, 250)
	return ipv4(lineName(providers()[provider], 10, 70+provider, c, e), 10, 70+provider, c, e)
}
