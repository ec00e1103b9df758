package dashboards

import (
	"regexp"
	"strings"
	"testing"
)

// TestInhibition: each matcher of the Alertmanager example means an alert that
// exists, and holds for one server.
func TestInhibition(t *testing.T) {
	var config struct {
		Route        any
		Receivers    []any
		InhibitRules []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
			Equal  []string
		} `yaml:"inhibit_rules"`
	}
	readYAML(t, "alertmanager/alertmanager.yml", &config)
	values := map[string]bool{}
	for r := range allRules(readRules(t)) {
		if r.Alert == "" {
			continue
		}
		values["alertname "+r.Alert] = true
		for label, value := range r.Labels {
			values[label+" "+value] = true
		}
	}
	matcher := regexp.MustCompile(`^(\w+)=~?"([\w|]+)"$`)
	for _, rule := range config.InhibitRules {
		for _, m := range append(rule.Source, rule.Target...) {
			parts := matcher.FindStringSubmatch(m)
			if parts == nil {
				t.Fatalf("%s is of no form that this test reads", m)
			}
			for _, value := range strings.Split(parts[2], "|") {
				if !values[parts[1]+" "+value] {
					t.Errorf("%s: no alert has %s %q", m, parts[1], value)
				}
			}
		}
		if len(rule.Equal) == 0 || rule.Equal[0] != "instance" {
			t.Errorf("%v inhibits over all servers", rule)
		}
	}
}
