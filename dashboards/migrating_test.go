package dashboards

import (
	"strings"
	"testing"
)

const migratingFile = "prometheus/migrating.rules.yml"

// TestMigrating: the rules that give the names of other exporters ask for nothing that
// this one does not have, give no name that is its own, and each stands in
// docs/migrating.md and in promtool's test.
func TestMigrating(t *testing.T) {
	groups := readGroups(t, migratingFile)
	own := catalogue(t)
	n := newNames(t, groups)
	for label, values := range map[string][]string{"stage": {"none"}, "daemon": {"lmtp", "pipe"}, "direction": {"outbound"}} { // in no golden file
		n.values[label] = append(n.values[label], values...)
	}
	document, test := read(t, "../docs/migrating.md"), read(t, "prometheus/tests/migrating/migrating.yml")
	rules := 0
	for r := range allRules(groups) {
		rules++
		for _, c := range n.expression(r.Expr) {
			t.Errorf("%s: %s", r.Record, c)
		}
		if _, ours := own[r.Record]; ours {
			t.Errorf("%s would be counted twice", r.Record)
		}
		if strings.HasPrefix(r.Record, "postfix:") {
			continue // a step on the way
		}
		name := r.Record
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, suffix)
		}
		if !strings.Contains(document, "`"+name) {
			t.Errorf("docs/migrating.md does not say what %s is", name)
		}
		if !strings.Contains(test, r.Record) {
			t.Errorf("no test of %s", r.Record)
		}
	}
	if rules < 30 {
		t.Errorf("%d rules", rules)
	}
}
