package series

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
)

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
