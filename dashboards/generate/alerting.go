package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v2"
)

const alertingHead = `# Made from dashboards/prometheus/postfix.rules.yml by "make generate"; don't edit it by hand.
# Each rule: query A over the time that the alert keeps firing, B how many of its points the condition held at, C enough of them.
`

// What Grafana reads of a file of alert rules, of any version from 9.1 on. It
// takes unknown keys without a word.
type (
	alertingFile struct {
		APIVersion int             `yaml:"apiVersion"`
		Groups     []alertingGroup `yaml:"groups"`
	}
	alertingGroup struct {
		OrgID    int            `yaml:"orgId"`
		Name     string         `yaml:"name"`
		Folder   string         `yaml:"folder"`
		Interval string         `yaml:"interval"`
		Rules    []alertingRule `yaml:"rules"`
	}
	alertingRule struct {
		UID          string            `yaml:"uid"`
		Title        string            `yaml:"title"`
		Condition    string            `yaml:"condition"`
		For          string            `yaml:"for"`
		NoDataState  string            `yaml:"noDataState"`
		ExecErrState string            `yaml:"execErrState"`
		DashboardUID string            `yaml:"dashboardUid"`
		PanelID      int               `yaml:"panelId"`
		Labels       map[string]string `yaml:"labels"`
		Annotations  map[string]string `yaml:"annotations"`
		Data         []alertingQuery   `yaml:"data"`
	}
	alertingQuery struct {
		RefID             string     `yaml:"refId"`
		DatasourceUID     string     `yaml:"datasourceUid"`
		RelativeTimeRange timeRange  `yaml:"relativeTimeRange"`
		Model             queryModel `yaml:"model"`
	}
	timeRange struct {
		From int `yaml:"from"`
		To   int `yaml:"to"`
	}
	// queryModel is a query, or an expression over one.
	queryModel struct {
		RefID         string            `yaml:"refId"`
		Datasource    datasource        `yaml:"datasource"`
		Expr          string            `yaml:"expr,omitempty"`
		Range         bool              `yaml:"range,omitempty"`
		Interval      string            `yaml:"interval,omitempty"`
		IntervalMs    int               `yaml:"intervalMs,omitempty"`
		MaxDataPoints int               `yaml:"maxDataPoints,omitempty"`
		Type          string            `yaml:"type,omitempty"`
		Expression    string            `yaml:"expression,omitempty"`
		Reducer       string            `yaml:"reducer,omitempty"`
		Settings      map[string]string `yaml:"settings,omitempty"`
	}
	datasource struct {
		Type string `json:"type" yaml:"type"`
		UID  string `json:"uid" yaml:"uid"`
	}
)

const (
	folder        = "Postfix"
	prometheusUID = "postfix-prometheus" // of provisioning/datasources/prometheus.yml
	resolution    = 15 * time.Second
)

// How often rules are evaluated: those that page, and those whose query is costly or that
// make tickets. A multiple of 10 s, or Grafana does not start.
const (
	soon  = "30s"
	later = "1m"
)

// grafanaRules is the alert rules as files for Grafana's own alerting.
func grafanaRules(_ []byte, rules *ruleFile) ([]byte, error) {
	file := alertingFile{APIVersion: 1}
	places, err := places(rules)
	if err != nil {
		return nil, err
	}
	for _, g := range rules.Groups {
		pages := alertingGroup{OrgID: 1, Name: g.Name, Folder: folder, Interval: soon}
		others := alertingGroup{OrgID: 1, Name: g.Name + "-later", Folder: folder, Interval: later}
		for _, r := range g.Rules {
			// Loaded twice, recorded thresholds are no numbers; here none are recorded.
			if r.Alert == "" || r.Labels["cause"] == "rules" {
				continue
			}
			made, err := grafanaRule(r, rules, places)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Alert, err)
			}
			if r.Labels["severity"] == "warning" || strings.Contains(r.Expr, "postfix:recent_abuse") {
				others.Rules = append(others.Rules, made)
			} else {
				pages.Rules = append(pages.Rules, made)
			}
		}
		for _, group := range []alertingGroup{pages, others} {
			if len(group.Rules) > 0 {
				file.Groups = append(file.Groups, group)
			}
		}
	}
	if err := distinct(file.Groups); err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(file)
	return append([]byte(alertingHead), text...), err
}

func grafanaRule(r rule, rules *ruleFile, places map[string]place) (alertingRule, error) {
	expression, err := rules.inline(strings.TrimSpace(r.Expr), 0)
	if err != nil {
		return alertingRule{}, err
	}
	wait, err := duration(r.For)
	if err != nil {
		return alertingRule{}, err
	}
	keep, err := duration(r.KeepFiringFor)
	if err != nil {
		return alertingRule{}, err
	}
	// Grafana learnt to keep firing late. So the query looks back for as long, and what has to hold for a while must have held at so many points.
	back, points, pending := resolution, 1, r.For
	if keep > 0 {
		back, points, pending = keep+wait, int(wait/resolution)+1, ""
	}
	shown, known := places[r.Labels["incident"]]
	if !known {
		return alertingRule{}, fmt.Errorf("no panel is about incident %q", r.Labels["incident"])
	}
	annotations, err := grafanaTexts(r, rules)
	if err != nil {
		return alertingRule{}, err
	}
	// By these, Grafana marks in the panel when the alert fired, and links from the alert to it.
	annotations["__dashboardUid__"], annotations["__panelId__"] = shown.uid, strconv.Itoa(shown.id)
	made := alertingRule{
		UID: uid(r, rules), Title: uid(r, rules), Condition: "C", For: cmp.Or(pending, "0s"),
		// No series is what every rule hopes for. That a rule can't be evaluated is seen, and policies.yml makes one page of it.
		NoDataState: "OK", ExecErrState: "Error",
		DashboardUID: shown.uid, PanelID: shown.id,
		Labels: r.Labels, Annotations: annotations,
		Data: []alertingQuery{
			ask("A", "max without () (\n  "+strings.ReplaceAll(expression, "\n", "\n  ")+"\n)", back),
			reduce("B", "count"),
			above("C", "B", points-1),
		},
	}
	if strings.Contains(annotations["description"], "$values.D") {
		made.Data = append(made.Data, reduce("D", "last"))
	}
	if r.Labels["incident"] == "watchdog" { // what it can't evaluate must not reach the dead man's switch
		made.ExecErrState = "OK"
	}
	return made, nil
}

func ask(refID, expression string, back time.Duration) alertingQuery {
	return alertingQuery{
		RefID: refID, DatasourceUID: prometheusUID, RelativeTimeRange: timeRange{From: int(back.Seconds())},
		Model: queryModel{
			RefID: refID, Datasource: datasource{Type: "prometheus", UID: prometheusUID},
			Expr: expression, Range: true, Interval: resolution.String(), IntervalMs: int(resolution.Milliseconds()), MaxDataPoints: 43200,
		},
	}
}

// reduce makes one number of A's points. Where there is none, old versions of Grafana have a null for it, which counts for none.
func reduce(refID, reducer string) alertingQuery {
	return expression(queryModel{RefID: refID, Type: "reduce", Expression: "A", Reducer: reducer, Settings: map[string]string{"mode": "dropNN"}})
}

// above compares by arithmetic, as Grafana's thresholds came after 9.1.
func above(refID, of string, count int) alertingQuery {
	return expression(queryModel{RefID: refID, Type: "math", Expression: fmt.Sprintf("$%s > %d", of, count)})
}

// expression is of Grafana's own data source, by the name that all versions know.
func expression(m queryModel) alertingQuery {
	m.Datasource = datasource{Type: "__expr__", UID: "-100"}
	return alertingQuery{RefID: m.RefID, DatasourceUID: m.Datasource.UID, Model: m}
}

// uid is a rule's uid and its title, which Grafana gives the alert as its name: the
// name that it has in Prometheus, so that routes and inhibition hold. A folder has one
// rule of a name, so others of it add what tells them from the first.
func uid(r rule, rules *ruleFile) string {
	if part := part(r); part != "" {
		return r.Alert + "-" + part
	}
	for other := range rules.all() {
		if other.Alert == r.Alert && part(other) == "" && other.Labels["severity"] == "critical" && r.Labels["severity"] != "critical" {
			return r.Alert + "-" + r.Labels["severity"]
		}
	}
	return r.Alert
}

// part is which part of an alert's matter the rule is about, if not the whole.
func part(r rule) string { return cmp.Or(r.Labels["cause"], r.Labels["client"], r.Labels["instance"]) }

func distinct(groups []alertingGroup) error {
	seen := map[string]bool{}
	for _, g := range groups {
		for _, r := range g.Rules {
			if seen[r.UID] || len(r.UID) > 40 {
				return fmt.Errorf("uid %s is not alone, or longer than 40", r.UID)
			}
			seen[r.UID] = true
		}
	}
	return nil
}
