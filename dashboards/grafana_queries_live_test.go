//go:build live

package dashboards

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
)

// queryErrors is what Prometheus's parser says of expressions, by place.
func queryErrors(t *testing.T, queries map[string]string) string {
	t.Helper()
	type record struct{ Record, Expr string }
	type group struct {
		Name  string
		Rules []record
	}
	var groups []group
	for where, expr := range queries {
		groups = append(groups, group{where, []record{{"query", expr}}})
	}
	file := filepath.Join(t.TempDir(), "queries.yml")
	writeYAML(t, file, map[string]any{"groups": groups})
	out, err := exec.Command("promtool", "check", "rules", file).CombinedOutput()
	if err == nil {
		return ""
	}
	return string(out) + err.Error()
}

// dashboardQueries are all that the dashboards ask, as Grafana asks it.
func dashboardQueries(t *testing.T, texts map[string][]byte) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, text := range texts {
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for where, expr := range d.queries() {
			all[where] = asked(expr)
		}
	}
	return all
}

// TestGrafanaQueries: Prometheus reads every query, and faults in them are seen.
func TestGrafanaQueries(t *testing.T) {
	texts := readDashboards(t)
	if found := queryErrors(t, dashboardQueries(t, texts)); found != "" {
		t.Error(found)
	}
	for _, f := range faults() {
		if f.seenBy == byPrometheus && queryErrors(t, dashboardQueries(t, f.seeded(t, texts))) == "" {
			t.Errorf("%s is not seen", f.what)
		}
	}
	var file grafanaRules
	readYAML(t, grafanaRulesFile, &file)
	rules := map[string]string{}
	for _, r := range file.all() {
		rules[r.UID] = r.Data[0].Model.Expr
	}
	if found := queryErrors(t, rules); found != "" {
		t.Error(found)
	}
	rules["PostfixDown"] += ")"
	if queryErrors(t, rules) == "" {
		t.Error("broken PromQL in a rule is not seen")
	}
}
