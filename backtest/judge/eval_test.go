package judge

import (
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"

	"postfix_exporter/backtest/series"
)

// TestEval holds that groups have their turns at steps of any length, and from any
// time on.
func TestEval(t *testing.T) {
	set, err := Load([]byte(`
groups:
  - {name: each, rules: [{alert: Each, expr: m > 0}]}
  - {name: third, interval: 21s, rules: [{record: third, expr: m + 1}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	const step = 7 * time.Second
	window := series.NewWindow(map[string]int64{"m": 60_000, "third": 60_000}, step.Milliseconds())
	var fired []time.Time
	j, err := New(set, step, window, func(_ time.Time, alerts []*rules.Alert) { fired = append(fired, alerts[0].FiredAt) })
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2026, time.October, 1, 0, 0, 1, 500e6, time.UTC)
	var thirds []float64
	for n := range 8 {
		at := first.Add(time.Duration(n) * step)
		window.Advance(at.UnixMilli())
		window.Series(labels.FromStrings("__name__", "m")).Set(at.UnixMilli(), float64(n))
		if err := j.Eval(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		v, _ := window.Last(labels.FromStrings("__name__", "third"))
		thirds = append(thirds, v)
	}
	if len(fired) != 1 || !fired[0].Equal(first.Add(step)) || thirds[0] != 1 || thirds[2] != 1 || thirds[3] != 4 || thirds[6] != 7 {
		t.Errorf("fired at %v, recorded %v", fired, thirds)
	}
}
