//go:build live

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocumented runs the command of the texts as written, with another /var/log.
func TestDocumented(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "bin/postfix_backtest"), ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	log := filepath.Join(dir, "log")
	for source, name := range map[string]string{"../testdata/demo/attack.log.gz": "mail.log.1.gz", "../testdata/lines/postfix-3.7.log": "mail.log"} {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(log, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(log, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const command = "bin/postfix_backtest --postfix.config-directory /etc/postfix /var/log/mail.log*"
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "bash", "-c", `mount --bind "$1" /var/log && eval "$2"`, "-", log, command)
	cmd.Dir = dir
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "emil@lab.test") {
		t.Errorf("%s: %v\n%s", command, err, said)
	}
}
