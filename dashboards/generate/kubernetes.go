package main

import "bytes"

const prometheusRuleHead = `# Made from dashboards/prometheus/postfix.rules.yml by "make generate"; don't edit it by hand.
# Give it the labels that your Prometheus selects rules by (its ruleSelector).
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: postfix
  labels:
    role: alert-rules
spec:
`

// prometheusRule is the manifest for the Prometheus Operator: the rule file as
// it is, comments too, moved under spec.
func prometheusRule(text []byte, _ *ruleFile) ([]byte, error) {
	manifest := []byte(prometheusRuleHead)
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			manifest = append(manifest, "  "...)
		}
		manifest = append(manifest, line...)
	}
	return manifest, nil
}
