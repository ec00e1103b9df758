package dashboards

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fakeGrafana answers as a Grafana with all that is provisioned, but for the faults.
type fakeGrafana struct {
	dashboards map[string]json.RawMessage // by uid
	rules      grafanaRules

	noDashboard, emptyQuery, wrongQuery string // a uid, part of an expression, part of another
	sick, lost, silent                  string // uids of a rule that fails, one without labels, one that does not fire
	noRules                             bool   // in Prometheus
}

func (f *fakeGrafana) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	switch uid, isDashboard := strings.CutPrefix(r.URL.Path, "/api/dashboards/uid/"); {
	case isDashboard && uid != f.noDashboard:
		reply(map[string]any{"dashboard": f.dashboards[uid], "meta": map[string]any{"provisioned": true}})
	case r.URL.Path == "/api/v1/provisioning/alert-rules":
		var all []any
		for _, rule := range f.rules.all() {
			labels := rule.Labels
			if rule.UID == f.lost {
				labels = nil
			}
			all = append(all, map[string]any{"uid": rule.UID, "labels": labels})
		}
		reply(all)
	case r.URL.Path == "/api/prometheus/grafana/api/v1/rules":
		var all []any
		for _, rule := range f.rules.all() {
			health, alerts := "ok", []any{}
			if rule.UID == f.sick {
				health = "error"
			}
			if strings.HasPrefix(rule.UID, "Watchdog") && rule.UID != f.silent {
				alerts = append(alerts, map[string]any{"state": "Alerting", "labels": map[string]string{
					"alertname": rule.Title, "grafana_folder": "Postfix", "severity": "none", "incident": "watchdog",
				}})
			}
			if rule.UID == "PostfixDown" && rule.UID != f.silent {
				alerts = append(alerts, map[string]any{"state": "Alerting", "labels": map[string]string{
					"alertname": rule.Title, "severity": "critical", "incident": "postfix_down", "instance": "mx1",
				}})
			}
			all = append(all, map[string]any{"name": rule.Title, "health": health, "alerts": alerts})
		}
		reply(map[string]any{"data": map[string]any{"groups": []any{map[string]any{"rules": all}}}})
	case r.URL.Path == "/api/ds/query":
		var question struct{ Queries []struct{ Expr string } }
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply(f.answer(question.Queries[0].Expr))
	default:
		http.NotFound(w, r)
	}
}

func (f *fakeGrafana) answer(expr string) any {
	series := func(labels ...map[string]string) any {
		frames := []any{}
		for _, l := range labels {
			frames = append(frames, map[string]any{
				"schema": map[string]any{"fields": []any{map[string]any{"type": "time"}, map[string]any{"type": "number", "labels": l}}},
				"data":   map[string]any{"values": [][]any{{1}, {1.5}}},
			})
		}
		return map[string]any{"results": map[string]any{"A": map[string]any{"frames": frames}}}
	}
	switch {
	case f.emptyQuery != "" && strings.Contains(expr, f.emptyQuery), expr == `ALERTS{alertstate="firing"}` && f.noRules:
		return series()
	case f.wrongQuery != "" && strings.Contains(expr, f.wrongQuery):
		return map[string]any{"results": map[string]any{"A": map[string]any{"error": "bad_data: parse error"}}}
	case expr == `ALERTS{alertstate="firing"}`:
		return series(
			map[string]string{"__name__": "ALERTS", "alertname": "Watchdog", "alertstate": "firing", "severity": "none", "incident": "watchdog"},
			map[string]string{"__name__": "ALERTS", "alertname": "PostfixDown", "alertstate": "firing", "severity": "critical", "incident": "postfix_down", "instance": "mx1"},
		)
	}
	return series(map[string]string{})
}

// TestGrafanaCheck: the check against a real Grafana finds what is wrong in one, and
// nothing where all is right.
func TestGrafanaCheck(t *testing.T) {
	var rules grafanaRules
	readYAML(t, grafanaRulesFile, &rules)
	texts, dashboards := readDashboards(t), map[string]json.RawMessage{}
	for _, text := range texts {
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		dashboards[d.UID] = text
	}
	for _, c := range []struct {
		fake  fakeGrafana
		wants string
	}{
		{fakeGrafana{}, ""},
		{fakeGrafana{noDashboard: "postfix-overview"}, "404"},
		{fakeGrafana{emptyQuery: "postfix_up{"}, `"Postfix runs", A: no data`},
		{fakeGrafana{wrongQuery: "postfix_up{"}, `"Postfix runs", A: bad_data`},
		{fakeGrafana{sick: "PostfixOpenRelay"}, `PostfixOpenRelay: health "error"`},
		{fakeGrafana{lost: "PostfixOpenRelay"}, "PostfixOpenRelay has the labels map[]"},
		{fakeGrafana{silent: "PostfixDown"}, "fires in Prometheus alone: PostfixDown"},
		{fakeGrafana{noRules: true}, "no Watchdog"},
	} {
		c.fake.dashboards, c.fake.rules = dashboards, rules
		server := httptest.NewServer(&c.fake)
		g := realGrafana{url: server.URL, prometheus: "postfix-prometheus"}
		found := strings.Join(append(append(g.dashboards(texts), g.rules(&rules)...), g.agreement(&rules)...), "\n")
		server.Close()
		if (c.wants == "") != (found == "") || !strings.Contains(found, c.wants) {
			t.Errorf("found %q, want %q", found, c.wants)
		}
	}
}
