// Package dashboards holds the alert rules and the configurations that come with
// the exporter, for programs of this repository that need them.
package dashboards

import _ "embed"

//go:embed prometheus/postfix.rules.yml
var rules []byte

//go:embed alertmanager/alertmanager.yml
var alertmanager []byte

// Rules gives the alert and recording rules.
func Rules() []byte { return rules }

// Alertmanager gives the example of an Alertmanager's configuration.
func Alertmanager() []byte { return alertmanager }
