package traffic

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// attackKind is one kind of attack: launch lets it begin at a time, with
// parameters of its own, and fills in who is to blame.
type attackKind struct {
	name, origin string
	launch       func(w *world, d dice, begin at, i *Incident)
}

// attack is one of its kind.
type attack struct {
	attackKind
	number int
}

func attackKinds() []attackKind {
	return []attackKind{
		{"burst", originSASL, (*world).burst},
		{"botnet", originSASL, (*world).botnet},
		{"drip", originSASL, (*world).drip},
		{"dormant", originSASL, (*world).dormant},
		{"breakin", originSASL, (*world).breakIn},
		{"script", originLocal, (*world).script},
		{"forward", originInbound, (*world).forwardAbuse},
		{"relay", originInbound, (*world).openRelay},
		{"backscatter", originBounce, (*world).backscatter},
		{"joejob", originInbound, (*world).joeJob},
		{"bruteforce", "", (*world).bruteForce},
		{"spray", "", (*world).spray},
		{"harvest", "", (*world).harvest},
		{"flood", "", (*world).flood},
	}
}

// Kinds lists the kinds of attacks.
func Kinds() []string {
	var names []string
	for _, k := range attackKinds() {
		names = append(names, k.name)
	}
	return names
}

// attacks places each kind at random times, from the second day to half a day
// before the end. Every attack has a stretch of that time to itself, of which
// half is over before the next can begin.
func (w *world) attacks() error {
	for _, name := range w.config.Kinds {
		if !slices.Contains(Kinds(), name) {
			return fmt.Errorf("no attack %q: must be one of %s", name, strings.Join(Kinds(), ", "))
		}
	}
	var all []attack
	for _, k := range attackKinds() {
		if len(w.config.Kinds) > 0 && !slices.Contains(w.config.Kinds, k.name) {
			continue
		}
		for n := range w.config.Rounds {
			all = append(all, attack{k, n})
		}
	}
	d := newDice(w.config.Seed, "attacks", 0)
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	const first = 24 * time.Hour
	for place, a := range all {
		stretch := (w.config.length() - first - 12*time.Hour) / time.Duration(len(all))
		begin := first + time.Duration(place)*stretch + d.span(0, stretch/2)
		i := &Incident{
			ID: fmt.Sprintf("%s-%d", a.name, a.number+1), Kind: a.name, Origin: a.origin, Start: w.start.Add(begin), End: w.start.Add(begin), Curve: []Point{},
		}
		w.truth.Attacks = append(w.truth.Attacks, i)
		a.launch(w, newDice(w.config.Seed, "attack "+a.name, a.number), begin, i)
	}
	slices.SortFunc(w.truth.Attacks, func(a, b *Incident) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return nil
}

// until notes that an incident still acts.
func (w *world) until(i *Incident, now at) {
	if end := w.start.Add(now); end.After(i.End) {
		i.End = end
	}
}

// strike lets act happen count times, with random gaps, from begin on.
func (w *world) strike(d dice, i *Incident, begin at, count int, gap time.Duration, act func(now at)) {
	var turn func(now at)
	turn = func(now at) {
		act(now)
		w.until(i, now)
		if count--; count > 0 {
			w.agenda.note(now+d.wait(gap), turn)
		}
	}
	if count > 0 {
		w.agenda.note(begin, turn)
	}
}

// victims are recipients of spam, from a list of which the share bad is gone.
func (w *world) victims(d dice, n int, bad float64) []recipient {
	to := make([]recipient, 0, n)
	for range n {
		r := person(d, w.remote(d))
		if d.chance(bad) {
			r.fate = fateUnknown
			if d.chance(0.35) {
				r = person(d, pick(d, w.dead))
			}
		}
		to = append(to, r)
	}
	return distinct(to)
}

// forged is a sender that is not there, or is somebody else.
func (w *world) forged(d dice) recipient {
	if d.chance(0.2) {
		return person(d, pick(d, w.dead))
	}
	r := person(d, w.remote(d))
	if d.chance(0.7) {
		r.fate = fateUnknown
	}
	return r
}

// thieves are n clients, each in a network of its own.
func thieves(d dice, n int) []client {
	list := make([]client, 0, n)
	for range n {
		list = append(list, stranger(d))
	}
	return list
}

// network is how a culprit is named that is a client.
func (c client) prefix() string { return c.address[:strings.LastIndexByte(c.address, '.')] + ".0/24" }
