//go:build live

package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/traffic"
)

var compareWith = flag.String("compare", "", "TestCompare measures this binary, which takes kumina/postfix_exporter's flags, beside ours")

// TestCompare runs another exporter and ours side by side, and says what each counted
// and what it cost. docs/migrating.md says how to get one.
//
//	go test -tags live -run TestCompare . -compare /usr/bin/prometheus-postfix-exporter -v
func TestCompare(t *testing.T) {
	if *compareWith == "" {
		t.Log("measured by hand, with -compare")
		return
	}
	t.Run("counts and queue", compareLab)
	t.Run("bulk", compareBulk)
	t.Run("rotation", compareRotation)
}

// A rival is one of the two, reading a log.
type rival struct {
	*exporter
	name string
}

func rivals(t *testing.T, log, config, showq string) []*rival {
	t.Helper()
	address := freePort(t)
	other := &exporter{url: "http://" + address}
	other.cmd = exec.Command(*compareWith, "--web.listen-address="+address, "--postfix.logfile_path="+log, "--postfix.showq_path="+showq)
	other.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := other.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.cmd.Process.Kill(); _ = other.cmd.Wait() })
	awaitPort(t, address)
	ours := []string{"--log.file=" + log, "--log.timezone=UTC"}
	if config != "" {
		ours = append(ours, "--postfix.config-directory="+config)
	}
	return []*rival{{other, "theirs"}, {launch(t, nil, ours...), "ours"}}
}

func freePort(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = free.Close() }()
	return free.Addr().String()
}

// metrics are those at this moment, whatever they are called.
func (r *rival) metrics(t *testing.T) samples {
	text, _ := r.fetch(t, "/metrics", time.Minute)
	return readSamples(t, text)
}

// settled waits until two looks a second apart show the same.
func (r *rival) settled(t *testing.T, metric string) samples {
	t.Helper()
	before := -1.0
	for {
		s := r.metrics(t)
		now := s.sum(metric)
		if now == before {
			return s
		}
		before = now
		time.Sleep(time.Second)
	}
}

// cost is the CPU time and the most memory of the process so far.
func (r *rival) cost(t *testing.T) string {
	t.Helper()
	status := readText(t, fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	_, peak, _ := strings.Cut(status, "VmHWM:")
	peak, _, _ = strings.Cut(peak, "\n")
	_, stat, _ := strings.Cut(readText(t, fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid)), ") ")
	fields := strings.Fields(stat)
	var user, system float64
	_, _ = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	return fmt.Sprintf("CPU %.2f s, peak %s", (user+system)/100, strings.TrimSpace(peak))
}

// compareLab counts a real Postfix's mail, an attack on submission and failed
// logins among it, and scrapes while 1,000 messages are queued.
func compareLab(t *testing.T) {
	l := startLab(t, append([]string{"defer_transports = smtp"}, lab.NoRetries()...)...)
	both := rivals(t, l.Postfix.LogFile, l.Postfix.ConfigDir, filepath.Join(l.Postfix.QueueDir, "public/showq"))
	ordinary(t, l, 5*time.Second)
	l.Guess(t.Context(), 50)
	if err := l.Attack(t.Context(), lab.Attack{Account: "emil", Messages: 1000, Connections: 20}); err != nil {
		t.Fatal(err)
	}
	if err := l.Postfix.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts := l.Truth.Counts()
	t.Logf("truth: %d messages over SMTP, %d failed logins; %d lines", counts.Of("sasl").Messages+counts.Of("network").Messages+counts.Of("inbound").Messages,
		counts.FailedLogins, strings.Count(readText(t, l.Postfix.LogFile), "\n"))
	for _, r := range both {
		s := r.settled(t, "postfix_smtpd_connects_total")
		messages := s.sum("postfix_smtpd_messages_processed_total")
		for _, origin := range []string{"sasl", "network", "inbound"} {
			messages += s.sum("postfix_messages_total", `origin="`+origin+`"`)
		}
		t.Logf("%s: %.0f messages over SMTP, %.0f failed logins; lines: %.0f unsupported, %.0f unknown", r.name, messages,
			s.sum("postfix_smtpd_sasl_authentication_failures_total"), s.sum("postfix_unsupported_log_entries_total"), s.sum("postfix_log_lines_total", `outcome="unknown"`))
		var took []time.Duration
		for range 21 {
			_, one := r.fetch(t, "/metrics", time.Minute)
			took = append(took, one)
			time.Sleep(100 * time.Millisecond)
		}
		slices.Sort(took)
		t.Logf("%s: a scrape with %d messages queued: median %v, worst %v; %s", r.name, filesIn(t, l.Postfix.QueueDir+"/deferred"), took[10], took[20], r.cost(t))
	}
}

// compareBulk appends 135 MB to a log at once.
func compareBulk(t *testing.T) {
	var log strings.Builder
	_, err := traffic.Generate(&log, traffic.Config{Seed: 7, Start: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), Days: 3, Accounts: 60, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	text := log.String()
	name := filepath.Join(t.TempDir(), "mail.log")
	appendLog(t, name, "")
	both := rivals(t, name, "", "/nonexistent")
	appendLog(t, name, text)
	t.Logf("truth: %d MB, %d lines, %d removed, %d connects", len(text)>>20, strings.Count(text, "\n"),
		strings.Count(text, ": removed\n"), len(regexp.MustCompile(`postfix/\S*smtpd\[\d+\]: connect from`).FindAllStringIndex(text, -1)))
	for _, r := range both {
		s := r.settled(t, "postfix_smtpd_connects_total")
		t.Logf("%s: %.0f removed, %.0f connects; %s; %.0f lines unsupported, %.0f unknown", r.name,
			s.sum("postfix_qmgr_messages_removed_total")+s.sum("postfix_queue_removed_total"), s.sum("postfix_smtpd_connects_total"), r.cost(t),
			s.sum("postfix_unsupported_log_entries_total"), s.sum("postfix_log_lines_total", `outcome="unknown"`))
	}
}

// compareRotation renames the log ten times while it is written, as logrotate does.
func compareRotation(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mail.log")
	appendLog(t, name, "")
	both := rivals(t, name, "", "/nonexistent")
	const each, files = 5000, 10
	for n := range files {
		var lines strings.Builder
		for i := range each {
			fmt.Fprintf(&lines, "2026-11-25T10:%02d:%02d.000000+00:00 mx postfix/smtpd[%d]: connect from unknown[192.0.2.1]\n", n, i*60/each, i)
		}
		appendLog(t, name, lines.String())
		for old := n; old > 0; old-- {
			if err := os.Rename(fmt.Sprintf("%s.%d", name, old), fmt.Sprintf("%s.%d", name, old+1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Rename(name, name+".1"); err != nil {
			t.Fatal(err)
		}
		appendLog(t, name, "")
		time.Sleep(time.Second)
	}
	for _, r := range both {
		s := r.settled(t, "postfix_smtpd_connects_total")
		t.Logf("%s: %.0f of %d connects over %d rotations", r.name, s.sum("postfix_smtpd_connects_total"), each*files, files)
	}
}
