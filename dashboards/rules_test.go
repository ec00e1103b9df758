// Package dashboards tests the alert rules, their names and their runbooks.
package dashboards

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v2"
)

const rulesFile = "prometheus/postfix.rules.yml"

type ruleGroup struct {
	Name  string
	Rules []rule
}

type rule struct {
	Record, Alert, Expr string
	For                 string            `yaml:",omitempty"`
	KeepFiringFor       string            `yaml:"keep_firing_for,omitempty"`
	Labels, Annotations map[string]string `yaml:",omitempty"`
}

func (r rule) String() string { return r.Record + r.Alert + " (" + r.Labels["severity"] + ")" }

// readRules reads the rules, and refuses a key that Prometheus does not know.
func readRules(t *testing.T) []ruleGroup {
	t.Helper()
	groups := readGroups(t, rulesFile)
	if len(groups) < 10 {
		t.Fatalf("%d groups of rules", len(groups))
	}
	return groups
}

func readGroups(t *testing.T, name string) []ruleGroup {
	t.Helper()
	var file struct{ Groups []ruleGroup }
	readYAML(t, name, &file)
	return file.Groups
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func allRules(groups []ruleGroup) iter.Seq[rule] {
	return func(yield func(rule) bool) {
		for _, g := range groups {
			for _, r := range g.Rules {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// TestAlerts holds what every alert must carry.
func TestAlerts(t *testing.T) {
	for r := range allRules(readRules(t)) {
		if r.Alert == "" {
			continue
		}
		switch r.Labels["severity"] {
		case "critical", "warning":
		case "none":
			if r.Alert != "Watchdog" {
				t.Errorf("%v: severity none is the Watchdog's", r)
			}
		default:
			t.Errorf("%v: severity is %q", r, r.Labels["severity"])
		}
		if r.Labels["incident"] == "" {
			t.Errorf("%v has no incident", r)
		}
		if r.Alert != "Watchdog" && !strings.HasPrefix(r.Alert, "Postfix") {
			t.Errorf("%v: its name does not begin with Postfix", r)
		}
		if s := r.Annotations["summary"]; s == "" || strings.Contains(s, "{{") {
			t.Errorf("%v: summary %q is not static", r, s)
		}
		if r.Annotations["description"] == "" || r.Annotations["dashboard_url"] == "" {
			t.Errorf("%v has no description or no dashboard_url", r)
		}
		if !strings.HasSuffix(r.Annotations["runbook_url"], "}}/"+r.Alert+".md") {
			t.Errorf("%v: runbook_url is %q", r, r.Annotations["runbook_url"])
		}
		for name, text := range r.Annotations {
			// What an account or a user is called, admins chose; quoted, it can't pass for our words.
			for _, label := range []string{"sasl_username", "user", "domain", "service_name"} {
				if regexp.MustCompile(`\{\{-? *\$(labels|s\.Labels)\.` + label + ` `).MatchString(text) {
					t.Errorf("%v: %s prints %s raw", r, name, label)
				}
			}
		}
	}
}

// TestThresholds: each is recorded once, used, and no other rule compares with
// a number of its own, but with none, all of it, and two signals.
func TestThresholds(t *testing.T) {
	groups := readRules(t)
	uses := map[string]int{}
	var all strings.Builder
	for r := range allRules(groups[1:]) {
		fmt.Fprintln(&all, r.Expr, r.Annotations["description"])
		if strings.HasPrefix(r.Record, "postfix:threshold:") {
			t.Errorf("%v stands outside the first group", r)
		}
		for _, m := range regexp.MustCompile(`[<>=]=?\s*(\d[\d.]*)`).FindAllStringSubmatch(r.Expr, -1) {
			if m[1] != "0" && m[1] != "1" && m[1] != "2" {
				t.Errorf("%v compares with %s", r, m[1])
			}
		}
	}
	for _, r := range groups[0].Rules {
		if strings.HasPrefix(r.Record, "postfix:threshold:") {
			uses[r.Record]++
			if uses[r.Record] > 1 {
				t.Errorf("%s stands twice", r.Record)
			}
			if !regexp.MustCompile(regexp.QuoteMeta(r.Record) + `\b`).MatchString(all.String()) {
				t.Errorf("%s is not used", r.Record)
			}
		}
	}
}

// TestPromtoolTests: every alert is seen to fire, with its whole text, and to be
// silent at least as often.
func TestPromtoolTests(t *testing.T) {
	hits, silent := map[string]int{}, map[string]int{}
	files, err := filepath.Glob("prometheus/tests/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("no tests", err)
	}
	for _, name := range files {
		var file promtoolTests
		readYAML(t, name, &file)
		for _, test := range file.Tests {
			for _, c := range test.AlertRuleTest {
				if len(c.ExpAlerts) == 0 {
					silent[c.Alertname]++
				}
				for _, a := range c.ExpAlerts {
					hits[c.Alertname+" "+a.ExpLabels["severity"]+a.ExpLabels["cause"]]++
					if len(a.ExpAnnotations) != 4 {
						t.Errorf("%s: %s: %s is expected without its annotations", name, test.Name, c.Alertname)
					}
				}
			}
		}
	}
	rules := map[string]int{}
	for r := range allRules(readRules(t)) {
		if r.Alert == "" || r.Alert == "Watchdog" {
			continue
		}
		rules[r.Alert]++
		if hits[r.Alert+" "+r.Labels["severity"]+r.Labels["cause"]] == 0 {
			t.Errorf("no test sees %v fire %s", r, r.Labels["cause"])
		}
	}
	for alert, n := range rules {
		if silent[alert] < n {
			t.Errorf("%s has %d rules, and is seen silent %d times", alert, n, silent[alert])
		}
	}
}
