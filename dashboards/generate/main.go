// Command generate makes the rules' other forms from their one source,
// dashboards/prometheus/postfix.rules.yml. Run it by `make generate`, in the
// root of the repository.
package main

import (
	"fmt"
	"os"
)

const source = "dashboards/prometheus/postfix.rules.yml"

// forms are the files that are made, and by what.
func forms() map[string]func(rules []byte) []byte {
	return map[string]func(rules []byte) []byte{
		"dashboards/kubernetes/postfix-rules.yml": prometheusRule,
	}
}

func main() {
	if err := generate(); err != nil {
		fmt.Fprintf(os.Stderr, "generate: %v\n", err)
		os.Exit(1)
	}
}

func generate() error {
	rules, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	for file, form := range forms() {
		if err := os.WriteFile(file, form(rules), 0o644); err != nil {
			return err
		}
	}
	return nil
}
