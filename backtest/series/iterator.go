package series

import (
	"sort"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// Iterator implements storage.Series.
func (s *Series) Iterator(old chunkenc.Iterator) chunkenc.Iterator {
	it, ok := old.(*iterator)
	if !ok {
		it = &iterator{}
	}
	*it = iterator{runs: s.runs, run: -1, now: s.window.now}
	return it
}

// iterator goes over the samples of runs.
type iterator struct {
	runs []run
	run  int // -1 before the first sample
	t    int64
	now  int64 // what stands still has no later sample
}

// Next implements chunkenc.Iterator.
func (it *iterator) Next() chunkenc.ValueType {
	if it.run >= 0 && it.run < len(it.runs) && it.t < it.last(it.run) {
		it.t += it.runs[it.run].step
		return chunkenc.ValFloat
	}
	return it.begin(it.run + 1)
}

// last is the time of a run's last sample.
func (it *iterator) last(run int) int64 {
	if r := &it.runs[run]; r.last != stands {
		return r.last
	}
	return it.now
}

// begin goes to the first sample of a run.
func (it *iterator) begin(run int) chunkenc.ValueType {
	it.run = run
	if run >= len(it.runs) {
		it.run = len(it.runs)
		return chunkenc.ValNone
	}
	it.t = it.runs[run].first
	return chunkenc.ValFloat
}

// Seek implements chunkenc.Iterator.
func (it *iterator) Seek(t int64) chunkenc.ValueType {
	if it.run >= 0 && it.run < len(it.runs) && it.t >= t {
		return chunkenc.ValFloat
	}
	from := max(it.run, 0)
	if from >= len(it.runs) {
		return chunkenc.ValNone
	}
	run := from + sort.Search(len(it.runs)-from, func(i int) bool { return it.last(from+i) >= t })
	if run != it.run {
		if kind := it.begin(run); kind == chunkenc.ValNone || it.t >= t {
			return kind
		}
	}
	r := &it.runs[run]
	it.t = r.first + (t-r.first+r.step-1)/r.step*r.step
	return chunkenc.ValFloat
}

// At implements chunkenc.Iterator.
func (it *iterator) At() (int64, float64) { return it.t, it.runs[it.run].value }

// AtT implements chunkenc.Iterator.
func (it *iterator) AtT() int64 { return it.t }

// AtST implements chunkenc.Iterator.
func (it *iterator) AtST() int64 { return 0 }

// Err implements chunkenc.Iterator.
func (it *iterator) Err() error { return nil }

// AtHistogram implements chunkenc.Iterator. There are none.
func (it *iterator) AtHistogram(*histogram.Histogram) (int64, *histogram.Histogram) {
	return it.t, nil
}

// AtFloatHistogram implements chunkenc.Iterator. There are none.
func (it *iterator) AtFloatHistogram(*histogram.FloatHistogram) (int64, *histogram.FloatHistogram) {
	return it.t, nil
}
