package dashboards

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pending are metrics that rules ask for and the exporter does not have yet.
// One that has come makes TestNames fail until its line is taken out here.
const pending = `
`

var (
	// Prometheus's own, and what its targets carry.
	alwaysThere  = map[string][]string{"up": nil, "postfix_exporter_build_info": nil}
	targetLabels = []string{"instance", "job"}
	// What PromQL calls its own.
	language = strings.Fields(`and or unless on ignoring by without group_left group_right offset scalar vector sum max min count group topk
		increase changes time absent label_replace label_join max_over_time min_over_time present_over_time predict_linear rate histogram_quantile sort_desc`)

	inString   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'[^']*'`)
	inNumber   = regexp.MustCompile(`\b\d[\w.]*`)
	inGrouping = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
	aSelector  = regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}`)
	aMatcher   = regexp.MustCompile(`([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'[^']*'|%[qs])`)
	aName      = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)
	inText     = regexp.MustCompile(`\b(?:postfix|dovecot)(?::|_)[a-z0-9_:]+(?:\{[^}]*\})?`)
	aLabel     = regexp.MustCompile(`[lL]abels\.(\w+)`)
)

// catalogue is docs/metrics.md: the labels of each metric.
func catalogue(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\|").FindAllStringSubmatch(string(text), -1) {
		metrics[m[1]] = strings.FieldsFunc(m[3], func(r rune) bool { return r == ',' || r == ' ' })
		if m[2] == "histogram" {
			metrics[m[1]+"_bucket"] = append([]string{"le"}, metrics[m[1]]...)
			metrics[m[1]+"_sum"], metrics[m[1]+"_count"] = metrics[m[1]], metrics[m[1]]
		}
	}
	if len(metrics) < 40 {
		t.Fatalf("%d metrics in docs/metrics.md", len(metrics))
	}
	return metrics
}

// names are the metrics and labels that rules may use.
type names struct {
	metrics, values map[string][]string
	labels          []string
}

func newNames(t *testing.T, groups []ruleGroup) *names {
	n := &names{metrics: catalogue(t), values: goldenValues(t), labels: slices.Clone(targetLabels)}
	for line := range strings.Lines(strings.TrimSpace(pending)) {
		fields := strings.Fields(line)
		if _, come := n.metrics[fields[0]]; come {
			t.Errorf("%s has come: take it out of pending", fields[0])
		}
		n.metrics[fields[0]] = fields[1:]
	}
	for metric, labels := range alwaysThere {
		n.metrics[metric] = labels
	}
	for _, labels := range n.metrics {
		n.labels = append(n.labels, labels...)
	}
	for r := range allRules(groups) {
		for label, value := range r.Labels {
			n.labels = append(n.labels, label)
			n.values[label] = append(n.values[label], value)
		}
	}
	for r := range allRules(groups) {
		if r.Record != "" {
			n.metrics[r.Record] = n.labels
		}
	}
	n.labels = append(n.labels, "missing", "about", "instance_name") // made by label_replace, twice; of several Postfix instances
	n.metrics["ALERTS"] = append([]string{"alertname", "alertstate"}, n.labels...)
	n.metrics["ALERTS_FOR_STATE"] = n.metrics["ALERTS"]
	n.labels = n.metrics["ALERTS"]
	n.values["alertstate"] = []string{"firing", "pending"}
	return n
}

// goldenValues are the values that labels have in the collectors' golden files.
func goldenValues(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../collector/testdata/golden/*.prom")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	values := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range aMatcher.FindAllStringSubmatch(string(text), -1) {
			values[m[1]] = append(values[m[1]], strings.Trim(m[3], `"`))
		}
	}
	return values
}

// selector complains about NAME or NAME{LABEL="VALUE",…}.
func (n *names) selector(name, matchers string) (found []string) {
	labels, known := n.metrics[name]
	if !known {
		return []string{"no metric " + name}
	}
	for _, m := range aMatcher.FindAllStringSubmatch(matchers, -1) {
		label, operator, value := m[1], m[2], strings.Trim(m[3], `"'`)
		if !slices.Contains(labels, label) && !slices.Contains(targetLabels, label) {
			found = append(found, name+" has no label "+label)
		}
		if value == "_other" || strings.HasPrefix(value, "%") || slices.Contains(targetLabels, label) || strings.ContainsAny(value, `\.`) {
			continue
		}
		words := []string{value}
		if strings.HasSuffix(operator, "~") {
			words = strings.Split(value, "|")
		}
		for _, word := range words {
			if !slices.Contains(n.values[label], word) {
				found = append(found, fmt.Sprintf("%s is never %q", label, word))
			}
		}
	}
	return found
}

// expression complains about a PromQL expression.
func (n *names) expression(expr string) (found []string) {
	for _, m := range aSelector.FindAllStringSubmatch(expr, -1) {
		found = append(found, n.selector(m[1], m[2])...)
	}
	rest := inString.ReplaceAllString(aSelector.ReplaceAllString(expr, " "), " ")
	for _, m := range inGrouping.FindAllStringSubmatch(rest, -1) {
		for _, label := range aName.FindAllString(m[1], -1) {
			if !slices.Contains(n.labels, label) {
				found = append(found, "no metric has a label "+label)
			}
		}
	}
	for _, word := range aName.FindAllString(inNumber.ReplaceAllString(inGrouping.ReplaceAllString(rest, " "), " "), -1) {
		if _, known := n.metrics[word]; !known && !slices.Contains(language, word) {
			found = append(found, word+" is neither a metric nor a word of PromQL known here")
		}
	}
	return found
}

// TestNames looks up every metric, label and value of a closed list that the
// rules and their texts use. A typo makes an alert that never fires.
func TestNames(t *testing.T) {
	groups := readRules(t)
	n := newNames(t, groups)
	for r := range allRules(groups) {
		where := r.String()
		for _, c := range n.expression(r.Expr) {
			t.Errorf("%s: %s", where, c)
		}
		for name, text := range r.Annotations {
			for _, found := range inText.FindAllString(text, -1) {
				metric, matchers, _ := strings.Cut(found, "{")
				if metric != "postfix_exporter" {
					for _, c := range n.selector(metric, matchers) {
						t.Errorf("%s %s: %s", where, name, c)
					}
				}
			}
			for _, m := range aLabel.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(n.labels, m[1]) {
					t.Errorf("%s: %s prints label %s, which nothing has", where, name, m[1])
				}
			}
		}
	}
}
