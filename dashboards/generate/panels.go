package main

import (
	"fmt"
	"strconv"
)

// Units, of Grafana's list.
const (
	number    = "short"
	share     = "percentunit"
	seconds   = "s"
	byteSize  = "bytes"
	perMinute = "suffix:/min"
	dateTime  = "dateTimeAsIso"
	plainText = "string"
	yesOrNo   = "bool_yes_no"
)

// Colours of Okabe and Ito, whom the colour-blind can tell apart; they are seen on
// white and on black.
const (
	blue      = "#0072B2"
	sky       = "#56B4E9"
	green     = "#009E73"
	orange    = "#E69F00"
	vermilion = "#D55E00"
	purple    = "#CC79A7"
	grey      = "#999999"
	ink       = "text" // the theme's own, of what is written and needs no look
)

// colours are of the series whose names are a closed list, by legend: the same everywhere.
func colours() map[string]map[string]string {
	return map[string]map[string]string{
		"{{origin}}":  {"sasl": vermilion, "local": orange, "network": purple, "inbound": blue, "bounce": grey, "forward": sky, "unknown": green},
		"{{status}}":  {"sent": blue, "deferred": orange, "bounced": vermilion, "expired": purple},
		"{{queue}}":   {"active": vermilion, "deferred": orange, "incoming": sky, "maildrop": purple, "hold": grey},
		"{{outcome}}": {"parsed": blue, "ignored": grey, "unknown": vermilion, "malformed": orange, "truncated": purple},
		"limit":       {"limit": grey},
	}
}

// A query is PromQL, and how its series are called.
type query struct{ legend, expr string }

// promDS is the data source that the viewer chose.
func promDS() datasource { return datasource{Type: "prometheus", UID: "${datasource}"} }

func newPanel(kind, title, description, unit string, width, height int) panel {
	ds := promDS()
	return panel{
		Type: kind, Title: title, Description: description, GridPos: gridPos{W: width, H: height}, Datasource: &ds,
		FieldConfig: &fieldConfig{
			Defaults:  field{Unit: unit, Color: map[string]any{"mode": "thresholds"}, Thresholds: marks(blue)},
			Overrides: []override{},
		},
	}
}

func (p panel) asked(instant bool, format string, queries []query) panel {
	for i, q := range queries {
		p.Targets = append(p.Targets, target{
			RefID: string(rune('A' + i)), Datasource: promDS(), Expr: q.expr, LegendFormat: q.legend,
			Format: format, Instant: instant, Range: !instant, EditorMode: "code",
		})
	}
	return p
}

// heading begins a part of the dashboard.
func heading(title string) panel {
	open := false
	return panel{Type: "row", Title: title, GridPos: gridPos{W: 24, H: 1}, Collapsed: &open}
}

// lines are values over time.
func lines(title, description, unit string, queries ...query) panel {
	p := newPanel("timeseries", title, description, unit, 12, 8).asked(false, "", queries)
	zero := 0.0
	p.FieldConfig.Defaults.Min = &zero
	p.FieldConfig.Defaults.Color = map[string]any{"mode": "palette-classic"}
	p.FieldConfig.Defaults.Custom = map[string]any{
		"drawStyle": "line", "lineWidth": 2, "fillOpacity": 10, "showPoints": "never", "spanNulls": 120000,
		"stacking": map[string]any{"mode": "none", "group": "A"}, "thresholdsStyle": map[string]any{"mode": "off"},
	}
	p.Options = map[string]any{
		"legend":  map[string]any{"displayMode": "table", "placement": "bottom", "showLegend": true, "calcs": []string{"lastNotNull", "max"}},
		"tooltip": map[string]any{"mode": "multi", "sort": "desc"},
	}
	for _, q := range queries {
		for name, colour := range sorted(colours()[q.legend]) {
			p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, named(name, property{"color", map[string]any{"mode": "fixed", "fixedColor": colour}}))
		}
	}
	return p
}

// stacked lays series on each other: their sum matters.
func (p panel) stacked() panel {
	p.FieldConfig.Defaults.Custom["stacking"] = map[string]any{"mode": "normal", "group": "A"}
	p.FieldConfig.Defaults.Custom["fillOpacity"] = 60
	p.FieldConfig.Defaults.Custom["lineWidth"] = 1
	return p
}

// dashed draws one series as what it is: a limit.
func (p panel) dashed(name string) panel {
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, named(name,
		property{"custom.lineStyle", map[string]any{"fill": "dash", "dash": []int{10, 10}}},
		property{"custom.fillOpacity", 0},
		property{"custom.stacking", map[string]any{"mode": "none", "group": "B"}},
	))
	return p
}

// figure is one number, or a few.
func figure(title, description, unit string, queries ...query) panel {
	p := newPanel("stat", title, description, unit, 4, 4).asked(true, "", queries).marked(ink)
	p.Options = map[string]any{
		"reduceOptions": map[string]any{"values": false, "calcs": []string{"lastNotNull"}, "fields": ""},
		"colorMode":     "value", "graphMode": "none", "justifyMode": "auto", "orientation": "auto", "textMode": "auto",
	}
	return p
}

// withName shows whose the number is.
func (p panel) withName() panel {
	p.Options["textMode"] = "value_and_name"
	return p
}

// bars compare figures of different things.
func bars(title, description, unit string, queries ...query) panel {
	p := newPanel("bargauge", title, description, unit, 12, 10).asked(true, "", queries)
	zero := 0.0
	p.FieldConfig.Defaults.Min = &zero
	p.Options = map[string]any{
		"reduceOptions": map[string]any{"values": false, "calcs": []string{"lastNotNull"}, "fields": ""},
		"displayMode":   "basic", "orientation": "horizontal", "showUnfilled": true, "valueMode": "text", "minVizWidth": 0, "minVizHeight": 10,
	}
	return p
}

// states show when each thing was over its threshold.
func states(title, description, unit string, queries ...query) panel {
	p := newPanel("state-timeline", title, description, unit, 12, 10).asked(false, "", queries)
	p.FieldConfig.Defaults.Custom = map[string]any{"lineWidth": 0, "fillOpacity": 80}
	p.Options = map[string]any{
		"mergeValues": true, "showValue": "never", "alignValue": "left", "rowHeight": 0.85,
		"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": false},
		"tooltip": map[string]any{"mode": "single", "sort": "none"},
	}
	return p
}

// alertList is Grafana's own list of alerts, which asks its rules and those of its data sources.
func alertList(title, description string) panel {
	return panel{Type: "alertlist", Title: title, Description: description, Options: map[string]any{
		"viewMode": "list", "groupMode": "default", "groupBy": []string{}, "sortOrder": 3, "maxItems": 20, // 3: by importance
		"alertName": "", "alertInstanceLabelFilter": `{incident=~".+", severity=~"critical|warning"}`,
		"dashboardAlerts": false, "showInstances": false,
		"stateFilter": map[string]any{"firing": true, "pending": false, "noData": false, "normal": false, "error": true},
	}}
}

// noneSeen stands for series that a quiet time does not have. It is also true where nobody looks.
const noneSeen = "none seen"

// orElse is what stands where there is nothing to show.
func (p panel) orElse(text string) panel {
	p.FieldConfig.Defaults.NoValue = text
	return p
}

// sized is a panel of that many of the 24 columns, and rows of 30 pixels.
func (p panel) sized(width, height int) panel {
	p.GridPos.W, p.GridPos.H = width, height
	return p
}

// about says which incidents' alerts link to the panel.
func (p panel) about(incidents ...string) panel {
	p.incidents = incidents
	return p
}

// above colours what reaches a value: what pages, or one sign of it.
func (p panel) above(value string) panel { return p.marked(p.calm(), step{vermilion, value}) }

// ticketAbove colours what reaches a value that makes a ticket.
func (p panel) ticketAbove(value string) panel { return p.marked(p.calm(), step{orange, value}) }

// calm is the colour of what is below all thresholds.
func (p panel) calm() string { return p.FieldConfig.Defaults.Thresholds.Steps[0].Color }

// below colours what falls short of a value that makes a ticket, and of one that pages.
func (p panel) below(page, ticket string) panel {
	return p.marked(vermilion, step{orange, page}, step{blue, ticket})
}

// A step is the colour from a value on.
type step struct{ colour, value string }

func (p panel) marked(first string, steps ...step) panel {
	p.FieldConfig.Defaults.Thresholds = marks(first, steps...)
	if custom := p.FieldConfig.Defaults.Custom; custom["thresholdsStyle"] != nil {
		custom["thresholdsStyle"] = map[string]any{"mode": "line"}
	}
	return p
}

func marks(first string, steps ...step) *thresholds {
	all := []mark{{Color: first}}
	for _, s := range steps {
		v, err := strconv.ParseFloat(s.value, 64)
		if err != nil {
			panic(fmt.Sprintf("threshold %q: %v", s.value, err)) // written in this program, or a rule's, whose form was checked
		}
		all = append(all, mark{s.colour, &v})
	}
	return &thresholds{Mode: "absolute", Steps: all}
}

func named(name string, properties ...property) override {
	return override{matcher{"byName", name}, properties}
}
