package main

import "fmt"

// A column of a table: what it is called, its unit, its query (none for a label),
// what it is coloured above or by which word, and where its cells lead. The one that
// has no width, in pixels, takes what the others leave.
type column struct {
	name, label string
	unit        string
	expr        string
	above       string
	words       map[string]string
	links       []dataLink
	width       int
}

// table has one row for each set of labels that the first column's query has; its
// other queries add figures to these. It is sorted by the last figure's column named.
func table(title, description, sortBy string, columns ...column) panel {
	p := newPanel("table", title, description, number, 24, 8)
	names, order, hidden := map[string]string{}, map[string]int{}, map[string]bool{"Time": true}
	var queries []query
	for i, c := range columns {
		source := c.label
		if c.expr != "" {
			queries = append(queries, query{expr: c.expr})
			source = fmt.Sprintf("Value #%c", 'A'+len(queries)-1)
			if c.label != "" { // its labels are meant, not its value
				hidden[source] = true
				source = c.label
			}
		}
		names[source], order[source] = c.name, i
		p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, named(c.name, c.properties()...))
	}
	p = p.asked(true, "table", queries).marked(ink)
	p.FieldConfig.Defaults.NoValue = noneSeen
	p.FieldConfig.Defaults.Custom = map[string]any{"align": "auto", "filterable": true}
	p.Options = map[string]any{
		"showHeader": true,
		"sortBy":     []map[string]any{{"displayName": sortBy, "desc": true}},
	}
	p.Transformations = []transformation{
		{"merge", map[string]any{}},
		{"organize", map[string]any{"excludeByName": hidden, "indexByName": order, "renameByName": names}},
	}
	if len(queries) == 1 { // a lone value has no letter
		rename(hidden, "Value #A", "Value")
		rename(names, "Value #A", "Value")
		rename(order, "Value #A", "Value")
	}
	return p
}

func rename[V any](m map[string]V, from, to string) {
	if v, is := m[from]; is {
		delete(m, from)
		m[to] = v
	}
}

func (c column) properties() []property {
	properties := []property{{"unit", c.unit}}
	if c.unit == number { // no row of a window is 0 in it
		properties = append(properties, property{"noValue", "0"})
		c.width = max(72, 24+8*len(c.name)) // of its heading, so that a whole row is seen on a laptop
	}
	if c.above != "" {
		properties = append(properties, property{"thresholds", marks(ink, step{vermilion, c.above})})
	}
	if c.words != nil {
		options := map[string]any{}
		for word, colour := range sorted(c.words) {
			options[word] = map[string]any{"color": colour, "index": len(options)}
		}
		properties = append(properties, property{"mappings", []map[string]any{{"type": "value", "options": options}}})
	}
	if c.above != "" || c.words != nil {
		properties = append(properties, // before Grafana 9.4, and since
			property{"custom.displayMode", "color-text"},
			property{"custom.cellOptions", map[string]any{"type": "color-text"}},
		)
	}
	if len(c.links) > 0 {
		properties = append(properties, property{"links", c.links})
	}
	if c.width > 0 {
		properties = append(properties, property{"custom.width", c.width})
	}
	return properties
}
