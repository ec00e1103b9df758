package traffic

import (
	"fmt"
	"time"
)

// ordinary starts all that is no attack.
func (w *world) ordinary() {
	w.dynamicLines()
	w.writing()
	w.incoming()
	w.bots()
	w.noise()
	w.bulk()
	w.circles()
	w.lists()
	w.scripts()
	w.devices()
	w.probes()
	w.phones()
	w.journeys()
	w.passwordDay()
	w.outages()
	w.backupMX()
	w.filterRestarts()
	w.administer()
}

// lookAlike notes that something is ordinary, whatever it looks like.
func (w *world) lookAlike(kind, origin string, c Culprit, from at, length time.Duration) *Incident {
	i := &Incident{Kind: kind, Origin: origin, Culprit: c, Start: w.start.Add(from), End: w.start.Add(from + length), Curve: []Point{}}
	n := 1
	for _, other := range w.truth.LookAlikes {
		if other.Kind == kind {
			n++
		}
	}
	i.ID = fmt.Sprintf("%s-%d", kind, n)
	w.truth.LookAlikes = append(w.truth.LookAlikes, i)
	return i
}

// free gives an account that has no part in any incident yet and that f likes;
// after many tries, any free one.
func (w *world) free(d dice, f func(*account) bool) *account {
	for try := 0; ; try++ {
		a := pick(d, w.accounts)
		if !a.taken && (f(a) || try > 200) || try > 2000 {
			a.taken = true
			return a
		}
	}
}

// workday gives a moment at that hour of a random working day.
func (w *world) workday(d dice, hour int) at {
	for range 50 {
		t := at(d.IntN(w.config.Days))*24*time.Hour + at(hour)*time.Hour + d.span(0, time.Hour)
		if _, day := w.of(t); day > 0 && day < 6 {
			return t
		}
	}
	return at(hour) * time.Hour
}

// months is how many times something happens that is to happen n times a month.
func (w *world) months(n int) int { return max(1, n*w.config.Days/30) }
