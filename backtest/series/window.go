// Package series keeps the recent past of time series in memory, as far back as
// the rules look, and serves it to Prometheus's query engine.
//
// Samples stand at regular steps and most repeat the one before, so that a
// series is a list of runs: from a time to a time, a value at each step. What is
// scraped needs to be told of only when it changes. A Window gives the engine
// the very samples that Prometheus's own database would; a test compares the two.
package series

import (
	"math"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

// Window holds the series. It belongs to one goroutine.
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

// Series is one time series.
type Series struct {
	window   *Window
	labels   labels.Labels
	runs     []run
	selected []*selection
}

// run is a value that stood from a time to a time, in milliseconds since the
// epoch, at each step between.
type run struct {
	first, last, step int64
	value             float64
}

// stands is the last time of a run that has not ended.
const stands = math.MaxInt64

// Labels gives the series' labels.
func (s *Series) Labels() labels.Labels { return s.labels }

// Set gives a value that stands at each scrape from a time on, until another is
// set. Stale ends it.
func (s *Series) Set(t int64, v float64) {
	if n := len(s.runs); n > 0 && s.runs[n-1].last == stands {
		r := &s.runs[n-1]
		if math.Float64bits(r.value) == math.Float64bits(v) {
			return
		}
		r.last = t - s.window.step
	}
	last := int64(stands)
	if value.IsStaleNaN(v) {
		last = t
	}
	s.begin(run{first: t, last: last, step: s.window.step, value: v})
}

// Stale marks that a series is no longer there.
var Stale = math.Float64frombits(value.StaleNaN)

// Append adds one sample. Like Prometheus it refuses one that is not later than
// the last, unless it is the same.
func (s *Series) Append(t int64, v float64) error {
	if len(s.runs) == 0 {
		s.begin(run{first: t, last: t, value: v})
		return nil
	}
	r := &s.runs[len(s.runs)-1]
	same := math.Float64bits(r.value) == math.Float64bits(v)
	switch {
	case t == r.last && same:
		return nil
	case t == r.last:
		return storage.ErrDuplicateSampleForTimestamp
	case t < r.last:
		return storage.ErrOutOfOrderSample
	case same && r.step == 0:
		r.step, r.last = t-r.last, t
	case same && r.step == t-r.last:
		r.last = t
	default:
		s.begin(run{first: t, last: t, value: v})
	}
	return nil
}

func (s *Series) begin(r run) {
	s.runs = append(s.runs, r)
	for _, sel := range s.selected {
		sel.change(r.first)
		for _, w := range sel.watches {
			w.see(s.labels, r.first, r.value)
		}
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

// prune forgets runs that ended before a time, and says whether nothing is left.
func (s *Series) prune(oldest int64) bool {
	n := 0
	for n < len(s.runs) && s.runs[n].last < oldest {
		n++
	}
	if n > 0 {
		s.runs = slices.Clone(s.runs[n:])
	}
	return len(s.runs) == 0 || len(s.runs) == 1 && value.IsStaleNaN(s.runs[0].value)
}
