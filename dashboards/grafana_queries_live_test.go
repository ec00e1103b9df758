//go:build live

package dashboards

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
)

// queryErrors is what Prometheus's parser says of all queries of the dashboards.
func queryErrors(t *testing.T, texts map[string][]byte) string {
	t.Helper()
	type record struct{ Record, Expr string }
	type group struct {
		Name  string
		Rules []record
	}
	var groups []group
	for _, text := range texts {
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			return err.Error()
		}
		for where, expr := range d.queries() {
			groups = append(groups, group{where, []record{{"query", asked(expr)}}})
		}
	}
	file := filepath.Join(t.TempDir(), "queries.yml")
	writeYAML(t, file, map[string]any{"groups": groups})
	out, err := exec.Command("promtool", "check", "rules", file).CombinedOutput()
	if err == nil {
		return ""
	}
	return string(out) + err.Error()
}

// TestGrafanaQueries: Prometheus reads every query, and faults in them are seen.
func TestGrafanaQueries(t *testing.T) {
	texts := readDashboards(t)
	if found := queryErrors(t, texts); found != "" {
		t.Error(found)
	}
	for _, f := range faults() {
		if f.seenBy == byPrometheus && queryErrors(t, f.seeded(t, texts)) == "" {
			t.Errorf("%s is not seen", f.what)
		}
	}
}
