//go:build live

package dashboards

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

// TestGrafanaData: while the lab's Postfix is attacked, each query of each panel, variable
// and annotation finds something in a real Prometheus.
func TestGrafanaData(t *testing.T) {
	w := underAttack(t)
	missing := map[string]string{}
	for _, text := range readDashboards(t) {
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for where, expr := range d.queries() {
			missing[where] = asked(expr)
		}
	}
	for begin := time.Now(); len(missing) > 0 && time.Since(begin) < 2*time.Minute; time.Sleep(time.Second) {
		for where, expr := range missing {
			samples, err := w.Prometheus.Query(t.Context(), expr)
			if err != nil {
				t.Fatalf("%s: %v", where, err)
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
