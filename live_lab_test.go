//go:build live

package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

func startLab(t *testing.T, mainCF ...string) *lab.Lab {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{MainCF: mainCF})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// ordinary lets the people of a lab do what they do for a while.
func ordinary(t *testing.T, l *lab.Lab, how time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), how)
	defer cancel()
	l.Ordinary(ctx, 50*time.Millisecond)
	for _, err := range l.Truth.Counts().Failures {
		t.Errorf("a conversation with Postfix failed: %v", err)
	}
}

// atRest waits until Postfix has nothing more to do and the exporter has read
// all of the log, whose files are named. What must have come in, in messages,
// is the least to wait for.
func atRest(t *testing.T, l *lab.Lab, e *exporter, logs ...string) samples {
	t.Helper()
	if len(logs) == 0 {
		logs = []string{l.Postfix.LogFile}
	}
	least := 0
	for _, sent := range l.Truth.Counts().Owners {
		least += sent.Messages
	}
	var s samples
	before, rested := -1, 0.0
	within(t, 40*time.Second, func() string {
		for _, queue := range []string{"maildrop", "incoming", "active"} {
			if n := filesIn(t, filepath.Join(l.Postfix.QueueDir, queue)); n > 0 {
				return fmt.Sprintf("%d messages in %s", n, queue)
			}
		}
		lines := 0
		for _, name := range logs {
			lines += strings.Count(readText(t, name), "\n")
		}
		if lines != before { // then half a second without a line
			before, rested = lines, float64(time.Now().Unix())
			time.Sleep(500 * time.Millisecond)
			return fmt.Sprintf("the log grows; it has %d lines", lines)
		}
		s = e.scrape(t, 5*time.Second)
		read := s.sum("postfix_log_lines_total") - s.sum("postfix_log_lines_total", `outcome="truncated"`)
		if read != float64(lines) {
			return fmt.Sprintf("the exporter has read %v lines of %d", read, lines)
		}
		if s["postfix_queue_snapshot_timestamp_seconds"] < rested+1 {
			return "the queue was not looked at since"
		}
		if n := s.sum("postfix_messages_total"); n < float64(least) {
			return fmt.Sprintf("%v messages, people sent or caused %d", n, least)
		}
		return ""
	})
	return s
}

// filesIn counts the messages in a directory of the queue and below it.
func filesIn(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil // sent meanwhile
		case err != nil:
			return err
		case entry.Type().IsRegular() && !strings.Contains(entry.Name(), "."):
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// understood are the samples that say that every line of the log was known.
func understood(log string) samples {
	s := samples{}
	for _, outcome := range []string{"unknown", "malformed", "foreign", "truncated"} {
		s[fmt.Sprintf("postfix_log_lines_total{outcome=%q,source=%q}", outcome, log)] = 0
	}
	return s
}
