package ledger

// numPanes is how many panes a window is cut into where its figures can't be
// kept by time step. The oldest leaves as a whole, so such a window is up to a
// sixth shorter than it says, and never longer.
const numPanes = 6

// panes holds one T for each pane of a window. Panes come round: one is cleared
// when its turn comes again.
type panes[T any] struct {
	window Window
	ring   [numPanes]pane[T]
}

type pane[T any] struct {
	number tick // how many panes' time since the epoch
	of     *T   // made when there is need of it
}

func newPanes[T any](w Window) panes[T] { return panes[T]{window: w} }

func (p *panes[T]) number(t tick) tick { return t / (p.window.step() * p.window.length() / numPanes) }

// now gives the pane that now lies in.
func (p *panes[T]) now(now tick) *T {
	n := p.number(now)
	one := &p.ring[n%numPanes]
	switch {
	case one.of == nil:
		one.of, one.number = new(T), n
	case one.number != n:
		*one.of, one.number = *new(T), n
	}
	return one.of
}

// each calls f for the panes that the window holds at now.
func (p *panes[T]) each(now tick, f func(*T)) {
	n := p.number(now)
	for _, one := range p.ring {
		if one.of != nil && one.number <= n && n-one.number < numPanes {
			f(one.of)
		}
	}
}

// walk visits the panes; of visits what is in one.
func (p *panes[T]) walk(c *codec, of func(*T)) {
	for i := range p.ring {
		one := &p.ring[i]
		used := uint8(0)
		if one.of != nil {
			used = 1
		}
		number(c, &used)
		below(c, &used, 2)
		if used == 0 || c.err != nil {
			continue
		}
		if c.reading {
			one.of = new(T)
		}
		number(c, &one.number)
		of(one.of)
	}
}
