package dashboards

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The parts of a dashboard that Grafana reads without checking them: it draws an
// empty panel, or shows a typo as it is. Its own schema is checked in grafana_schema_live_test.go.
type (
	grafanaDashboard struct {
		UID, Title, Description string
		Panels                  []grafanaPanel
		Templating              struct{ List []grafanaVariable }
		Annotations             struct{ List []grafanaAnnotation }
	}
	grafanaAnnotation struct {
		Name, Expr string
		Datasource struct{ Type, UID string }
	}
	grafanaVariable struct {
		Type, Name, Description string
		Query                   any
		Datasource              struct{ Type, UID string }
	}
	grafanaPanel struct {
		ID                       int
		Type, Title, Description string
		GridPos                  struct{ X, Y, W, H int }
		Datasource               struct{ Type, UID string }
		Targets                  []struct {
			RefID, Expr, LegendFormat string
			Instant, Range            bool
			Datasource                struct{ Type, UID string }
		}
		FieldConfig struct {
			Defaults struct {
				Unit       string
				Thresholds struct{ Steps []struct{ Color string } }
			}
			Overrides []struct {
				Matcher    struct{ ID string }
				Properties []struct {
					ID    string
					Value any
				}
			}
		}
		Options struct {
			ReduceOptions struct{ Calcs []string }
			Legend        struct{ Calcs []string }
			SortBy        []struct{ DisplayName string }
		}
		Transformations []struct {
			ID      string
			Options struct{ RenameByName map[string]string }
		}
	}
)

var (
	// Looked up in @grafana/data 9.3.2 and 13.2.3, as all of these: a unit that is none is shown as it is.
	grafanaUnits           = strings.Fields("short percentunit s bytes suffix:/min dateTimeAsIso string bool_yes_no")
	grafanaCalcs           = strings.Fields("lastNotNull max min mean sum count")
	grafanaPanelTypes      = strings.Fields("row stat bargauge timeseries state-timeline table alertlist")
	grafanaMatchers        = strings.Fields("byName byRegexp byType byFrameRefID")
	grafanaTransformations = strings.Fields("merge organize")

	aVariable   = regexp.MustCompile(`\$\{?(\w+)`)
	aLabelQuery = regexp.MustCompile(`^label_values\((.*), \w+\)$`)
	aColour     = regexp.MustCompile(`^(#[0-9A-F]{6}|text)$`)
)

// asks is a variable's query.
func (v grafanaVariable) asks() string {
	query, _ := v.Query.(map[string]any)
	text, _ := query["query"].(string)
	return text
}

// queries are what the dashboard asks of Prometheus, with the place.
func (d *grafanaDashboard) queries() map[string]string {
	all := map[string]string{}
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			all[fmt.Sprintf("%s: panel %d %q, %s", d.UID, p.ID, p.Title, q.RefID)] = q.Expr
		}
	}
	for _, v := range d.Templating.List {
		if selector := aLabelQuery.FindStringSubmatch(v.asks()); selector != nil {
			all[d.UID+": variable "+v.Name] = selector[1]
		}
	}
	for _, a := range d.Annotations.List {
		all[d.UID+": annotation "+a.Name] = a.Expr
	}
	return all
}

// asked is an expression as Grafana asks it of all servers and accounts.
func asked(expr string) string {
	return strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*", "$account", ".*").Replace(expr)
}

// complaints are what Grafana would take, and draw wrongly or not at all.
func (d *grafanaDashboard) complaints() []string {
	var found []string
	variables := []string{"__rate_interval", "__value", "__all"}
	for _, v := range d.Templating.List {
		variables = append(variables, v.Name)
	}
	must := func(ok bool, where, what string, about ...any) {
		if !ok {
			found = append(found, d.UID+": "+where+": "+what+" "+fmt.Sprint(about...))
		}
	}
	known := func(where, text string) {
		for _, name := range aVariable.FindAllStringSubmatch(text, -1) {
			must(slices.Contains(variables, name[1]) || name[1] == "1", where, "no variable", name[1]) // $1 is label_replace's
		}
	}
	must(d.Title != "" && d.Description != "" && regexp.MustCompile(`^[\w-]{1,40}$`).MatchString(d.UID), "dashboard", "title, description or uid")
	ours := func(where, kind, uid string) {
		must(kind == "prometheus" && uid == "${datasource}", where, "data source", kind, uid)
	}
	for _, v := range d.Templating.List {
		where := "variable " + v.Name
		must(slices.Contains([]string{"datasource", "query", "constant"}, v.Type) && v.Description != "", where, "type or description", v.Type)
		if v.Type == "query" {
			ours(where, v.Datasource.Type, v.Datasource.UID)
			must(aLabelQuery.MatchString(v.asks()), where, "asks", v.asks())
		}
	}
	for _, a := range d.Annotations.List {
		ours("annotation "+a.Name, a.Datasource.Type, a.Datasource.UID)
	}
	for where, expr := range d.queries() {
		known(where, expr)
	}
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		where := fmt.Sprintf("panel %d %q", p.ID, p.Title)
		must(p.ID > 0 && !ids[p.ID], where, "id", p.ID)
		ids[p.ID] = true
		must(p.Title != "" && slices.Contains(grafanaPanelTypes, p.Type), where, "title or type", p.Type)
		g := p.GridPos
		must(g.W > 0 && g.H > 0 && g.X >= 0 && g.X+g.W <= 24 && g.Y >= 0, where, "grid", g)
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				must(taken[[2]int{x, y}] == "", where, "lies on", taken[[2]int{x, y}])
				taken[[2]int{x, y}] = where
			}
		}
		if p.Type == "row" {
			continue
		}
		must(len(p.Description) > 20, where, "no description")
		if p.Type == "alertlist" { // it asks Grafana
			continue
		}
		ours(where, p.Datasource.Type, p.Datasource.UID)
		must(len(p.Targets) > 0, where, "asks nothing")
		refs := map[string]bool{}
		for _, q := range p.Targets {
			ours(where, q.Datasource.Type, q.Datasource.UID)
			must(q.RefID != "" && !refs[q.RefID] && q.Expr != "" && q.Instant != q.Range, where, "query", q.RefID)
			refs[q.RefID] = true
		}
		known(where, fmt.Sprint(p))
		must(slices.Contains(grafanaUnits, p.FieldConfig.Defaults.Unit), where, "unit", p.FieldConfig.Defaults.Unit)
		for _, calc := range append(p.Options.ReduceOptions.Calcs, p.Options.Legend.Calcs...) {
			must(slices.Contains(grafanaCalcs, calc), where, "calculation", calc)
		}
		must(len(p.FieldConfig.Defaults.Thresholds.Steps) > 0, where, "no colours")
		for _, step := range p.FieldConfig.Defaults.Thresholds.Steps {
			must(aColour.MatchString(step.Color), where, "colour", step.Color)
		}
		for _, o := range p.FieldConfig.Overrides {
			must(slices.Contains(grafanaMatchers, o.Matcher.ID), where, "matcher", o.Matcher.ID)
			for _, property := range o.Properties {
				unit, _ := property.Value.(string)
				must(property.ID != "unit" || slices.Contains(grafanaUnits, unit), where, "unit", property.Value)
			}
		}
		var columns []string
		for _, change := range p.Transformations {
			must(slices.Contains(grafanaTransformations, change.ID), where, "transformation", change.ID)
			for from, to := range change.Options.RenameByName {
				columns = append(columns, to)
				if ref, value := strings.CutPrefix(from, "Value #"); value {
					must(refs[ref], where, "column of no query", from)
				}
			}
		}
		for _, sort := range p.Options.SortBy {
			must(slices.Contains(columns, sort.DisplayName), where, "sorted by no column", sort.DisplayName)
		}
	}
	return found
}

func readDashboards(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("grafana/*.json")
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	texts := map[string][]byte{}
	for _, file := range files {
		if texts[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// dashboardComplaints are those about all dashboards together.
func dashboardComplaints(n *names, texts map[string][]byte) []string {
	var found []string
	uids := map[string]bool{}
	for file, text := range texts {
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			return append(found, file+": "+err.Error())
		}
		if uids[d.UID] { // it would keep the whole folder from being read
			found = append(found, file+": uid "+d.UID+" twice")
		}
		uids[d.UID] = true
		found = append(found, d.complaints()...)
		for where, expr := range d.queries() {
			for _, c := range n.expression(asked(expr)) {
				found = append(found, where+": "+c)
			}
		}
	}
	return found
}

func TestGrafanaDashboards(t *testing.T) {
	for _, c := range dashboardComplaints(newNames(t, readRules(t)), readDashboards(t)) {
		t.Error(c)
	}
}

// TestGrafanaPanelLinks: each alert's panel is there.
func TestGrafanaPanelLinks(t *testing.T) {
	panels := map[string]string{}
	for _, text := range readDashboards(t) {
		var d grafanaDashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		for _, p := range d.Panels {
			panels[fmt.Sprint(d.UID, p.ID)] = p.Type
		}
	}
	var rules grafanaRules
	readYAML(t, grafanaRulesFile, &rules)
	for _, r := range rules.all() {
		if kind := panels[fmt.Sprint(r.DashboardUID, r.PanelID)]; kind == "" || kind == "row" {
			t.Errorf("%s links to panel %d of %s: %q", r.UID, r.PanelID, r.DashboardUID, kind)
		}
		if r.Annotations["__dashboardUid__"] != r.DashboardUID || r.Annotations["__panelId__"] != strconv.Itoa(r.PanelID) {
			t.Errorf("%s links to one panel, and marks another: %v", r.UID, r.Annotations)
		}
	}
}
