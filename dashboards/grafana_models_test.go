package dashboards

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/alerting"
	"github.com/grafana/grafana-foundation-sdk/go/expr"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"go.yaml.in/yaml/v2"
)

// modelErrors is what Grafana's own types say of what its files give to queries,
// expressions, receivers and routes. Of the files as such there are no types.
func modelErrors(t *testing.T, rules []byte) (found []string) {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				UID  string
				Data []struct{ Model map[string]any }
			}
		}
	}
	if err := yaml.Unmarshal(rules, &file); err != nil {
		t.Fatal(err)
	}
	check := func(where string, model any, by interface{ UnmarshalJSONStrict(text []byte) error }) {
		text, err := json.Marshal(jsonOf(model))
		if err != nil {
			t.Fatal(err)
		}
		if err := by.UnmarshalJSONStrict(text); err != nil && err.Error() != "" {
			found = append(found, where+": "+err.Error())
		}
	}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			for _, q := range r.Data {
				switch where := fmt.Sprint(r.UID, " ", q.Model["refId"]); q.Model["type"] {
				case "math":
					check(where, q.Model, &expr.TypeMath{})
				case "reduce":
					check(where, q.Model, &expr.TypeReduce{})
				default:
					check(where, q.Model, &prometheus.Dataquery{})
				}
			}
		}
	}
	var contacts struct {
		Points []struct{ Receivers []any } `yaml:"contactPoints"`
	}
	readParts(t, "grafana/provisioning/alerting/contact-points.yml", &contacts)
	for _, p := range contacts.Points {
		for _, r := range p.Receivers {
			check("contact point", r, &alerting.ContactPoint{})
		}
	}
	var tree struct{ Policies []map[string]any }
	readParts(t, "grafana/provisioning/alerting/policies.yml", &tree)
	for _, p := range tree.Policies {
		delete(p, "orgId") // of the file
		check("policies", p, &alerting.NotificationPolicy{})
	}
	return found
}

func readParts(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// jsonOf is what YAML holds, with names for keys as JSON wants them.
func jsonOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = jsonOf(v[key])
		}
	case map[any]any:
		named := map[string]any{}
		for key, value := range v {
			named[fmt.Sprint(key)] = jsonOf(value)
		}
		return named
	case []any:
		for i := range v {
			v[i] = jsonOf(v[i])
		}
	}
	return v
}

func TestGrafanaModels(t *testing.T) {
	text, err := os.ReadFile(grafanaRulesFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range modelErrors(t, text) {
		t.Error(found)
	}
	for _, fault := range []struct{ right, wrong string }{
		{"expression: $B", "expresion: $B"},
		{"reducer: count", "reduce: count"},
		{"settings:\n          mode", "settings:\n          mod"},
		{"type: math", "type: maths"},
		{"range: true", "range: 'true'"},
		{"intervalMs: 15000", "intervalMs: 15s"},
	} {
		seeded := strings.Replace(string(text), fault.right, fault.wrong, 1)
		if seeded == string(text) || len(modelErrors(t, []byte(seeded))) == 0 {
			t.Errorf("%s is not seen", fault.wrong)
		}
	}
}
