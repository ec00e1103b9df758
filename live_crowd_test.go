//go:build live

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"postfix_exporter/lab"
)

var (
	crowdSize   = flag.Int("crowd", 2000, "messages that the crowd of TestLiveCrowd sends")
	crowdFilter = flag.String("filter", "xforward", "the way of TestLiveCrowd through a content filter: xforward, smtp, pipe, proxy or empty")
	crowdKeep   = flag.String("keep", "", "a file for the gzipped log of TestLiveCrowd")
)

// TestLiveCrowd sends mail of every kind as fast as a real Postfix takes it, through
// a content filter, while passwords are guessed and an admin cleans up. What the
// exporter says is what the senders know: 0 difference for every account and origin.
//
// By hand: go test -tags live -run TestLiveCrowd -timeout 20m . -crowd 20000.
func TestLiveCrowd(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{MainCF: lab.NoRetries(), Filter: lab.Filter(*crowdFilter)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	e := launch(t, nil, "--postfix.config-directory="+l.Postfix.ConfigDir)

	begin := time.Now()
	half := *crowdSize / 20 * 10
	l.Crowd(t.Context(), 0, half)
	steps(t, l.Postfix.Wait, l.Flush)
	clean := l.RequeueLater()
	var all sync.WaitGroup
	all.Go(func() { l.Crowd(t.Context(), half, half) })
	all.Go(func() { steps(t, clean) })
	all.Go(func() {
		l.Guess(t.Context(), 100)
		steps(t, func(ctx context.Context) error { return l.BreakIn(ctx, "cleo", "192.0.2.77", 12) })
	})
	all.Wait()
	steps(t, l.Postfix.Wait, l.GiveUp)
	file, err := os.OpenFile(l.Postfix.LogFile, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(later(t, []byte(readText(t, l.Postfix.LogFile)))); err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	c := l.Truth.Counts()
	for _, err := range c.Failures {
		t.Errorf("a conversation with Postfix failed: %v", err)
	}
	s := atRest(t, l, e)
	t.Logf("%d messages of people and %v lines in %v", *crowdSize, s.sum("postfix_log_lines_total"), time.Since(begin).Round(time.Second))
	keep(t, l.Postfix.LogFile)

	t.Run("served", func(t *testing.T) { crowdAgrees(t, s, c) })
	config := "--postfix.config-directory=" + l.Postfix.ConfigDir
	replayed := replay(t, config, l.Postfix.LogFile)
	t.Run("replayed", func(t *testing.T) { crowdAgrees(t, replayed, c) })
	t.Run("shuffled", func(t *testing.T) { shuffledAgrees(t, config, l.Postfix.LogFile, c) })
}

func steps(t *testing.T, all ...func(context.Context) error) {
	for _, step := range all {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		if err := step(ctx); err != nil {
			t.Error(err)
		}
	}
}

func crowdAgrees(t *testing.T, s samples, c lab.Counts) {
	t.Helper()
	for _, want := range []samples{truth(c), fates(c), ways(c)} {
		if differences := s.differences(want); differences != "" {
			t.Error(differences)
		}
	}
	for _, window := range []string{"1h", "24h"} {
		want := windowed(c, window)
		if differences := s.orNone(want).differences(want) + users(s, c, window); differences != "" {
			t.Error(differences)
		}
	}
	if n := s.sum("postfix_smtpd_sasl_authentication_failures_total"); n != float64(c.FailedLogins) {
		t.Errorf("%v failed logins, want %d", n, c.FailedLogins)
	}
	for _, outcome := range []string{"unknown", "malformed", "truncated"} {
		if n := s.sum("postfix_log_lines_total", fmt.Sprintf("outcome=%q", outcome)); n != 0 {
			t.Errorf("%v %s lines", n, outcome)
		}
	}
}

func replay(t *testing.T, config, log string) samples {
	t.Helper()
	stdout, stderr, code := ran(t, "replay", config, log)
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	return readSamples(t, stdout)
}

// shuffledAgrees wants the same messages and attempts of a log whose lines come up to
// 50 ms late, those of one process in their order. Some second attempts may count as
// first ones, where the queue manager's line of the retry comes after them and
// local(8) has a part in the message.
func shuffledAgrees(t *testing.T, config, log string, c lab.Counts) {
	seed := rand.Uint64()
	name := filepath.Join(t.TempDir(), "mail.log")
	if err := os.WriteFile(name, shuffled([]byte(readText(t, log)), seed), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("seed %d", seed)
	s := replay(t, config, name)
	if differences := s.differences(truth(c)) + s.differences(fates(c)); differences != "" {
		t.Error(differences)
	}
}

func keep(t *testing.T, log string) {
	if *crowdKeep == "" {
		return
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(readText(t, log)))
	_ = w.Close()
	if err := os.WriteFile(*crowdKeep, b.Bytes(), 0o644); err != nil {
		t.Error(err)
	}
}
