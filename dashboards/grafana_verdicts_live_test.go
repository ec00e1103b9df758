//go:build live

package dashboards

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v2"
)

// TestGrafanaVerdicts: Grafana's rules fire and are silent where Prometheus's do, with
// the same labels, over all of promtool's tests. Prometheus's engine stands for Grafana's:
// what a test asks of ALERTS is asked of the rules' conditions.
func TestGrafanaVerdicts(t *testing.T) {
	var file grafanaRules
	readYAML(t, grafanaRulesFile, &file)
	conditions := conditionsOf(t, &file)
	dir := t.TempDir()
	tests, err := filepath.Glob("prometheus/tests/*.yml")
	if err != nil || len(tests) == 0 {
		t.Fatal("no tests", err)
	}
	for _, name := range tests {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			test := filepath.Join(dir, filepath.Base(name))
			writeYAML(t, test, verdicts(t, name, conditions))
			run(t, "promtool", "test", "rules", test)
		})
	}
}

// A condition is a rule that fires where its expression has a series.
type condition struct {
	labels     map[string]string // alertname among them
	expression string
}

func conditionsOf(t *testing.T, file *grafanaRules) []condition {
	t.Helper()
	var all []condition
	for _, r := range file.all() {
		expression, err := r.promQL()
		if err != nil {
			t.Fatalf("%s: %v", r.UID, err)
		}
		wait, err := time.ParseDuration(r.For)
		if err != nil {
			t.Fatalf("%s: %v", r.UID, err)
		}
		if wait > 0 { // as if it were evaluated each 15 s, from the test's begin on
			expression = fmt.Sprintf("count_over_time((%s and on () vector(time()) >= 0)[%.0fs:15s]) > %.0f", expression, wait.Seconds(), wait.Seconds()/15)
		}
		c := condition{labels: maps.Clone(r.Labels), expression: "group without () (" + expression + ")"}
		c.labels["alertname"] = r.alert()
		for label, value := range c.labels {
			c.expression = fmt.Sprintf("label_replace(%s, %q, %q, \"\", \"\")", c.expression, label, value)
		}
		all = append(all, c)
	}
	return all
}

var asksAlerts = regexp.MustCompile(`\bALERTS(\{[^}]*\})(\[\w+)?`)

// firing is an expression without ALERTS: the conditions stand for it.
func firing(t *testing.T, expression string, conditions []condition) string {
	t.Helper()
	return asksAlerts.ReplaceAllStringFunc(expression, func(found string) string {
		parts := asksAlerts.FindStringSubmatch(found)
		var among, and []string
		for _, c := range conditions {
			meant := true
			and = nil
			for _, m := range aMatcher.FindAllStringSubmatch(parts[1], -1) {
				label, operator, value := m[1], m[2], strings.Trim(m[3], `"`)
				have, static := c.labels[label]
				switch {
				case label == "alertstate":
				case static:
					meant = meant && slices.Contains(strings.Split(value, "|"), have) != strings.HasPrefix(operator, "!")
				case operator == "=":
					and = append(and, fmt.Sprintf(" and on (%s) label_replace(vector(1), %q, %q, \"\", \"\")", label, label, value))
				default:
					t.Fatalf("%s: no test has asked that before", found)
				}
			}
			if meant {
				among = append(among, c.expression+strings.Join(and, ""))
			}
		}
		if len(among) == 0 {
			t.Fatalf("%s: no such alert", found)
		}
		step := ""
		if parts[2] != "" {
			step = ":1m"
		}
		return "(" + strings.Join(among, " or ") + ")" + parts[2] + step
	})
}

// verdicts is a test file about Grafana's rules. Texts are left out, as Grafana's can't
// query, and so is what is recorded, or loaded twice.
func verdicts(t *testing.T, name string, conditions []condition) any {
	t.Helper()
	var file promtoolTests
	readYAML(t, name, &file)
	file.RuleFiles, file.GroupEvalOrder = nil, nil
	for i := range file.Tests {
		test := &file.Tests[i]
		asked := test.PromqlExprTest
		test.PromqlExprTest = nil
		for _, q := range asked {
			if !strings.Contains(q.Expr, "postfix:") {
				q.Expr = firing(t, q.Expr, conditions)
				for j := range q.ExpSamples { // conditions have no name, and are not pending
					labels := &q.ExpSamples[j].Labels
					*labels = regexp.MustCompile(`alertstate="firing",? *`).ReplaceAllString(strings.TrimPrefix(*labels, "ALERTS"), "")
				}
				test.PromqlExprTest = append(test.PromqlExprTest, q)
			}
		}
		for _, check := range test.AlertRuleTest {
			q := promtoolQuestion{Expr: firing(t, fmt.Sprintf("ALERTS{alertname=%q}", check.Alertname), conditions), EvalTime: check.EvalTime}
			for _, a := range check.ExpAlerts {
				if a.ExpLabels["cause"] == "rules" {
					continue
				}
				labels := []string{fmt.Sprintf("alertname=%q", check.Alertname)}
				for label, value := range a.ExpLabels {
					labels = append(labels, fmt.Sprintf("%s=%q", label, value))
				}
				q.ExpSamples = append(q.ExpSamples, promtoolSample{"{" + strings.Join(labels, ",") + "}", 1})
			}
			test.PromqlExprTest = append(test.PromqlExprTest, q)
		}
		test.AlertRuleTest = nil
	}
	return file
}

func writeYAML(t *testing.T, name string, v any) {
	t.Helper()
	text, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
