// Command generate makes the rules' other forms from their one source,
// dashboards/prometheus/postfix.rules.yml, and Grafana's dashboards, which bear
// the same thresholds. Run it by `make generate`, in the root of the repository.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const source = "dashboards/prometheus/postfix.rules.yml"

// A form is made from the rules: as text, and as they were read.
type form func(text []byte, rules *ruleFile) ([]byte, error)

// forms are the files that are made, and by what.
func forms() map[string]form {
	return map[string]form{
		"dashboards/kubernetes/postfix-rules.yml":            prometheusRule,
		"dashboards/grafana/provisioning/alerting/rules.yml": grafanaRules,
		"dashboards/grafana/postfix-attack.json":             attackBoard,
		"dashboards/grafana/postfix-overview.json":           overviewBoard,
	}
}

func main() {
	if err := generate(); err != nil {
		fmt.Fprintf(os.Stderr, "generate: %v\n", err)
		os.Exit(1)
	}
}

func generate() error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	rules, err := readRules(text)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	for file, make := range forms() {
		made, err := make(text, rules)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, made, 0o644); err != nil {
			return err
		}
	}
	return nil
}
