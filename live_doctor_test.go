//go:build live

package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"postfix_exporter/internal/doctor"
)

// TestDoctorLive looks at a Postfix that runs: root has nothing to complain of, and a
// user without groups is told of each thing that he lacks.
func TestDoctorLive(t *testing.T) {
	l := startLab(t)
	logFor(t, l, "root", 0o600)
	for name, test := range map[string]struct {
		who  anyone
		want map[string]doctor.State
	}{
		"root": {nil, map[string]doctor.State{
			"postfix": doctor.Works, "processes": doctor.Works, "log": doctor.Works, "log rotation": doctor.Works, "log rate limit": doctor.Works,
			"queue files": doctor.Works, "showq": doctor.Works, "state": doctor.Skips,
		}},
		"nobody": {&syscall.Credential{Uid: nobodys, Gid: nobodys}, map[string]doctor.State{
			"postfix": doctor.Works, "processes": doctor.Works, "log": doctor.Fails, "queue files": doctor.Advice, "showq": doctor.Fails,
		}},
	} {
		cmd := exec.CommandContext(t.Context(), binary, "doctor", "--json", "--state.file=", "--postfix.config-directory="+l.Postfix.ConfigDir)
		cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Credential: test.who}
		out, err := cmd.Output()
		var found []doctor.Finding
		if err := json.Unmarshal(out, &found); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		states := map[string]doctor.State{}
		for _, f := range found {
			states[f.Check] = f.State
			if f.State == doctor.Fails && f.Mend == "" {
				t.Errorf("%s: %s has no mend", name, f.What)
			}
		}
		for check, want := range test.want {
			if states[check] != want {
				t.Errorf("%s: %s %s, want %s\n%s", name, check, states[check], want, out)
			}
		}
		if (err != nil) != (doctor.Failed(found) > 0) {
			t.Errorf("%s: %v", name, err)
		}
		if name == "nobody" && !strings.Contains(string(out), "setfacl -m u:61234:r "+l.Postfix.LogFile) {
			t.Errorf("the mend of the log: %s", out)
		}
	}
}
