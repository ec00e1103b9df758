package dashboards

import (
	"fmt"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v2"
)

const grafanaRulesFile = "grafana/provisioning/alerting/rules.yml"

// What Grafana from 9.1 on reads of a file of alert rules, and no key more: it
// takes a misspelt one without a word, and goes on without what it meant.
type (
	grafanaRules struct {
		APIVersion int `yaml:"apiVersion"`
		Groups     []grafanaGroup
	}
	grafanaGroup struct {
		OrgID                  int `yaml:"orgId"`
		Name, Folder, Interval string
		Rules                  []grafanaRule
	}
	grafanaRule struct {
		UID, Title, Condition string
		For                   string
		NoDataState           string `yaml:"noDataState"`
		ExecErrState          string `yaml:"execErrState"`
		DashboardUID          string `yaml:"dashboardUid"`
		PanelID               int    `yaml:"panelId"`
		Labels, Annotations   map[string]string
		Data                  []grafanaQuery
	}
	grafanaQuery struct {
		RefID             string                 `yaml:"refId"`
		DatasourceUID     string                 `yaml:"datasourceUid"`
		RelativeTimeRange struct{ From, To int } `yaml:"relativeTimeRange"`
		Model             grafanaModel
	}
	grafanaModel struct {
		RefID                                     string `yaml:"refId"`
		Datasource                                struct{ Type, UID string }
		Expr, Interval, Type, Expression, Reducer string
		Range                                     bool
		IntervalMs                                int `yaml:"intervalMs"`
		MaxDataPoints                             int `yaml:"maxDataPoints"`
		Settings                                  struct{ Mode string }
	}
)

func (f *grafanaRules) all() iter.Seq2[grafanaGroup, grafanaRule] {
	return func(yield func(grafanaGroup, grafanaRule) bool) {
		for _, g := range f.Groups {
			for _, r := range g.Rules {
				if !yield(g, r) {
					return
				}
			}
		}
	}
}

// alert is the name of the rule's alert in Prometheus.
func (r grafanaRule) alert() string {
	name, _, _ := strings.Cut(r.Title, "-")
	return name
}

// complaints are what Grafana would not start with, would stumble over at the first
// evaluation, or would take without doing what is meant.
func (f *grafanaRules) complaints(datasource string) []string {
	var found []string
	uids, titles := map[string]bool{}, map[string]bool{}
	for g, r := range f.all() {
		must := func(ok bool, what string) {
			if !ok {
				found = append(found, r.UID+": "+what)
			}
		}
		every, err := time.ParseDuration(g.Interval)
		must(err == nil && every > 0 && every%(10*time.Second) == 0, "interval "+g.Interval)
		must(g.OrgID > 0 && g.Name != "" && g.Folder != "", "no organisation, group or folder")
		must(regexp.MustCompile(`^[\w-]{1,40}$`).MatchString(r.UID) && !uids[r.UID], "uid")
		must(r.Title != "" && !titles[g.Folder+r.Title], "title "+r.Title)
		uids[r.UID], titles[g.Folder+r.Title] = true, true
		must(regexp.MustCompile(`^\d+[smh]$`).MatchString(r.For), "for "+r.For)
		must(r.NoDataState == "OK", "noDataState "+r.NoDataState) // no series is what every rule hopes for
		must(slices.Contains([]string{"OK", "Error", "Alerting"}, r.ExecErrState), "execErrState "+r.ExecErrState)
		for label, value := range r.Labels {
			must(label != "" && value != "" && !strings.Contains(value, "$"), "label "+label)
		}
		for _, name := range []string{"summary", "description", "runbook_url"} {
			must(r.Annotations[name] != "", "no "+name)
		}
		refs := map[string]grafanaModel{}
		for _, q := range r.Data {
			must(refs[q.RefID].RefID == "" && q.RefID != "" && q.RefID == q.Model.RefID, "refId "+q.RefID)
			must(q.Model.Datasource.UID == q.DatasourceUID, q.RefID+" names two data sources")
			must(q.RelativeTimeRange.From >= q.RelativeTimeRange.To, q.RefID+" ends before it begins")
			if q.DatasourceUID == "-100" {
				about := q.Model.Expression
				if m := aComparison.FindStringSubmatch(about); m != nil && q.Model.Type == "math" {
					about = m[1]
				}
				_, known := refs[about]
				must(known, q.RefID+" is about "+about)
			} else {
				must(q.DatasourceUID == datasource, "data source "+q.DatasourceUID)
				must(q.Model.Expr != "" && q.Model.Range && q.RelativeTimeRange.From > 0, q.RefID+" asks nothing")
			}
			refs[q.RefID] = q.Model
		}
		_, known := refs[r.Condition]
		must(known, "condition "+r.Condition)
		_, err = r.promQL()
		must(err == nil, "its condition: "+errorText(err))
		for name, text := range r.Annotations {
			for _, m := range regexp.MustCompile(`\$values\.(\w+)`).FindAllStringSubmatch(text, -1) {
				must(refs[m[1]].Type == "reduce", name+" prints "+m[1])
			}
			must(!regexp.MustCompile(`\bquery\b|\$value\b|template`).MatchString(text), name+" asks what Grafana can't")
		}
	}
	return found
}

// TestGrafanaRuleFaults seeds what a real Grafana was seen to not start with, or to take
// and fail on, or to take silently.
func TestGrafanaRuleFaults(t *testing.T) {
	text, err := os.ReadFile(grafanaRulesFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range []struct{ right, wrong string }{
		{"noDataState: OK", "noDataState: OKAY"},
		{"noDataState: OK", "noDataState: NoData"},
		{"execErrState: Error", "execErrState: Fine"},
		{"for: 1m", "for: 1 minute"},
		{"uid: PostfixDown", "uid: ''"},
		{"uid: PostfixDown", "uid: PostfixOpenRelay"},
		{"uid: PostfixDown", "uid: " + strings.Repeat("x", 41)},
		{"title: PostfixDown", "title: PostfixOpenRelay"},
		{"folder: Postfix", "folder: ''"},
		{"interval: 30s", "interval: 25s"},
		{"condition: C", "condition: Z"},
		{"labels:", "lables:"},
		{"datasourceUid: postfix-prometheus", "datasourceUid: prometheus"},
		{"reducer: count", "reducer: cuont"},
		{"mode: dropNN", "mode: dropNaN"},
		{"type: math", "type: maths"},
		{"expression: $B > 0", "expression: B > 0"},
		{"expression: $B > 0", "expression: $Z > 0"},
		{"expression: A", "expression: Z"},
		{"severity: critical", "severity: $critical"},
		{"range: true", "range: false"},
		{"relativeTimeRange:\n        from: 3600", "relativeTimeRange:\n        from: -1"},
		{"$values.D", "$values.A"},
		{"summary:", "summery:"},
	} {
		seeded := strings.Replace(string(text), fault.right, fault.wrong, 1)
		if seeded == string(text) {
			t.Errorf("%s is not there to be seeded", fault.right)
		}
		var file grafanaRules
		if err := yaml.UnmarshalStrict([]byte(seeded), &file); err == nil && len(file.complaints(grafanaDatasources(t)["prometheus"])) == 0 {
			t.Errorf("%s is not seen", fault.wrong)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// aComparison is a condition that every version of Grafana can evaluate: what it knows of thresholds came later.
var aComparison = regexp.MustCompile(`^\$(\w) > (\d+)$`)

// promQL is the rule's condition for Prometheus's engine: the reducer counts the
// points that the query has over its time, without those that are no numbers.
func (r grafanaRule) promQL() (string, error) {
	refs := map[string]grafanaQuery{}
	for _, q := range r.Data {
		refs[q.RefID] = q
	}
	condition := refs[r.Condition].Model
	comparison := aComparison.FindStringSubmatch(condition.Expression)
	if condition.Type != "math" || comparison == nil {
		return "", fmt.Errorf("%s is no comparison: %s %q", r.Condition, condition.Type, condition.Expression)
	}
	reduce := refs[comparison[1]].Model
	if reduce.Type != "reduce" || reduce.Reducer != "count" || reduce.Settings.Mode != "dropNN" {
		return "", fmt.Errorf("%s %s %s is no count of numbers", reduce.Type, reduce.Reducer, reduce.Settings.Mode)
	}
	query, known := refs[reduce.Expression]
	step, err := time.ParseDuration(query.Model.Interval)
	if !known || err != nil || int(step.Milliseconds()) != query.Model.IntervalMs {
		return "", fmt.Errorf("no query %s, or its interval is %s and %d ms", reduce.Expression, query.Model.Interval, query.Model.IntervalMs)
	}
	return fmt.Sprintf("count_over_time(((%s) > -Inf < Inf)[%ds:%s]) > %s",
		query.Model.Expr, query.RelativeTimeRange.From, query.Model.Interval, comparison[2]), nil
}

func TestGrafanaRules(t *testing.T) {
	var file grafanaRules
	readYAML(t, grafanaRulesFile, &file)
	for _, c := range file.complaints(grafanaDatasources(t)["prometheus"]) {
		t.Error(c)
	}
}
