//go:build live

package dashboards

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestGrafanaQuiet: what the panels show when nothing fires, when the rules are Grafana's
// and not Prometheus's, and when a culprit has stopped.
func TestGrafanaQuiet(t *testing.T) {
	const (
		watchdog = `ALERTS{alertname="Watchdog",alertstate="firing",severity="none",incident="watchdog"}`
		page     = `ALERTS{alertname="PostfixAccountCompromised",alertstate="firing",severity="critical",instance="mx1",sasl_username="emil",incident="account_abuse"}`
		since    = `ALERTS_FOR_STATE{alertname="PostfixAccountCompromised",severity="critical",instance="mx1",sasl_username="emil",incident="account_abuse"}`
		account  = `postfix_account_window_recipients{instance="mx1",sasl_username=%q,window=%q}`
	)
	queries := dashboardQueries(t, readDashboards(t))
	type series struct{ Series, Values string }
	type test struct {
		Name, Interval string
		InputSeries    []series           `yaml:"input_series"`
		PromqlExprTest []promtoolQuestion `yaml:"promql_expr_test"`
	}
	shown := func(title string, samples ...promtoolSample) promtoolQuestion {
		t.Helper()
		for where, expr := range queries {
			if m, err := filepath.Match(fmt.Sprintf("postfix-attack: panel * %q, A", title), where); m && err == nil {
				return promtoolQuestion{expr, "3m", samples}
			}
		}
		t.Fatalf("no panel is called %q", title)
		return promtoolQuestion{}
	}
	file := filepath.Join(t.TempDir(), "quiet.yml")
	writeYAML(t, file, map[string]any{"tests": []test{
		{
			"the rules are Grafana's", "1m", nil,
			[]promtoolQuestion{
				shown("Pages"),
				shown("Alerts that fire", promtoolSample{`{alertname="none here: the rules are Grafana's"}`, 180e3}),
			},
		}, {
			"nothing fires", "1m",
			[]series{{watchdog, "1x3"}},
			[]promtoolQuestion{
				shown("Pages", promtoolSample{"{}", 0}),
				shown("Tickets", promtoolSample{"{}", 0}),
				shown("Alerts that fire", promtoolSample{`{alertname="none"}`, 180e3}),
			},
		}, {
			"a page", "1m",
			[]series{{watchdog, "1x3"}, {page, "1x3"}, {since, "60x3"}},
			[]promtoolQuestion{
				shown("Pages", promtoolSample{"{}", 1}),
				shown("Tickets", promtoolSample{"{}", 0}),
				shown("Alerts that fire", promtoolSample{`{alertname="PostfixAccountCompromised",severity="critical",instance="mx1",about="emil"}`, 60e3}),
			},
		}, {
			"who has stopped is absent from the shortest window", "1m",
			[]series{
				{fmt.Sprintf(account, "emil", "1h"), "500x3"},
				{fmt.Sprintf(account, "anna", "1h"), "20x3"},
				{fmt.Sprintf(account, "anna", "5m"), "3x3"},
			},
			[]promtoolQuestion{
				shown("The loudest accounts' last 5 minutes", promtoolSample{`{sasl_username="emil"}`, 0}, promtoolSample{`{sasl_username="anna"}`, 3}),
			},
		}, {
			"nothing is queued", "1m", nil,
			[]promtoolQuestion{
				shown("Whose it is", promtoolSample{`{sasl_username="no account"}`, 0}),
				shown("Why it waits", promtoolSample{`{reason="nothing waits"}`, 0}),
			},
		},
	}})
	run(t, "promtool", "test", "rules", file)
}
