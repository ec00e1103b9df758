package series

import "github.com/prometheus/prometheus/model/labels"

// Peak is the highest value that a series had, and when.
type Peak struct {
	Labels labels.Labels
	Value  float64
	At     int64 // milliseconds since the epoch
}

// Watch remembers the peaks of what a selector finds.
type Watch struct {
	floor float64 // lower ones are not remembered: there would be one for each passing client
	peaks map[uint64]Peak
}

// Watch begins to watch what a selector finds.
func (w *Window) Watch(matchers []*labels.Matcher, floor float64) (*Watch, error) {
	sel, err := w.selection(matchers)
	if err != nil {
		return nil, err
	}
	watch := &Watch{floor: floor, peaks: map[uint64]Peak{}}
	sel.watches = append(sel.watches, watch)
	return watch, nil
}

// Peaks gives those at or above the floor.
func (w *Watch) Peaks() []Peak {
	all := make([]Peak, 0, len(w.peaks))
	for _, p := range w.peaks {
		all = append(all, p)
	}
	return all
}

func (w *Watch) see(ls labels.Labels, t int64, v float64) {
	if !(v >= w.floor) { // NaN, too
		return
	}
	if hash := ls.Hash(); v > w.peaks[hash].Value {
		w.peaks[hash] = Peak{ls, v, t}
	}
}
