package dashboards

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestGrafanaProvisioning reads the files beside the rules strictly, as Grafana
// does not, and holds that they name each other rightly.
func TestGrafanaProvisioning(t *testing.T) {
	var contacts struct {
		APIVersion    int `yaml:"apiVersion"`
		ContactPoints []struct {
			OrgID     int `yaml:"orgId"`
			Name      string
			Receivers []struct {
				UID, Type             string
				DisableResolveMessage bool `yaml:"disableResolveMessage"`
				Settings              struct {
					URL        string
					HTTPMethod string `yaml:"httpMethod"`
				}
			}
		} `yaml:"contactPoints"`
	}
	readYAML(t, "grafana/provisioning/alerting/contact-points.yml", &contacts)
	var told []string
	for _, c := range contacts.ContactPoints {
		told = append(told, c.Name)
	}

	type route struct {
		Receiver       string
		Matchers       [][3]string `yaml:"object_matchers"`
		GroupBy        []string    `yaml:"group_by"`
		GroupWait      string      `yaml:"group_wait"`
		GroupInterval  string      `yaml:"group_interval"`
		RepeatInterval string      `yaml:"repeat_interval"`
	}
	var tree struct {
		APIVersion int `yaml:"apiVersion"`
		Policies   []struct {
			OrgID  int `yaml:"orgId"`
			route  `yaml:",inline"`
			Routes []route
		}
	}
	readYAML(t, "grafana/provisioning/alerting/policies.yml", &tree)
	var rules grafanaRules
	readYAML(t, grafanaRulesFile, &rules)
	for _, root := range tree.Policies {
		for _, r := range append(root.Routes, root.route) {
			if !slices.Contains(told, r.Receiver) {
				t.Errorf("nobody is %s", r.Receiver)
			}
			for _, m := range r.Matchers {
				if m[2] == "DatasourceError" { // Grafana's own
					continue
				}
				matched := 0
				for _, rule := range rules.all() {
					if rule.Labels[m[0]] == m[2] {
						matched++
					}
				}
				if matched == 0 {
					t.Errorf("no rule has %v", m)
				}
			}
		}
	}

	var providers struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			OrgID              int `yaml:"orgId"`
			Name, Folder, Type string
			Options            struct{ Path string }
		}
	}
	readYAML(t, "grafana/provisioning/dashboards/postfix.yml", &providers)
	if len(providers.Providers) != 1 || providers.Providers[0].Folder != rules.Groups[0].Folder {
		t.Errorf("dashboards and rules are in two folders: %+v", providers)
	}
	path := os.Expand(providers.Providers[0].Options.Path, func(string) string { return "grafana/provisioning" })
	if boards, err := filepath.Glob(filepath.Join(path, "*.json")); err != nil || len(boards) != 2 {
		t.Errorf("%s has the dashboards %v %v", path, boards, err)
	}
	for _, folder := range []string{"datasources", "dashboards", "alerting", "plugins", "notifiers"} { // or Grafana logs an error
		if _, err := os.Stat(filepath.Join("grafana/provisioning", folder)); err != nil {
			t.Error(err)
		}
	}
}

// grafanaDatasources are the uids of the data sources that are provisioned, by type.
func grafanaDatasources(t *testing.T) map[string]string {
	t.Helper()
	uids := map[string]string{}
	for _, file := range []string{"prometheus", "alertmanager"} {
		var sources struct {
			APIVersion  int `yaml:"apiVersion"`
			Datasources []struct {
				Name, UID, Type, Access, URL string
				OrgID                        int            `yaml:"orgId"`
				JSONData                     map[string]any `yaml:"jsonData"`
			}
		}
		readYAML(t, "grafana/provisioning/datasources/"+file+".yml", &sources)
		for _, d := range sources.Datasources {
			uids[d.Type] = d.UID
		}
	}
	return uids
}
