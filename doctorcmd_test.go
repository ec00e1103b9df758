package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postfix_exporter/internal/doctor"
)

// TestDoctor looks at an instance that does not run: that is its one kind of fault.
func TestDoctor(t *testing.T) {
	config, logFile := instanceDir(t, "")
	appendLog(t, logFile, "Nov 25 10:00:00 mx postfix/smtpd[1]: connect from unknown[192.0.2.1]\n")
	args := []string{
		"doctor", "--postfix.config-directory=" + config, "--log.timezone=UTC", "--state.file=" + filepath.Join(t.TempDir(), "new/state"),
		"--web.listen-address=:9154",
	}
	stdout, _, err := command(t, "", append(args, "--json")...)
	var usage *usageError
	if err == nil || errors.As(err, &usage) {
		t.Errorf("%v", err)
	}
	var found []doctor.Finding
	if err := json.Unmarshal([]byte(stdout), &found); err != nil {
		t.Fatalf("%v\n%s", err, stdout)
	}
	states := map[string]doctor.State{}
	for _, f := range found {
		states[f.Check] = f.State
	}
	for check, want := range map[string]doctor.State{
		"postfix": doctor.Works, "master.cf": doctor.Works, "processes": doctor.Fails, "log": doctor.Works, "queue files": doctor.Works, "showq": doctor.Fails,
		"port": doctor.Fails, "state": doctor.Works, "queue ids": doctor.Advice,
	} {
		if states[check] != want && (check != "queue files" || os.Geteuid() == 0) {
			t.Errorf("%s %s, want %s\n%s", check, states[check], want, stdout)
		}
	}
	text, _, _ := command(t, "", args...)
	if !strings.Contains(text, "mend: postfix -c "+config+" start") || strings.Contains(text, "\x1b") {
		t.Error(text)
	}
}

// TestConfigCheck reads all that a start reads, and takes nothing into use.
func TestConfigCheck(t *testing.T) {
	config, _ := instanceDir(t, "")
	state := filepath.Join(t.TempDir(), "state")
	bad := filepath.Join(t.TempDir(), "bad.yml")
	if err := os.WriteFile(bad, []byte("tls_server_config:\n  no_such: field\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--config.check", "--postfix.config-directory=" + config, "--state.file=" + state}
	if _, stderr, err := command(t, "", args...); err != nil || !strings.Contains(stderr, "the configuration is good") {
		t.Errorf("%v\n%s", err, stderr)
	}
	if _, err := os.Stat(state + ".lock"); err == nil {
		t.Error("it takes the state file")
	}
	for _, wrong := range []string{"--web.config.file=" + bad, "--classes.reasons=" + bad, "--account.limit=-1", "--log.timezone=Mars/Olympus"} {
		_, _, err := command(t, "", append(args, wrong)...)
		var usage *usageError
		if !errors.As(err, &usage) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}
