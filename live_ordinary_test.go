//go:build live

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// TestOrdinaryDay is one lab whose people write for some seconds. Once it is at
// rest, all that the exporter says is compared with what they did.
func TestOrdinaryDay(t *testing.T) {
	l := startLab(t, lab.NoRetries()...)
	config := "--postfix.config-directory=" + l.Postfix.ConfigDir
	e := launch(t, nil, config)
	ordinary(t, l, 8*time.Second)
	s := atRest(t, l, e)

	t.Run("the log agrees with the truth", func(t *testing.T) { agrees(t, s, l) })
	t.Run("queue", func(t *testing.T) { queueAgrees(t, e, l) })
	t.Run("processes", func(t *testing.T) { processesAgree(t, e, l) })
	t.Run("every collector works", func(t *testing.T) {
		if names := s.failed(); names != "" {
			t.Errorf("%s failed", names)
		}
		for line := range strings.Lines(e.stderr.String()) {
			if !strings.Contains(line, "level=info") {
				t.Errorf("it complains: %s", line)
			}
		}
	})
	t.Run("promtool", func(t *testing.T) { promtool(t, e) })
	t.Run("parse", func(t *testing.T) { parsesAll(t, l.Postfix.LogFile) })
	t.Run("replay", func(t *testing.T) { replays(t, e, l) })
	t.Run("group postdrop", func(t *testing.T) { withGroupPostdrop(t, l) })
	t.Run("no group", func(t *testing.T) { withoutGroups(t, l) })
	t.Run("Prometheus", func(t *testing.T) { scrapedByPrometheus(t, e) })
}

func agrees(t *testing.T, s samples, l *lab.Lab) {
	c := l.Truth.Counts()
	accounts := 0
	for owner := range c.Owners {
		if owner.Origin == "sasl" {
			accounts++
		}
	}
	for _, want := range []samples{truth(c), fates(c), understood(l.Postfix.LogFile), {"postfix_up": 1}} {
		if differences := s.differences(want); differences != "" {
			t.Error(differences)
		}
	}
	for what, pair := range map[string][2]float64{
		"failed logins":          {s.sum("postfix_smtpd_sasl_authentication_failures_total", `reason="credentials"`), float64(c.FailedLogins)},
		"failed logins at all":   {s.sum("postfix_smtpd_sasl_authentication_failures_total"), float64(c.FailedLogins)},
		"relaying refused":       {s.sum("postfix_smtpd_rejects_total", `reason="relay_denied"`, `code="554"`), float64(c.Refused.Relay)},
		"unknown users refused":  {s.sum("postfix_smtpd_rejects_total", `reason="user_unknown"`, `code="550"`), float64(c.Refused.Recipient)},
		"senders refused":        {s.sum("postfix_smtpd_rejects_total", `reason="sender_domain"`, `code="504"`), float64(c.Refused.Sender)},
		"contents refused":       {s.sum("postfix_smtpd_rejects_total", `reason="content"`), float64(c.Refused.Content)},
		"refused at all":         {s.sum("postfix_smtpd_rejects_total"), float64(c.Refused.Relay + c.Refused.Recipient + c.Refused.Sender + c.Refused.Content)},
		"accounts":               {float64(strings.Count(strings.Join(keys(s), "\n"), "postfix_account_messages_total{")), float64(accounts + 1)},
		"ended connections":      {s.sum("postfix_smtpd_disconnects_total"), s.sum("postfix_smtpd_connects_total")},
		"removed and in a queue": {s.sum("postfix_queue_removed_total") + s.sum("postfix_queue_messages"), s.sum("postfix_messages_total")},
	} {
		if pair[0] != pair[1] || pair[0] < 1 {
			t.Errorf("%s: %v, want %v and more than none", what, pair[0], pair[1])
		}
	}
	t.Logf("%v lines; messages: %d of %d accounts, %d network, %d inbound, %d bounces, %d forwards; %d failed logins",
		s.sum("postfix_log_lines_total"), c.Of("sasl").Messages, accounts, c.Of("network").Messages, c.Of("inbound").Messages,
		c.Of("bounce").Messages, c.Of("forward").Messages, c.FailedLogins)
}

func keys(s samples) (all []string) {
	for key := range s {
		all = append(all, key)
	}
	return all
}

func queueAgrees(t *testing.T, e *exporter, l *lab.Lab) {
	within(t, 15*time.Second, func() string { // what showq said is some seconds old
		s := e.scrape(t, 5*time.Second)
		want, total := queueTruth(t, l)
		if total == 0 {
			t.Fatal("nothing is queued: nothing to compare")
		}
		if listed := s.sum("postfix_queue_origin_messages"); listed != float64(total) {
			return fmt.Sprintf("showq lists %v messages, want %d", listed, total)
		}
		return s.differences(want)
	})
}

// queueTruth is what the directories hold.
func queueTruth(t *testing.T, l *lab.Lab) (want samples, total int) {
	t.Helper()
	want = samples{"postfix_queue_snapshot_complete": 1}
	for _, queue := range []string{"maildrop", "incoming", "active", "deferred", "hold", "corrupt"} {
		n := filesIn(t, filepath.Join(l.Postfix.QueueDir, queue))
		want[fmt.Sprintf("postfix_queue_messages{queue=%q}", queue)] = float64(n)
		total += n
	}
	return want, total
}

func processesAgree(t *testing.T, e *exporter, l *lab.Lab) {
	const limit = `postfix_process_limit{command=%q,service_name=%q}`
	want := samples{
		fmt.Sprintf(limit, "smtp", "smtp"):                         100,
		fmt.Sprintf(limit, "smtp", "relay"):                        100,
		fmt.Sprintf(limit, "smtpd", service(l.Postfix.Submission)): 100,
		fmt.Sprintf(limit, "qmgr", "qmgr"):                         1,
		fmt.Sprintf(limit, "pickup", "pickup"):                     1,
		fmt.Sprintf(limit, "proxymap", "proxywrite"):               1,
	}
	within(t, 10*time.Second, func() string { // one may come or go between the two looks
		s := e.scrape(t, 5*time.Second)
		if s.sum("postfix_process_limit", `command="cleanup"`)+s.sum("postfix_process_limit", `command="bounce"`) != 0 {
			t.Error("a service without a limit has one")
		}
		children := children(t, l.Postfix.Master())
		if len(children) < 8 {
			t.Errorf("master has few children: %q", children)
		}
		for command, processes := range map[string]string{
			"smtp -t unix": `service_name="smtp"`, "smtp -n relay": `service_name="relay"`, "qmgr": `service_name="qmgr"`,
			"smtpd -n " + service(l.Postfix.Submission): `service_name="` + service(l.Postfix.Submission) + `"`,
			"smtpd -n " + service(l.Postfix.SMTP):       `service_name="` + service(l.Postfix.SMTP) + `"`,
			"trivial-rewrite":                           `service_name="rewrite"`, "cleanup": `service_name="cleanup"`, "postlogd": `service_name="postlog"`,
		} {
			n := 0
			for _, child := range children {
				if strings.HasPrefix(child, command+" ") {
					n++
				}
			}
			if got := s.sum("postfix_processes", processes); got != float64(n) || n == 0 {
				return fmt.Sprintf("%v processes with %s, want %d and more than none of %q", got, processes, n, children)
			}
		}
		if all := s.sum("postfix_processes"); all != float64(len(children)) {
			return fmt.Sprintf("%v processes in all, want %d", all, len(children))
		}
		return s.differences(want)
	})
}

// service is the name in master.cf of a service of the lab's on a port.
func service(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// children lists the command lines of a process's children.
func children(t *testing.T, parent int) (lines []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		stat, _ := os.ReadFile(file) // it may have gone
		_, rest, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			lines = append(lines, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return lines
}

func promtool(t *testing.T, e *exporter) {
	text, _ := e.fetch(t, "/metrics", 5*time.Second)
	cmd := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

func parsesAll(t *testing.T, log string) {
	stdout, stderr, code := ran(t, "parse", log)
	var total, parsed, ignored int
	if _, err := fmt.Sscanf(stderr, "%d lines: %d parsed %d ignored 0 unknown 0 malformed 0 foreign\n", &total, &parsed, &ignored); err != nil || code != 0 {
		t.Errorf("exit code %d, %v: %s", code, err, stderr)
	}
	if objects := strings.Count(stdout, "\n"); parsed+ignored != total || objects != total || total < 1000 {
		t.Errorf("%d lines, %d parsed, %d ignored, %d objects", total, parsed, ignored, objects)
	}
	t.Logf("%d lines: %d parsed, %d ignored", total, parsed, ignored)
}

// replays wants the served figures again from the log alone.
func replays(t *testing.T, e *exporter, l *lab.Lab) {
	within(t, 10*time.Second, func() string { // anvil may log meanwhile
		stdout, stderr, code := ran(t, "replay", "--postfix.config-directory="+l.Postfix.ConfigDir, l.Postfix.LogFile)
		if code != 0 || stderr != "" {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		want := readSamples(t, stdout)
		served := e.scrape(t, 5*time.Second)
		logged := 0
		for key := range want {
			if !isLogged(key) {
				delete(want, key)
			}
		}
		for key := range served {
			if _, ok := want[key]; !ok && isLogged(key) {
				return key + " is served and not replayed"
			}
			if isLogged(key) {
				logged++
			}
		}
		if logged < 200 {
			t.Errorf("only %d samples to compare", logged)
		}
		return served.differences(want)
	})
}

// isLogged tells what comes from the log from what comes from elsewhere.
func isLogged(key string) bool {
	if strings.HasPrefix(key, "postfix_queue_") {
		return strings.HasPrefix(key, "postfix_queue_removed_") || strings.HasPrefix(key, "postfix_queue_expired_")
	}
	for _, prefix := range []string{
		"postfix_processes", "postfix_process_limit{", "postfix_stressed", "dovecot_processes", "postfix_up", "postfix_scrape_", "postfix_log_lag_",
		"postfix_exporter_", "postfix_state_",
		"postfix_auth_failure_window_", // an estimate, which hangs on the seed too
	} {
		if strings.HasPrefix(key, prefix) {
			return false
		}
	}
	return strings.HasPrefix(key, "postfix_") || strings.HasPrefix(key, "dovecot_")
}
