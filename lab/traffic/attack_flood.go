package traffic

import (
	"strconv"
	"time"
)

// flood opens connections and says nothing, until smtpd(8) has no process left.
func (w *world) flood(d dice, begin at, i *Incident) {
	hosts := thieves(d, pick(d, []int{1, 1, 3, 60}))
	i.Culprit = Culprit{"none", ""}
	if len(hosts) == 1 {
		i.Culprit = Culprit{"network", hosts[0].prefix()}
	}
	o := &owner{incident: i}
	perSecond := 3 + 12*d.Float64()
	hold := time.Duration(80 / perSecond * float64(time.Second)) // some 60 processes of 100
	complained := -time.Hour
	count := int(perSecond * d.span(8*time.Minute, 70*time.Minute).Seconds())
	w.strike(d, i, begin, count, time.Duration(float64(time.Second)/perSecond), func(now at) {
		c := pick(d, hosts)
		s := w.connect(w.screen(d, now, c, "OLD"), smtpd, c)
		if now-complained > 1000*time.Second {
			complained = now
			w.log(now, w.daemons.only(master), `warning: service "smtp" (25) has reached its process limit "100": new clients may experience noticeable delays`)
			w.log(now, w.daemons.only(master), "warning: to avoid this condition, increase the process count in master.cf or reduce the service time per client")
			w.log(now, w.daemons.only(master), "warning: see https://www.postfix.org/STRESS_README.html for examples of stress-adapting configuration settings")
		}
		if d.chance(0.25) {
			s.journal.add(s.now, s.process, fact{blocked, 1, o}, "warning: Connection rate limit exceeded: ", strconv.Itoa(d.between(60, 200)), " from ", c.text, " for service smtp")
			s.end()
			return
		}
		s.pass(hold/2, hold*3/2)
		s.journal.add(s.now, s.process, fact{blocked, 1, o}, pick(d, []string{"lost connection", "timeout"}), " after CONNECT from ", c.text)
		s.end()
	})
}
