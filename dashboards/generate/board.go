package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	attackUID   = "postfix-attack"
	overviewUID = "postfix-overview"
)

// board is a dashboard with these panels, from left to right and top to bottom.
func board(uid, title, description, since string, rules *ruleFile, panels []panel) (*dashboard, error) {
	runbooks, err := rules.link("runbooks")
	if err != nil {
		return nil, err
	}
	return &dashboard{
		UID: uid, Title: title, Description: description, Tags: []string{"postfix"}, Timezone: "browser",
		Time: span{since, "now"}, Refresh: "30s", GraphTooltip: 1, SchemaVersion: 37, Editable: true,
		Links: []boardLink{{
			Type: "dashboards", Title: "Postfix", Tags: []string{"postfix"}, Icon: "external link", IncludeVars: true, KeepTime: true,
		}},
		Templating:  templating{variables(runbooks)},
		Annotations: annotations{[]annotation{alerts("critical", "Pages", vermilion), alerts("warning", "Tickets", orange)}},
		Panels:      placed(panels),
	}, nil
}

// boards are both dashboards.
func boards(rules *ruleFile) (attack, overview *dashboard, err error) {
	panels, err := attackPanels(rules)
	if err != nil {
		return nil, nil, err
	}
	attack, err = board(attackUID, "Postfix under attack", "Is it an attack, which, who, how much, from where, and is it over: from top to bottom.", "now-3h", rules, panels)
	if err != nil {
		return nil, nil, err
	}
	if panels, err = overviewPanels(rules); err != nil {
		return nil, nil, err
	}
	overview, err = board(overviewUID, "Postfix overview", "The everyday screen: mail, queue, who comes in, and the exporter's own health.", "now-24h", rules, panels)
	return attack, overview, err
}

func attackBoard(_ []byte, rules *ruleFile) ([]byte, error) {
	attack, _, err := boards(rules)
	if err != nil {
		return nil, err
	}
	return attack.written()
}

func overviewBoard(_ []byte, rules *ruleFile) ([]byte, error) {
	_, overview, err := boards(rules)
	if err != nil {
		return nil, err
	}
	return overview.written()
}

// A place is a dashboard's uid, and a panel's id.
type place struct {
	uid string
	id  int
}

// places are where each incident is shown.
func places(rules *ruleFile) (map[string]place, error) {
	attack, overview, err := boards(rules)
	if err != nil {
		return nil, err
	}
	all := map[string]place{}
	for _, d := range []*dashboard{overview, attack} {
		for _, p := range d.Panels {
			for _, incident := range p.incidents {
				all[incident] = place{d.UID, p.ID}
			}
		}
	}
	return all, nil
}

// placed numbers panels and lays them on the grid of 24 columns.
func placed(panels []panel) []panel {
	x, y, high := 0, 0, 0
	for i := range panels {
		p := &panels[i]
		if x+p.GridPos.W > 24 {
			x, y, high = 0, y+high, 0
		}
		p.ID, p.GridPos.X, p.GridPos.Y = i+1, x, y
		x, high = x+p.GridPos.W, max(high, p.GridPos.H)
	}
	return panels
}

func variables(runbooks string) []variable {
	ds := promDS()
	all := map[string]any{"text": []string{"All"}, "value": []string{"$__all"}}
	return []variable{
		{
			Type: "datasource", Name: "datasource", Label: "Data source", Description: "The Prometheus that scrapes postfix_exporter.",
			Query: "prometheus", Refresh: 1, Current: map[string]any{}, Options: []any{},
		},
		values("instance", "Server", "Servers, one or many.", "label_values(postfix_exporter_build_info, instance)", "", ds, all),
		values("account", "Account", "Accounts (sasl_username) that did something within a day.",
			`label_values(postfix_account_window_recipients{instance=~"$instance"}, sasl_username)`, "/^(?!_other$).*/", ds, all),
		{
			Type: "constant", Name: "runbooks", Description: "Where the runbooks are: postfix:links of the rules.", Hide: 2, SkipURLSync: true,
			Query: runbooks, Current: map[string]any{"text": runbooks, "value": runbooks}, Options: []any{},
		},
	}
}

func values(name, label, description, query, regex string, ds datasource, current map[string]any) variable {
	return variable{
		Type: "query", Name: name, Label: label, Description: description, Datasource: &ds,
		Query: map[string]any{"query": query, "refId": "StandardVariableQuery"}, Regex: regex, Refresh: 2, Sort: 1,
		Multi: true, IncludeAll: true, AllValue: ".*", Current: current, Options: []any{},
	}
}

// alerts marks when alerts of that severity fired. An instance of the rules' is also "fleet".
func alerts(severity, name, colour string) annotation {
	return annotation{
		Name: name, Datasource: promDS(), Enable: true, IconColor: colour, Step: "60s",
		Expr:        fmt.Sprintf(`ALERTS{alertname=~"Postfix.+",alertstate="firing",severity=%q,instance=~"$instance|fleet"}`, severity),
		TitleFormat: "{{alertname}} {{instance}}", TextFormat: "{{sasl_username}}{{user}}{{domain}}{{client}}{{cause}}", TagKeys: "incident",
	}
}

// written is the dashboard's file.
func (d *dashboard) written() ([]byte, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d)
	return []byte(text.String()), err
}
