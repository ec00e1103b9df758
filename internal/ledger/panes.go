package ledger

// numPanes is how many panes a window is cut into where its figures can't be
// kept by time step. The oldest leaves as a whole, so such a window is up to a
// sixth shorter than it says, and never longer.
const numPanes = 6

// joins is what panes hold: something that can take in another of its kind.
type joins[T any] interface {
	*T
	join(other *T)
}

// panes holds one T for each pane of each window. Only the pane of the shortest
// window that now lies in is filled. When its time is over it joins that of the
// next window, which holds a whole number of it, and so on.
type panes[T any, P joins[T]] struct {
	rings [NumWindows][numPanes]pane[T]
	open  [NumWindows]tick // the number of the pane that has not joined another yet
}

type pane[T any] struct {
	number tick // how many panes' time since the epoch
	of     *T   // made when there is need of it
}

// paneLength is that of a window's panes.
func paneLength(w Window) tick { return w.step() * w.length() / numPanes }

// now gives the pane to fill.
func (p *panes[T, P]) now(now tick) P { return p.get(0, now/paneLength(0)) }

// get gives a pane of a window that is open or opens now.
func (p *panes[T, P]) get(w Window, number tick) P {
	if before := p.open[w]; before != number {
		p.open[w] = number
		if up := w + 1; int(up) < NumWindows {
			if old := p.rings[w][before%numPanes].of; old != nil {
				p.get(up, before*paneLength(w)/paneLength(up)).join(old)
			}
		}
	}
	one := &p.rings[w][number%numPanes]
	switch {
	case one.of == nil:
		one.of, one.number = new(T), number
	case one.number != number:
		*one.of, one.number = *new(T), number
	}
	return one.of
}

// each calls f for all that the window holds at now.
func (p *panes[T, P]) each(w Window, now tick, f func(*T)) {
	held := func(number tick) bool {
		last := now / paneLength(w)
		return number <= last && last-number < numPanes
	}
	for _, one := range p.rings[w] {
		if one.of != nil && held(one.number) {
			f(one.of)
		}
	}
	for v := range w { // what has not joined yet
		one := p.rings[v][p.open[v]%numPanes]
		if one.of != nil && held(one.number*paneLength(v)/paneLength(w)) {
			f(one.of)
		}
	}
}

// walk visits the panes; of visits what is in one.
func (p *panes[T, P]) walk(c *codec, of func(*T)) {
	numbers(c, p.open[:])
	for w := range p.rings {
		for i := range p.rings[w] {
			one := &p.rings[w][i]
			used := one.of != nil
			truth(c, &used)
			if !used || c.err != nil {
				continue
			}
			if c.reading {
				one.of = new(T)
			}
			number(c, &one.number)
			of(one.of)
		}
	}
}
