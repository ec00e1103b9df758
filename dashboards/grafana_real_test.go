package dashboards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// realGrafana is a running Grafana that was given the folder grafana/. Its checks say
// what is not as the files have it.
type realGrafana struct {
	url        string // with user and password, if it wants them
	prometheus string // the data source's uid
}

func (g *realGrafana) get(path string, into any) error {
	response, err := g.client().Get(g.url + path)
	return answer(path, response, err, into)
}

func (g *realGrafana) client() *http.Client { return &http.Client{Timeout: time.Minute} }

func answer(path string, response *http.Response, err error, into any) error {
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	// A query that fails makes the answer 400, and says why in its results.
	if response.StatusCode != http.StatusOK && !strings.HasPrefix(path, "/api/ds/query") {
		return fmt.Errorf("%s: %s: %.200s", path, response.Status, body)
	}
	return json.Unmarshal(body, into)
}

// series are the labels of what the data source answers, of series that have a value.
func (g *realGrafana) series(expr string, instant bool) ([]map[string]string, error) {
	question, err := json.Marshal(map[string]any{
		"from": "now-15m", "to": "now",
		"queries": []any{map[string]any{
			"refId": "A", "datasource": map[string]string{"type": "prometheus", "uid": g.prometheus},
			"expr": expr, "instant": instant, "range": !instant, "intervalMs": 15000, "maxDataPoints": 500,
		}},
	})
	if err != nil {
		return nil, err
	}
	response, err := g.client().Post(g.url+"/api/ds/query", "application/json", bytes.NewReader(question))
	var answered struct {
		Message string
		Results map[string]struct {
			Error  string
			Frames []struct {
				Schema struct {
					Fields []struct {
						Type   string
						Labels map[string]string
					}
				}
				Data struct{ Values [][]any }
			}
		}
	}
	if err := answer("/api/ds/query", response, err, &answered); err != nil {
		return nil, err
	}
	result, given := answered.Results["A"]
	if !given || result.Error != "" {
		return nil, errors.New(answered.Message + result.Error)
	}
	var series []map[string]string
	for _, frame := range result.Frames {
		for i, field := range frame.Schema.Fields {
			has := func(v any) bool { return v != nil } // NaN comes as null
			if field.Type == "number" && i < len(frame.Data.Values) && slices.ContainsFunc(frame.Data.Values[i], has) {
				series = append(series, field.Labels)
			}
		}
	}
	return series, nil
}

// dashboards are provisioned, whole, and each of their queries finds something.
func (g *realGrafana) dashboards(texts map[string][]byte) (found []string) {
	for file, text := range texts {
		var ours grafanaDashboard
		if err := json.Unmarshal(text, &ours); err != nil {
			return []string{err.Error()}
		}
		var theirs struct {
			Dashboard grafanaDashboard
			Meta      struct{ Provisioned bool }
		}
		if err := g.get("/api/dashboards/uid/"+ours.UID, &theirs); err != nil {
			found = append(found, file+": "+err.Error())
			continue
		}
		if !theirs.Meta.Provisioned || len(theirs.Dashboard.Panels) != len(ours.Panels) || theirs.Dashboard.Title != ours.Title {
			found = append(found, fmt.Sprintf("%s: %q, %d panels, provisioned: %v", file, theirs.Dashboard.Title, len(theirs.Dashboard.Panels), theirs.Meta.Provisioned))
		}
		queries := ours.queries()
		for _, where := range slices.Sorted(maps.Keys(queries)) {
			series, err := g.series(asked(queries[where]), true)
			if err != nil {
				found = append(found, where+": "+err.Error())
			} else if len(series) == 0 {
				found = append(found, where+": no data")
			}
		}
	}
	return found
}

// rules are provisioned as the file has them, evaluated, and healthy.
func (g *realGrafana) rules(file *grafanaRules) (found []string) {
	var provisioned []struct {
		UID    string
		Labels map[string]string
		For    string
	}
	if err := g.get("/api/v1/provisioning/alert-rules", &provisioned); err != nil {
		return []string{err.Error()}
	}
	labels := map[string]map[string]string{}
	for _, r := range provisioned {
		labels[r.UID] = r.Labels
	}
	states, err := g.states()
	if err != nil {
		return []string{err.Error()}
	}
	for _, r := range file.all() {
		if !maps.Equal(labels[r.UID], r.Labels) {
			found = append(found, fmt.Sprintf("%s has the labels %v", r.UID, labels[r.UID]))
		}
		if s, evaluated := states[r.Title]; !evaluated || s.Health != "ok" {
			found = append(found, fmt.Sprintf("%s: health %q %s", r.UID, s.Health, s.LastError))
		}
	}
	return found
}

type grafanaState struct {
	Name, Health, LastError string
	Alerts                  []struct {
		State  string
		Labels map[string]string
	}
}

// states are the rules' by title.
func (g *realGrafana) states() (map[string]grafanaState, error) {
	var answered struct {
		Data struct {
			Groups []struct{ Rules []grafanaState }
		}
	}
	if err := g.get("/api/prometheus/grafana/api/v1/rules", &answered); err != nil {
		return nil, err
	}
	states := map[string]grafanaState{}
	for _, group := range answered.Data.Groups {
		for _, r := range group.Rules {
			states[r.Name] = r
		}
	}
	return states, nil
}

// agreement: what fires in Grafana fires in Prometheus, which has the same rules, and the
// other way round.
func (g *realGrafana) agreement(file *grafanaRules) (found []string) {
	states, err := g.states()
	if err != nil {
		return []string{err.Error()}
	}
	series, err := g.series(`ALERTS{alertstate="firing"}`, true)
	if err != nil {
		return []string{err.Error()}
	}
	theirs, ours := map[string]bool{}, map[string]bool{}
	for _, labels := range series {
		if labels["cause"] != "rules" { // which Grafana has not
			theirs[identity(labels["alertname"], labels)] = true
		}
	}
	if !theirs[identity("Watchdog", map[string]string{"severity": "none", "incident": "watchdog"})] {
		return []string{"Prometheus has no Watchdog that fires: it has not loaded the rules"}
	}
	for _, r := range file.all() {
		for _, a := range states[r.Title].Alerts {
			if strings.HasPrefix(a.State, "Alerting") || a.State == "firing" {
				ours[identity(r.alert(), a.Labels)] = true
			}
		}
	}
	for alert := range theirs {
		if strings.HasPrefix(alert, "Postfix") && !ours[alert] {
			found = append(found, "fires in Prometheus alone: "+alert)
		}
	}
	for alert := range ours {
		if !theirs[alert] {
			found = append(found, "fires in Grafana alone: "+alert)
		}
	}
	slices.Sort(found)
	return found
}

// identity is an alert by its labels, without what one of both adds.
func identity(alert string, labels map[string]string) string {
	var all []string
	for label, value := range labels {
		if !slices.Contains([]string{"alertname", "alertstate", "grafana_folder", "__name__"}, label) && !strings.HasPrefix(label, "__") {
			all = append(all, label+"="+value)
		}
	}
	slices.Sort(all)
	return alert + " " + strings.Join(all, " ")
}
