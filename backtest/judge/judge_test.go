package judge

import (
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"postfix_exporter/dashboards"
)

func TestLoad(t *testing.T) {
	set, err := Load([]byte(`
groups:
  - name: g
    rules:
      - {record: limit, expr: vector(7), labels: {a: b}}
      - {record: seen, expr: m > 1}
      - {alert: Watchdog, expr: vector(1)}
      - {alert: Down, expr: up == 0 and postfix_exporter_build_info}
      - {alert: High, expr: 'm{x="y"} >= scalar(limit) and increase(c[1h] offset 1d) > 0'}
`))
	if err != nil {
		t.Fatal(err)
	}
	if set.LeftOut != 2 || len(set.Constants) != 1 || set.Constants[0].Value != 7 || len(set.groups[0].Rules) != 2 {
		t.Errorf("%+v", set)
	}
	keep, err := set.Keep(time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if want := (25*time.Hour + 7*time.Minute).Milliseconds(); keep["c"] != want || keep["m"] != (7*time.Minute).Milliseconds() || len(keep) != 3 {
		t.Errorf("%v", keep)
	}
	limits, err := set.Thresholds()
	if err != nil || len(limits) != 1 || limits[0].Name != "limit" || limits[0].Value != 7 {
		t.Errorf("%+v, %v", limits, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, text := range []string{"groups: [{name: g, rules: [{alert: A, expr: '1 +'}]}]", "groups: 1", "rules: []"} {
		if _, err := Load([]byte(text)); err == nil {
			t.Errorf("%s is no error", text)
		}
	}
}

// TestSteady holds that only what looks at samples alone is remembered.
func TestSteady(t *testing.T) {
	m := &memo{ranges: true}
	for text, want := range map[string]bool{
		`a > 1 and on (x) b offset 5m`: true, `increase(a[5m]) >= scalar(b)`: true, `time() - a > 1`: false, `timestamp(a)`: false,
		`predict_linear(a[1h], 60)`: false, `max_over_time(a[1h:1m])`: false, `a @ 5`: false, `a offset -5m`: false, `vector(1)`: true,
	} {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		if r := m.study(expr); r.steady != want {
			t.Errorf("%s: %t", text, r.steady)
		}
	}
}

// TestShipped holds that the shipped rules can be backtested, and that most of
// them are remembered.
func TestShipped(t *testing.T) {
	set, err := Load(dashboards.Rules())
	if err != nil {
		t.Fatal(err)
	}
	m := &memo{ranges: set.oneInterval(15 * time.Second)}
	var unsteady []string
	rules := 0
	for _, g := range set.groups {
		for _, r := range g.Rules {
			rules++
			expr, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr)
			if err != nil {
				t.Fatal(err)
			}
			if !m.study(expr).steady {
				unsteady = append(unsteady, r.Record+r.Alert)
			}
		}
	}
	if rules < 50 || len(unsteady) > 4 {
		slices.Sort(unsteady)
		t.Errorf("of %d rules, not remembered: %v", rules, unsteady)
	}
	limits, err := set.Thresholds()
	if err != nil || len(limits) < 20 {
		t.Errorf("%d thresholds, %v", len(limits), err)
	}
}
