//go:build live

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"postfix_exporter/lab"
)

// TestDocumentedOnAServer runs what the README says to type on a mail server, as
// written, where the lab's Postfix is the only one: in a network of its own, for the
// port, and with a /var/lib that is nobody's.
func TestDocumentedOnAServer(t *testing.T) {
	t.Parallel()
	l := startLab(t, append([]string{"defer_transports = smtp"}, lab.NoRetries()...)...)
	if err := l.Attack(t.Context(), lab.Attack{Account: "emil", Messages: 20, Connections: 4}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sudo"), []byte("#!/bin/sh\nexec \"$@\"\n"), 0o755); err != nil { // this is root
		t.Fatal(err)
	}
	if err := os.Symlink(binary, filepath.Join(dir, "postfix_exporter")); err != nil {
		t.Fatal(err)
	}
	asWritten := func(t *testing.T, seconds, command string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "--net", "sh", "-c",
			`mount -t tmpfs tmpfs /var/lib && exec timeout --preserve-status -k 10 "$1" bash -c "exec $2"`, "-", seconds, command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "MAIL_CONFIG="+l.Postfix.ConfigDir, "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
		return string(out)
	}
	t.Run("serve", func(t *testing.T) {
		t.Parallel()
		said := asWritten(t, "5", "./postfix_exporter") // until SIGTERM
		for _, want := range []string{"address=127.0.0.1:9154", "log=[" + l.Postfix.LogFile + "]", "msg=stopping"} {
			if !strings.Contains(said, want) {
				t.Errorf("it does not say %s:\n%s", want, said)
			}
		}
	})
	t.Run("triage", func(t *testing.T) {
		t.Parallel()
		if said := asWritten(t, "60", "sudo postfix_exporter triage"); !strings.Contains(said, "account emil@"+lab.LocalDomain+"\n") {
			t.Errorf("it does not name the account:\n%s", said)
		}
	})
}
