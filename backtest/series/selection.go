package series

import (
	"errors"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
)

// selection is what a selector of a rule finds. The rules are few and always the
// same, so that each selector is looked up once.
type selection struct {
	name     string
	matchers []*labels.Matcher
	series   []*Series // in the order in which they were born
	changes  []int64   // when something in it changed, in order
	watches  []*Watch
}

func (s *selection) add(one *Series) {
	s.series = append(s.series, one)
	one.selected = append(one.selected, s)
	for i := range one.runs {
		s.change(one.runs[i].first)
	}
}

func (s *selection) change(t int64) {
	if n := len(s.changes); n == 0 || s.changes[n-1] < t {
		s.changes = append(s.changes, t)
	}
}

func (s *selection) prune(oldest int64) {
	if n, _ := slices.BinarySearch(s.changes, oldest); n > 0 {
		s.changes = slices.Delete(s.changes, 0, n)
	}
}

// Changed says whether, of all series that a selector finds, one began, ended or
// took another value from a time to another, both included.
func (w *Window) Changed(matchers []*labels.Matcher, from, to int64) (bool, error) {
	sel, err := w.selection(matchers)
	if err != nil {
		return true, err
	}
	i, _ := slices.BinarySearch(sel.changes, from)
	return i < len(sel.changes) && sel.changes[i] <= to, nil
}

// Any says whether a selector finds a series whose value at a time, at most
// lookback old, a test holds of.
func (w *Window) Any(matchers []*labels.Matcher, at, lookback int64, holds func(float64) bool) (bool, error) {
	sel, err := w.selection(matchers)
	if err != nil {
		return true, err
	}
	for _, s := range sel.series {
		for i := len(s.runs) - 1; i >= 0; i-- {
			r := &s.runs[i]
			if r.first > at {
				continue
			}
			if r.last > at-lookback && !value.IsStaleNaN(r.value) && holds(r.value) {
				return true, nil
			}
			break
		}
	}
	return false, nil
}

// Within says whether a selector finds a sample from a time to another, both
// included.
func (w *Window) Within(matchers []*labels.Matcher, from, to int64) (bool, error) {
	sel, err := w.selection(matchers)
	if err != nil {
		return true, err
	}
	for _, s := range sel.series {
		for i := len(s.runs) - 1; i >= 0 && s.runs[i].last >= from; i-- {
			if r := &s.runs[i]; r.first <= to && !value.IsStaleNaN(r.value) {
				return true, nil
			}
		}
	}
	return false, nil
}

func (s *selection) matches(ls labels.Labels) bool {
	for _, m := range s.matchers {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}

var errNameless = errors.New("a selector without a metric's name can't be backtested")

func (w *Window) selection(matchers []*labels.Matcher) (*selection, error) {
	var key strings.Builder
	name := ""
	for _, m := range matchers {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			name = m.Value
		}
		key.WriteString(m.Name)
		key.WriteByte(byte('0' + m.Type))
		key.WriteString(m.Value)
		key.WriteByte(0)
	}
	if sel := w.selects[key.String()]; sel != nil {
		return sel, nil
	}
	if name == "" {
		return nil, errNameless
	}
	sel := &selection{name: name, matchers: slices.Clone(matchers)}
	for _, s := range w.byName[name] {
		if sel.matches(s.labels) {
			sel.add(s)
		}
	}
	w.selects[key.String()] = sel
	return sel, nil
}
