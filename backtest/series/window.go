// Package series keeps the recent past of time series in memory, as far back as
// the rules look, and serves it to Prometheus's query engine.
//
// Samples stand at regular steps and most repeat the one before, so that a
// series is a list of runs: from a time to a time, a value at each step. What is
// scraped needs to be told of only when it changes. A Window gives the engine
// the very samples that Prometheus's own database would; a test compares the two.
package series

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
)

// Window holds the series. It belongs to one goroutine, all but Wants.
type Window struct {
	keep    map[string]int64 // by metric name
	step    int64
	now     int64 // the last scrape
	byHash  map[uint64][]*Series
	byName  map[string][]*Series
	selects map[string]*selection
}

// NewWindow makes an empty window. For each metric name that is of interest,
// keep says how many milliseconds back it is read; no other is kept. A step is
// the milliseconds from a scrape to the next.
func NewWindow(keep map[string]int64, step int64) *Window {
	return &Window{
		keep:    keep,
		step:    step,
		byHash:  map[uint64][]*Series{},
		byName:  map[string][]*Series{},
		selects: map[string]*selection{},
	}
}

// Wants says whether series of a metric name are kept.
func (w *Window) Wants(name string) bool {
	_, ok := w.keep[name]
	return ok
}

// Advance says that a scrape is made at a time, in milliseconds since the epoch:
// series that Set has set stand until then.
func (w *Window) Advance(now int64) { w.now = now }

// Series gives the series of these labels, nil where nobody reads it. It may be
// held on to as long as a Set value stands.
func (w *Window) Series(ls labels.Labels) *Series {
	hash := ls.Hash()
	for _, s := range w.byHash[hash] {
		if labels.Equal(s.labels, ls) {
			return s
		}
	}
	name := ls.Get(model.MetricNameLabel)
	if !w.Wants(name) {
		return nil
	}
	s := &Series{window: w, labels: ls}
	w.byHash[hash] = append(w.byHash[hash], s)
	w.byName[name] = append(w.byName[name], s)
	for _, sel := range w.selects {
		if sel.name == name && sel.matches(ls) {
			sel.add(s)
		}
	}
	return s
}

// Len counts the series.
func (w *Window) Len() (n int) {
	for _, all := range w.byName {
		n += len(all)
	}
	return n
}

// Prune forgets what nobody reads any more at a time, in milliseconds since the
// epoch.
func (w *Window) Prune(now int64) {
	dropped := map[*Series]bool{}
	for _, sel := range w.selects {
		sel.prune(now - w.keep[sel.name])
	}
	for name, all := range w.byName {
		oldest := now - w.keep[name]
		w.byName[name] = slices.DeleteFunc(all, func(s *Series) bool {
			if s.prune(oldest) {
				dropped[s] = true
			}
			return dropped[s]
		})
	}
	if len(dropped) == 0 {
		return
	}
	gone := func(s *Series) bool { return dropped[s] }
	for hash, all := range w.byHash {
		if all = slices.DeleteFunc(all, gone); len(all) == 0 {
			delete(w.byHash, hash)
		} else {
			w.byHash[hash] = all
		}
	}
	for _, sel := range w.selects {
		sel.series = slices.DeleteFunc(sel.series, gone)
	}
}

// Last gives the value that the series of these labels has, if it has one.
func (w *Window) Last(ls labels.Labels) (float64, bool) {
	for _, s := range w.byHash[ls.Hash()] {
		if n := len(s.runs); n > 0 && labels.Equal(s.labels, ls) {
			v := s.runs[n-1].value
			return v, !value.IsStaleNaN(v)
		}
	}
	return 0, false
}
