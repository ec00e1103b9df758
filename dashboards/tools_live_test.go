//go:build live

package dashboards

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPromtool: the rules are clean, and all their tests hold.
func TestPromtool(t *testing.T) {
	run(t, "promtool", "check", "rules", rulesFile, migratingFile)
	run(t, "promtool", "test", "rules", "prometheus/tests/migrating/migrating.yml")
	tests, err := filepath.Glob("prometheus/tests/*.yml")
	if err != nil || len(tests) == 0 {
		t.Fatal("no tests", err)
	}
	for _, file := range tests {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			run(t, "promtool", "test", "rules", file)
		})
	}
}

// TestRoutes asks amtool who is told of each alert: criticals go to the pager,
// the Watchdog to the dead man's switch, and everything else makes tickets.
func TestRoutes(t *testing.T) {
	const config = "alertmanager/alertmanager.yml"
	run(t, "amtool", "check-config", config)
	receivers := map[string]string{"critical": "pager", "warning": "tickets", "none": "deadman"}
	for r := range allRules(readRules(t)) {
		if r.Alert == "" {
			continue
		}
		args := []string{"config", "routes", "test", "--config.file=" + config, "alertname=" + r.Alert, "instance=mx1"}
		for label, value := range r.Labels {
			args = append(args, label+"="+value)
		}
		// Its last line: newer ones warn of the flags before.
		lines := strings.Split(strings.TrimSpace(run(t, "amtool", args...)), "\n")
		if got, want := lines[len(lines)-1], receivers[r.Labels["severity"]]; got != want {
			t.Errorf("%v goes to %s, want %s", r, got, want)
		}
	}
	if got := strings.TrimSpace(run(t, "amtool", "config", "routes", "test", "--config.file="+config, "alertname=Other", "severity=info")); got != "tickets" {
		t.Errorf("what is of no known severity goes to %s", got)
	}
}

func run(t *testing.T, name string, args ...string) (stdout string) {
	t.Helper()
	var out, problems strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, &out, &problems)
	}
	return out.String()
}
