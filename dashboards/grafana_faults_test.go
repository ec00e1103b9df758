package dashboards

import (
	"bytes"
	"maps"
	"testing"
)

// Who sees a fault in a dashboard.
const (
	byUs         = iota // grafana_dashboards_test.go
	byTypes             // grafana_schema_live_test.go
	byPrometheus        // grafana_queries_live_test.go
)

// A fault is seeded into the attack's dashboard: most of these Grafana takes without a word.
type fault struct {
	what, right, wrong string
	seenBy             int
}

func faults() []fault {
	return []fault{
		{"broken JSON", `"tags": [`, `"tags": `, byUs},
		{"no title", `"title": "Postfix under attack"`, `"title": ""`, byUs},
		{"the uid of another dashboard", `"uid": "postfix-attack"`, `"uid": "postfix-overview"`, byUs},
		{"no such panel type", `"type": "timeseries"`, `"type": "timeserie"`, byUs},
		{"a unit typo", `"unit": "percentunit"`, `"unit": "percentunits"`, byUs},
		{"a unit typo in a column", `"value": "dateTimeAsIso"`, `"value": "dateTimeAsISO"`, byUs},
		{"a metric typo", `postfix_queue_messages{`, `postfix_queue_mesages{`, byUs},
		{"a label typo", `sum by (origin)`, `sum by (orign)`, byUs},
		{"a matcher's label typo", `command=\"smtp\"`, `comand=\"smtp\"`, byUs},
		{"a value that the label never has", `queue!=\"hold\"`, `queue!=\"held\"`, byUs},
		{"two panels of one id", `"id": 3,`, `"id": 2,`, byUs},
		{"panels on each other", `"x": 4,`, `"x": 3,`, byUs},
		{"a panel over the edge", `"w": 24,`, `"w": 25,`, byUs},
		{"another data source", `"uid": "${datasource}"`, `"uid": "prometheus"`, byUs},
		{"no such variable", `instance=~\"$instance\"`, `instance=~\"$server\"`, byUs},
		{"no such calculation", `"lastNotNull"`, `"lastNotNul"`, byUs},
		{"no description", `"description": "Messages by queue. Active is being delivered, deferred waits for its next attempt."`, `"description": ""`, byUs},
		{"two queries of one name", `"refId": "B"`, `"refId": "A"`, byUs},
		{"no such transformation", `"id": "organize"`, `"id": "organise"`, byUs},
		{"no such matcher", `"id": "byName"`, `"id": "byname"`, byUs},
		{"sorted by a column that is none", `"displayName": "1 h"`, `"displayName": "1h"`, byUs},
		{"a colour that is none", `"color": "#0072B2"`, `"color": "#0072B"`, byUs},
		{"broken PromQL", `sum by (queue) (`, `sum by (queue) ((`, byPrometheus},
		{"an operator that is none", `or vector(0)`, `or vector(0) or`, byPrometheus},
		{"a misspelt key", `"gridPos": {`, `"gridpos": {`, byTypes},
		{"a misspelt key of a field", `"thresholds": {`, `"threshold": {`, byTypes},
		{"a misspelt option", `"graphMode": "none"`, `"graphmode": "none"`, byTypes},
		{"a word that is none", `"graphMode": "none"`, `"graphMode": "off"`, byTypes},
		{"no such drawing", `"drawStyle": "line"`, `"drawStyle": "lines"`, byTypes},
		{"no such legend", `"displayMode": "table"`, `"displayMode": "tables"`, byTypes},
		{"no such stacking", `"mode": "normal"`, `"mode": "stacked"`, byTypes},
		{"no such threshold mode", `"mode": "absolute"`, `"mode": "absolut"`, byTypes},
		{"no such colour mode", `"mode": "palette-classic"`, `"mode": "palette-classics"`, byTypes},
		{"text for a number", `"schemaVersion": 37`, `"schemaVersion": "37"`, byTypes},
		{"text for yes or no", `"mergeValues": true`, `"mergeValues": "yes"`, byTypes},
		{"a number for text", `"refresh": "30s"`, `"refresh": 30`, byTypes},
		{"no such kind of variable", `"type": "constant"`, `"type": "constante"`, byTypes},
	}
}

// seeded are the dashboards with one fault in the attack's.
func (f fault) seeded(t *testing.T, texts map[string][]byte) map[string][]byte {
	t.Helper()
	const file = "grafana/postfix-attack.json"
	wrong := bytes.Replace(texts[file], []byte(f.right), []byte(f.wrong), 1)
	if bytes.Equal(wrong, texts[file]) {
		t.Fatalf("%s: there is no %s", f.what, f.right)
	}
	texts = maps.Clone(texts)
	texts[file] = wrong
	return texts
}

func TestGrafanaDashboardFaults(t *testing.T) {
	n, texts := newNames(t, readRules(t)), readDashboards(t)
	for _, f := range faults() {
		if f.seenBy == byUs && len(dashboardComplaints(n, f.seeded(t, texts))) == 0 {
			t.Errorf("%s is not seen", f.what)
		}
	}
}
