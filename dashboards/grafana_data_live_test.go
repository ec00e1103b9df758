//go:build live

package dashboards

import (
	"math"
	"testing"
	"time"
)

// TestGrafanaData: while the lab's Postfix is attacked, each query of each panel, variable
// and annotation finds something in a real Prometheus, and Grafana's rule names the account.
func TestGrafanaData(t *testing.T) {
	w := underAttack(t)
	missing := dashboardQueries(t, readDashboards(t))
	var rules grafanaRules
	readYAML(t, grafanaRulesFile, &rules)
	const page = "PostfixAccountCompromised"
	for _, r := range rules.all() {
		if expr, err := r.promQL(); r.UID == page && err == nil {
			missing[page] = expr
		}
	}
	if missing[page] == "" {
		t.Fatalf("there is no %s", page)
	}
	for begin := time.Now(); len(missing) > 0 && time.Since(begin) < 2*time.Minute; time.Sleep(time.Second) {
		for where, expr := range missing {
			samples, err := w.Prometheus.Query(t.Context(), expr)
			if err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			if where == page && len(samples) > 0 && samples[0].Labels["sasl_username"] != "emil@lab.test" {
				t.Errorf("%s names %v", where, samples)
			}
			for _, s := range samples {
				if !math.IsNaN(s.Value) {
					delete(missing, where)
				}
			}
		}
	}
	for where, expr := range missing {
		t.Errorf("%s is empty: %s", where, expr)
	}
}
