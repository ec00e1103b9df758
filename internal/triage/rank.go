package triage

import (
	"cmp"
	"encoding/json"
	"slices"
)

// NumWindows is how many windows there are.
const NumWindows = 3

// Measure is one of the figures that candidates are ranked by.
type Measure int

// The measures, each within a window.
const (
	Recipients Measure = iota
	Failed
	Deferred
	ForeignSenders
	Networks
	PriorFailures

	NumMeasures = int(PriorFailures) + 1
)

func (m Measure) String() string {
	return [NumMeasures]string{"recipients", "failed", "deferred", "foreign_senders", "networks", "prior_failures"}[m]
}

// Figures are by window, the shortest first, and measure.
type Figures [NumWindows][NumMeasures]float64

// MarshalJSON implements json.Marshaler, with names for the numbers.
func (f Figures) MarshalJSON() ([]byte, error) {
	named := map[string]map[string]float64{}
	for w, window := range [NumWindows]string{"5m", "1h", "24h"} {
		named[window] = map[string]float64{}
		for m, n := range f[w] {
			named[window][Measure(m).String()] = n
		}
	}
	return json.Marshal(named)
}

// Candidate is a principal with its figures.
type Candidate struct {
	Principal
	Figures Figures `json:"figures"`
	Queued  int     `json:"queued"`
	// Share is what it is ranked by: its mean share of all that is counted, of the
	// measures that apply to its kind, over the three windows; 0 to 1.
	Share float64 `json:"share"`
	// Known says which windows have figures of it at all.
	Known bool `json:"known"`
}

// measured says which measures a kind has. A kind that can't have networks must not
// lose by having none.
func (k Kind) measured(m Measure) bool {
	switch k {
	case Account:
		return true
	case Local, Forward, Network, Bounces:
		return m == Recipients || m == Failed
	}
	return false
}

// Rank orders candidates by their share of what goes on, the largest first: who has
// nearly all recipients, failures and networks of the last minutes stands before
// who has a little of each. It is an order and no verdict. queued is how many
// messages are queued in all, 0 where that is not known.
func Rank(all []Candidate, queued int) {
	var totals [NumWindows][NumMeasures]float64
	for _, c := range all {
		for w := range c.Figures {
			for m, n := range c.Figures[w] {
				totals[w][m] += n
			}
		}
	}
	for i := range all {
		c := &all[i]
		sum, n := 0.0, 0.0
		for w := range c.Figures {
			for m, v := range c.Figures[w] {
				if c.Known && c.Kind.measured(Measure(m)) && totals[w][m] > 0 {
					sum += v / totals[w][m]
					n++
				}
			}
			if queued > 0 {
				sum += float64(c.Queued) / float64(queued)
				n++
			}
		}
		if c.Share = 0; n > 0 {
			c.Share = sum / n
		}
	}
	slices.SortStableFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
}
