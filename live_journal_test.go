//go:build live

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestJournal reads a real journal file through the real journalctl: what was
// there, what comes, and after a kill -9 what came meanwhile. Entries of other
// users and units are refused, whatever they call themselves.
func TestJournal(t *testing.T) {
	config, _ := instanceDir(t, "")
	j := &journalFile{t: t, name: filepath.Join(t.TempDir(), "system.journal")}
	j.add(1000, "0", "postfix@-.service")
	j.add(7, "1000", "session-1.scope")
	bin := t.TempDir()
	script := "#!/bin/sh\nexec /usr/bin/journalctl --file=" + j.name + ` "$@"` + "\n"
	if err := os.WriteFile(filepath.Join(bin, "journalctl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))

	state := "--state.file=" + filepath.Join(config, "lib", "state")
	e := launch(t, nil, "--postfix.config-directory="+config, "--log.journal", state)
	wants := func(connects, forged float64) {
		t.Helper()
		within(t, 20*time.Second, func() string {
			return e.scrape(t, 5*time.Second).differences(samples{
				`postfix_smtpd_connects_total{syslog_name="postfix"}`:        connects,
				`postfix_log_lines_total{outcome="parsed",source="journal"}`: connects,
				`postfix_log_forged_lines_total{source="journal"}`:           forged,
				`postfix_log_source_restarts_total{source="journal"}`:        0,
				`postfix_log_gaps_total{cause="vanished",source="journal"}`:  0,
			})
		})
	}
	wants(1000, 7)
	j.add(500, "0", "postfix.service")
	wants(1500, 7)
	_ = e.cmd.Process.Kill()
	<-e.ended
	j.add(300, "0", "postfix.service")
	j.add(2, "33", "postfix.service") // a command that local(8) runs for a user
	e = launch(t, nil, "--postfix.config-directory="+config, "--log.journal", state)
	wants(1800, 9)
}

// journalFile is a journal that systemd-journal-remote writes.
type journalFile struct {
	t    *testing.T
	name string
	n    int
}

func (j *journalFile) add(n int, uid, unit string) {
	j.t.Helper()
	var text strings.Builder
	now := time.Now().UnixMicro()
	for range n {
		j.n++
		fmt.Fprintf(&text, "__CURSOR=x\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_TRANSPORT=syslog\n"+
			"_HOSTNAME=mx\n_UID=%s\n_SYSTEMD_UNIT=%s\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/smtpd\n_PID=12\n"+
			"MESSAGE=connect from phone%d.example.test[203.0.113.9]\n\n", now+int64(j.n), now+int64(j.n), uid, unit, j.n)
	}
	cmd := exec.Command("/lib/systemd/systemd-journal-remote", "--output="+j.name, "-")
	cmd.Stdin = strings.NewReader(text.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		j.t.Fatalf("%v: %s (apt-get install systemd-journal-remote)", err, out)
	}
}
