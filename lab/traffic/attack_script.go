package traffic

import (
	"strconv"
	"time"
)

// script is a web site that was broken into: sendmail(1) by the web server's user.
func (w *world) script(d dice, begin at, i *Incident) {
	i.Culprit = Culprit{"uid", strconv.Itoa(webUID)}
	o := w.truth.localUser(webUID).as(i)
	bad, spam := staleness(d), suspicion(d)
	forged := d.chance(0.6)
	gap := time.Duration(float64(time.Second) / (0.2 + 3*d.Float64()))
	w.strike(d, i, begin, min(max(int(d.heavy(2500, 0.7)), 600), 12_000), gap, func(now at) {
		from := recipient{address: "www-data@" + w.ours.name, domain: w.ours}
		if forged {
			from = w.forged(d)
		}
		w.submit(now, strconv.Itoa(webUID), &message{owner: o, from: from, to: w.victims(d, 1, bad), size: d.between(900, 6000), spam: spam})
	})
}
