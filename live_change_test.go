//go:build live

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// TestChanges is one lab that defers whatever leaves it, so that a full queue
// stays idle: its scrapes, a stop and a start of Postfix, and two rotations of
// the log.
func TestChanges(t *testing.T) {
	l := startLab(t, append([]string{"defer_transports = smtp"}, lab.NoRetries()...)...)
	e := launch(t, nil, "--postfix.config-directory="+l.Postfix.ConfigDir)
	for _, part := range []struct {
		name string
		test func(*testing.T, *lab.Lab, *exporter)
	}{
		{"1,000 messages in the queue", fullQueue}, {"Postfix stops and starts", restarted}, {"the log is rotated", rotated},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.test(t, l, e) }) {
			t.FailNow()
		}
	}
}

const queued = 1000

// fullQueue measures scrapes; their time is logged and not judged, for the
// machine may be busy.
func fullQueue(t *testing.T, l *lab.Lab, e *exporter) {
	cmd := exec.CommandContext(t.Context(), "smtp-source", "-m", strconv.Itoa(queued), "-s", "10",
		"-f", "list@lab.test", "-t", "friend@good1.test", "inet:"+l.Postfix.SMTP)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("smtp-source: %v %s", err, out)
	}
	within(t, 60*time.Second, func() string {
		s := e.scrape(t, 5*time.Second)
		return s.differences(samples{
			`postfix_queue_messages{queue="deferred"}`:                         queued,
			`postfix_queue_origin_messages{origin="network",queue="deferred"}`: queued,
			`postfix_messages_total{origin="network"}`:                         queued,
		})
	})
	var took []time.Duration
	parts := map[string]float64{}
	for range 50 {
		text, one := e.fetch(t, "/metrics", 5*time.Second)
		took = append(took, one)
		readSamples(t, text).slowest(parts)
		time.Sleep(100 * time.Millisecond)
	}
	slices.Sort(took)
	t.Logf("50 scrapes with %d messages queued: median %v, max %v", queued, took[len(took)/2], took[len(took)-1])
	t.Logf("the longest that the slow collectors took, in seconds: %v", parts)
}

func restarted(t *testing.T, l *lab.Lab, e *exporter) {
	if err := l.Postfix.Stop(); err != nil {
		t.Fatal(err)
	}
	within(t, 15*time.Second, func() string {
		s := e.scrape(t, 5*time.Second)
		if names := s.failed(); names != "" { // the queue's files are there
			return names + " failed"
		}
		return s.differences(samples{
			"postfix_up":                      0,
			"postfix_queue_snapshot_complete": 1,
			`postfix_processes{command="qmgr",service_name="qmgr"}`: 0,
			`postfix_queue_messages{queue="deferred"}`:              queued,
		})
	})
	if text, _ := e.fetch(t, "/-/healthy", time.Second); !strings.Contains(text, "healthy") {
		t.Errorf("/-/healthy: %s", text)
	}
	if err := l.Postfix.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ordinary(t, l, 2*time.Second)
	s := atRest(t, l, e)
	if differences := s.differences(withList(l)); differences != "" {
		t.Error(differences)
	}
	within(t, 15*time.Second, func() string {
		s := e.scrape(t, 5*time.Second)
		if names := s.failed(); names != "" {
			return names + " still failed"
		}
		return s.differences(samples{
			"postfix_up": 1, "postfix_queue_snapshot_complete": 1, `postfix_processes{command="qmgr",service_name="qmgr"}`: 1,
		})
	})
}

// withList is what people did, and the list's mail.
func withList(l *lab.Lab) samples {
	c := l.Truth.Counts()
	network := lab.Owner{Origin: "network"}
	sent := c.Owners[network]
	sent.Messages += queued
	sent.Recipients += queued
	c.Owners[network] = sent
	return truth(c)
}

// rotated moves the log away twice while mail flows: by hand, as logrotate(8)
// does, and by postfix(1), which compresses the old one at once.
func rotated(t *testing.T, l *lab.Lab, e *exporter) {
	before := l.Truth.Counts()
	old := l.Postfix.LogFile + ".1"
	first := time.AfterFunc(1500*time.Millisecond, func() {
		if err := os.Rename(l.Postfix.LogFile, old); err != nil {
			t.Error(err)
		}
		if err := l.Postfix.Reload(t.Context()); err != nil {
			t.Error(err)
		}
	})
	defer first.Stop()
	done := make(chan struct{})
	time.AfterFunc(4*time.Second, func() {
		defer close(done)
		if err := l.Postfix.RotateLog(t.Context()); err != nil {
			t.Error(err)
		}
	})
	ordinary(t, l, 6*time.Second)
	<-done
	within(t, 10*time.Second, func() string { // a daemon that has yet to follow the reload ends instead of listening
		if err := errors.Join(l.Postfix.Pickup(t.Context()), l.Postfix.Incoming(t.Context())); err != nil {
			return err.Error()
		}
		return ""
	})

	compressed, err := filepath.Glob(l.Postfix.LogFile + ".*.gz")
	if err != nil || len(compressed) != 1 {
		t.Fatalf("postfix logrotate left %q, %v; want one compressed log", compressed, err)
	}
	unpacked := filepath.Join(t.TempDir(), "mail.log")
	text, err := exec.CommandContext(t.Context(), "gzip", "-dc", compressed[0]).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(unpacked, text, 0o644); err != nil {
		t.Fatal(err)
	}
	s := atRest(t, l, e, old, unpacked, l.Postfix.LogFile)
	if differences := s.differences(withList(l)) + s.differences(understood(l.Postfix.LogFile)); differences != "" {
		t.Error(differences)
	}
	if after := l.Truth.Counts(); after.Of("inbound").Messages < before.Of("inbound").Messages+30 {
		t.Error("too little mail to lose any")
	}
	for _, name := range []string{old, unpacked, l.Postfix.LogFile} {
		t.Logf("%s: %d lines", filepath.Base(name), strings.Count(readText(t, name), "\n"))
	}
}
