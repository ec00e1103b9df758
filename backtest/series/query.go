package series

import (
	"context"
	"errors"
	"slices"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/annotations"
)

// Querier implements storage.Queryable.
func (w *Window) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{window: w, mint: mint, maxt: maxt}, nil
}

type querier struct {
	window     *Window
	mint, maxt int64
}

// Select implements storage.Querier. A selector must name its metric, as those
// of alert rules do.
func (q *querier) Select(_ context.Context, sortSeries bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	sel, err := q.window.selection(matchers)
	if err != nil {
		return storage.ErrSeriesSet(err)
	}
	from, to := q.mint, q.maxt
	if hints != nil {
		from, to = hints.Start, hints.End
	}
	set := &seriesSet{next: -1}
	for _, s := range sel.series {
		if n := len(s.runs); n > 0 && s.runs[n-1].last >= from && s.runs[0].first <= to {
			set.all = append(set.all, s)
		}
	}
	if sortSeries {
		slices.SortFunc(set.all, func(a, b *Series) int { return labels.Compare(a.labels, b.labels) })
	}
	return set
}

var errNoLabels = errors.New("label names and values are not served")

// LabelValues implements storage.Querier; rules don't ask for any.
func (q *querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errNoLabels
}

// LabelNames implements storage.Querier; rules don't ask for any.
func (q *querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, errNoLabels
}

// Close implements storage.Querier.
func (q *querier) Close() error { return nil }

type seriesSet struct {
	all  []*Series
	next int
}

func (s *seriesSet) Next() bool                        { s.next++; return s.next < len(s.all) }
func (s *seriesSet) At() storage.Series                { return s.all[s.next] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// AppenderV2 implements storage.AppendableV2 for what recording rules say. A
// sample can be read at once, and not only when it is committed.
func (w *Window) AppenderV2(context.Context) storage.AppenderV2 { return appender{w} }

type appender struct{ window *Window }

// Append implements storage.AppenderV2.
func (a appender) Append(_ storage.SeriesRef, ls labels.Labels, _, t int64, v float64, _ *histogram.Histogram, _ *histogram.FloatHistogram,
	_ storage.AppendV2Options,
) (storage.SeriesRef, error) {
	s := a.window.Series(ls)
	if s == nil {
		return 0, nil
	}
	return 0, s.Append(t, v)
}

// Commit implements storage.AppenderV2.
func (appender) Commit() error { return nil }

// Rollback implements storage.AppenderV2.
func (appender) Rollback() error { return nil }
