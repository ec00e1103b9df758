//go:build live

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReload: SIGHUP takes a changed table into use and keeps what is counted; a
// broken one leaves the old in use. SIGUSR1 turns debug messages on and off again.
func TestReload(t *testing.T) {
	config, logFile := instanceDir(t, "")
	table := filepath.Join(t.TempDir(), "reasons")
	write := func(text string) {
		if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refuse := func() {
		appendLog(t, logFile, "Nov 25 10:00:00 mx postfix/smtp[1]: AAAAAAAAA1: to=<a@b.test>, relay=mx.b.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, "+
			"dsn=5.0.0, status=bounced (host mx.b.test[192.0.2.1] said: 550 go away you walrus (in reply to RCPT TO command))\n")
	}
	write("")
	appendLog(t, logFile, "")
	e := launch(t, nil, "--postfix.config-directory="+config, "--classes.reasons="+table, "--state.file="+filepath.Join(t.TempDir(), "state"))
	reasons := func(want string) {
		t.Helper()
		within(t, 10*time.Second, func() string {
			text, _ := e.fetch(t, "/metrics", 5*time.Second)
			if !strings.Contains(text, want) {
				return "no " + want
			}
			return ""
		})
	}
	said := func(what string) {
		t.Helper()
		within(t, 10*time.Second, func() string {
			if !strings.Contains(e.stderr.String(), what) {
				return "it does not say " + what
			}
			return ""
		})
	}
	hup := func() { _ = e.cmd.Process.Signal(syscall.SIGHUP) }

	refuse()
	reasons(`postfix_delivery_failures_total{provider="other",reason="other",status="bounced"} 1`)
	write("reputation\twalrus\n")
	hup()
	said("are read anew")
	refuse()
	reasons(`postfix_delivery_failures_total{provider="other",reason="reputation",status="bounced"} 1`)
	reasons(`postfix_delivery_failures_total{provider="other",reason="other",status="bounced"} 1`)
	write("no-such-reason\twalrus\n")
	hup()
	said("what was in use stays in use")
	refuse()
	reasons(`postfix_delivery_failures_total{provider="other",reason="reputation",status="bounced"} 2`)

	_ = e.cmd.Process.Signal(syscall.SIGUSR1)
	said("on=true")
	refuse()
	said("level=debug")
	_ = e.cmd.Process.Signal(syscall.SIGUSR1)
	said("on=false")
}
