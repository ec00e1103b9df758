package main

import (
	"fmt"
	"io"

	"postfix_exporter/backtest/replay"
	"postfix_exporter/lab/traffic"
)

// reached counts who came how near a threshold: accounts, local users, domains
// and networks, each once a log.
type reached struct {
	limit             float64
	half, above       int // of those that did nothing wrong
	culprits, ofThose int // above, and near or above
}

// thresholds counts for each threshold.
type thresholds struct {
	names []string // in the order of the rules
	rows  map[string]*reached
}

// join takes in those of another log.
func (t *thresholds) join(more *thresholds) {
	if t.rows == nil {
		*t = *more
		return
	}
	for name, r := range more.rows {
		row := t.rows[name]
		row.half, row.above, row.culprits, row.ofThose = row.half+r.half, row.above+r.above, row.culprits+r.culprits, row.ofThose+r.ofThose
	}
}

// add takes in a log's.
func (t *thresholds) add(r *replay.Replay, truth *traffic.Truth) {
	guilty := map[string]bool{}
	for _, i := range truth.Attacks {
		guilty[i.Culprit.Name] = true
	}
	if t.rows == nil {
		t.rows = map[string]*reached{}
	}
	for _, limit := range r.Thresholds() {
		if t.rows[limit.Name] == nil {
			t.names = append(t.names, limit.Name)
			t.rows[limit.Name] = &reached{limit: limit.Value}
		}
	}
	seen := map[[2]string]bool{} // a threshold may be compared with several windows: the nearest comes first
	for _, n := range r.Near() {
		who := n.Name()
		if who == "" || seen[[2]string{n.Threshold, who}] {
			continue
		}
		seen[[2]string{n.Threshold, who}] = true
		row, above := t.rows[n.Threshold], n.Value >= n.Limit
		switch {
		case guilty[who] && above:
			row.culprits++
		case guilty[who]:
			row.ofThose++
		case above:
			row.above++
		default:
			row.half++
		}
	}
}

// write writes a Markdown table.
func (t *thresholds) write(w io.Writer, days float64) {
	fmt.Fprintln(w, "| threshold | value | innocent above it | innocent above half of it | culprits above it | culprits above half |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|")
	months := days / 30
	for _, name := range t.names {
		r := t.rows[name]
		if r.above+r.half+r.culprits+r.ofThose == 0 {
			continue
		}
		fmt.Fprintf(w, "| `%s` | %g | %.1f | %.1f | %d | %d |\n", name, r.limit, float64(r.above)/months, float64(r.above+r.half)/months,
			r.culprits, r.culprits+r.ofThose)
	}
}
