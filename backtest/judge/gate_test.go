package judge

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"

	"postfix_exporter/backtest/series"
)

// TestGate holds that a gate is shut only where the engine has no answer, and
// where it should be.
func TestGate(t *testing.T) {
	const step = 15_000
	start := time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)
	window := series.NewWindow(map[string]int64{"m": math.MaxInt32, "n": math.MaxInt32, "ended": math.MaxInt32, "limit": math.MaxInt32}, step)
	put := func(name string, steps int64, v float64) {
		if err := window.Series(labels.FromStrings("__name__", name)).Append(start.UnixMilli()+steps*step, v); err != nil {
			t.Fatal(err)
		}
	}
	for n := range int64(81) {
		put("limit", n, 7)
		put("m", n, 3+float64(n/40))
	}
	put("ended", 40, 9)
	put("ended", 41, math.Float64frombits(value.StaleNaN))
	at := start.Add(20 * time.Minute) // m is 5, and has been 4 and 3
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, EnableAtModifier: true})
	g := gates{window, map[string]float64{"limit": 7}}
	for text, want := range map[string]bool{
		`m`: true, `n`: false, `ended`: false, `ended offset 10m`: true, `m offset 21m`: false,
		`m > 4`: true, `m > 5`: false, `m == 5`: true, `m <= 4`: false, `m < 5`: false, `m offset 5m <= 4`: true,
		`m >= scalar(limit)`: false, `m >= scalar(other)`: true, `m > bool 7`: true, `7 < m`: true, `m != 5`: true,
		`m > 4 and n`: false, `m > 4 and ended offset 10m`: true, `n or m > 4`: true, `n or m > 5`: false,
		`n unless m`: false, `m unless n`: true, `sum(m > 5)`: false, `m / n > 0`: false, `(sum by (a) (m) / m) > 3`: true,
		`m * scalar(limit)`: true, `n * 5`: false, `5 * n`: false, `-n`: true,
		`increase(m[5m]) > 0`: true, `increase(ended[5m])`: false, `max_over_time(ended[15m])`: true, `max_over_time(n[1d])`: false,
		`absent(n)`: true, `vector(1)`: true, `time()`: true, `absent_over_time(n[5m])`: true, `n or vector(0)`: true,
		`m > 4 and vector(1)`: true, `m @ 5`: true,
	} {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		open, err := g.of(expr)(at.UnixMilli())
		if err != nil || open != want {
			t.Errorf("%s: %t, %v", text, open, err)
		}
		answer, err := rules.EngineQueryFunc(engine, window)(context.Background(), text, at)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if len(answer) > 0 && !open {
			t.Errorf("%s is held back, and is %v", text, answer)
		}
	}
}

// TestFirst holds that the first operand is asked for alone where that is worth
// it.
func TestFirst(t *testing.T) {
	for text, want := range map[string]string{
		`a > 1 and increase(b[1d]) unless c`: "a > 1", `(a and b) unless max_over_time(c[1d])`: "(a and b)", `a > 1 and b`: "", `increase(a[1d])`: "",
		`a or increase(b[1d])`: "",
	} {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := firstOf(expr); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
