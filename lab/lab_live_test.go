//go:build live

package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// eventually waits until check returns "", or fails with what it returned last.
func eventually(t *testing.T, limit time.Duration, check func() string) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		missing := check()
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("after %v: %s", limit, missing)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// TestLab is one run of a lab: its parts build on each other.
func TestLab(t *testing.T) {
	l, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop() })
	for _, part := range []struct {
		name string
		test func(*testing.T, *Lab)
	}{{"ordinary mail flows", ordinary}, {"the attack fills processes and queue", attacked}, {"stop leaves nothing", stopped}} {
		if !t.Run(part.name, func(t *testing.T) { part.test(t, l) }) {
			t.FailNow()
		}
	}
}

func ordinary(t *testing.T, l *Lab) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	l.Ordinary(ctx, 50*time.Millisecond)
	truth := l.Truth.Counts()
	for _, err := range truth.Failures {
		t.Error(err)
	}
	// What the people say they did, and what Postfix's log says they did.
	wants := map[string]int{
		"client=unknown[127.66.":           truth.Of("inbound").Messages + refusedByHeader(l),
		"client=unknown[127.0.0.2]":        truth.Of("network").Messages,
		": uid=33 ":                        truth.Owners[UserOf(WebUID)].Messages,
		": uid=0 ":                         truth.Owners[UserOf(0)].Messages,
		"SASL LOGIN authentication failed": truth.FailedLogins - logLines(l, "SASL PLAIN authentication failed"),
	}
	for _, name := range Users() {
		wants["PLAIN, sasl_username="+local(name)] = truth.Owners[AccountOf(name)].Messages
	}
	for text, want := range wants {
		if want < 3 {
			t.Errorf("only %d of %q: too quiet", want, text)
		}
		eventually(t, 5*time.Second, func() string {
			if got := logLines(l, text); got != want {
				return fmt.Sprintf("%d lines with %q in the log, want %d", got, text, want)
			}
			return ""
		})
	}
	for _, text := range []string{
		"queued as SINK", "delivered to maildir", "forwarded as", "sender non-delivery notification",
		"Relay access denied", "User unknown in local recipient table", "reject: header Subject",
		"postfix/virtual[", "postfix/relay/smtp[", "status=deferred", "status=bounced", "non-SMTP command", "lost connection after",
	} {
		eventually(t, 5*time.Second, func() string {
			if logLines(l, text) == 0 {
				return "nothing in the log says " + text
			}
			return ""
		})
	}
	for _, text := range []string{"panic:", "fatal:", "warning: not owned", "group or other writable"} {
		if n := logLines(l, text); n > 0 {
			t.Errorf("%d lines of the log say %s", n, text)
		}
	}
}

// refusedByHeader counts the messages that had a client line and were refused
// at their end.
func refusedByHeader(l *Lab) int { return logLines(l, "reject: header Subject") }

func attacked(t *testing.T, l *Lab) {
	before := l.Truth.Counts().Owners[AccountOf("emil")]
	const messages = 240
	if err := l.Attack(t.Context(), Attack{Account: "emil", Messages: messages, Connections: 20}); err != nil {
		t.Fatal(err)
	}
	after := l.Truth.Counts().Owners[AccountOf("emil")]
	if sent := after.Messages - before.Messages; sent != messages {
		t.Errorf("%d messages were sent, want %d", sent, messages)
	}
	if recipients := after.Recipients - before.Recipients; recipients != 5*messages {
		t.Errorf("%d recipients were taken, want %d", recipients, 5*messages)
	}
	const wantClients, wantBounces = 24, 100
	clients, bounces := 0, 0
	eventually(t, 30*time.Second, func() string {
		clients = max(clients, smtpClients(t, l.Postfix))
		bounces = max(bounces, nullSenders(t, l.Postfix))
		if clients < wantClients || bounces < wantBounces {
			return fmt.Sprintf("%d smtp processes and %d null senders queued, want %d and %d", clients, bounces, wantClients, wantBounces)
		}
		return ""
	})
	t.Logf("%d smtp processes, %d null senders queued", clients, bounces)
	for _, text := range []string{": Connection refused)", ": Connection timed out)", "delivery temporarily suspended: connect to"} {
		eventually(t, 15*time.Second, func() string {
			if logLines(l, text) == 0 {
				return "nothing in the log says " + text
			}
			return ""
		})
	}
}

func stopped(t *testing.T, l *Lab) {
	dovecot := l.Dovecot.cmd.Process.Pid
	begin := time.Now()
	if err := l.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped after %v", time.Since(begin))
	nothingLeft(t, l.Dir)
	if commandLine(dovecot) != "" {
		t.Errorf("Dovecot's process %d is left", dovecot)
	}
	if _, err := os.Stat(l.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is left: %v", err)
	}
	if err := l.Stop(); err != nil {
		t.Errorf("stopped again: %v", err)
	}
}

// A Postfix that doesn't want to start leaves nothing, and says why.
func TestFailedStart(t *testing.T) {
	tmp := publicTemp(t)
	_, err := Start(t.Context(), Options{MainCF: []string{"mail_owner = nosuchuser"}})
	if err == nil || !strings.Contains(err.Error(), "nosuchuser") {
		t.Errorf("the error doesn't say why: %v", err)
	}
	nothingIn(t, tmp)
}

// Nor does a start that is broken off once Postfix runs.
func TestStartBrokenOff(t *testing.T) {
	tmp := publicTemp(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := make(chan int, 1)
	go func() {
		defer cancel()
		for range 200 {
			if files, _ := filepath.Glob(filepath.Join(tmp, "*", "postfix", "spool", "pid", "master.pid")); len(files) > 0 {
				seen <- len(processesIn(tmp))
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		seen <- 0
	}()
	if l, err := Start(ctx, Options{}); err == nil {
		t.Error("it started", l.Stop())
	} else if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := <-seen; n == 0 {
		t.Error("no process of Postfix ran when the start was broken off")
	}
	nothingIn(t, tmp)
}

// publicTemp makes the lab work in a folder that other users get through.
func publicTemp(t *testing.T) string {
	t.Helper()
	tmp, err := os.MkdirTemp("", "lab-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) })
	if err := os.Chmod(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", tmp)
	return tmp
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	nothingLeft(t, dir)
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// nothingLeft looks for processes that stand in a folder or were told of it.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	if pids := processesIn(dir); len(pids) > 0 {
		t.Errorf("processes are left in %s: %v", dir, pids)
	}
	for _, pid := range processesIn("/") {
		if line := commandLine(pid); strings.Contains(line, dir) {
			t.Errorf("process %d is left: %s", pid, line)
		}
	}
}

func commandLine(pid int) string {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
}

func logLines(l *Lab, text string) int {
	log, _ := os.ReadFile(l.Postfix.LogFile)
	n := 0
	for line := range bytes.Lines(log) {
		if bytes.Contains(line, []byte(text)) {
			n++
		}
	}
	return n
}

// smtpClients counts smtp(8) processes that are children of the instance's master.
func smtpClients(t *testing.T, p *Postfix) int {
	t.Helper()
	master := p.Master()
	if master == 0 {
		t.Fatal("no master")
	}
	pids := processesIn(p.QueueDir)
	return len(slices.DeleteFunc(pids, func(pid int) bool {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return !strings.HasPrefix(commandLine(pid), "smtp -t unix -u") || !strings.Contains(string(stat), fmt.Sprintf(" %d ", master))
	}))
}

// nullSenders counts the queued messages of MAILER-DAEMON, as postqueue lists
// them.
func nullSenders(t *testing.T, p *Postfix) int {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "postqueue", "-c", p.ConfigDir, "-j").Output()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for entries := json.NewDecoder(bytes.NewReader(list)); ; {
		var entry struct {
			Sender string `json:"sender"`
		}
		if err := entries.Decode(&entry); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		if entry.Sender == "MAILER-DAEMON" {
			n++
		}
	}
}
