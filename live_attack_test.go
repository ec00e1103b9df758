//go:build live

package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// TestAttack is the mission's picture: an account's password is known to a
// botnet, and its mail to dead hosts fills the processes and the queue. Every
// scrape must come before its deadline meanwhile.
func TestAttack(t *testing.T) {
	l := startLab(t)
	e := launch(t, nil, "--postfix.config-directory="+l.Postfix.ConfigDir)
	const deadline = 5 * time.Second
	const loud = "emil@" + lab.LocalDomain

	sending, stop := context.WithCancel(t.Context())
	defer stop()
	var people sync.WaitGroup
	people.Go(func() { l.Ordinary(sending, 200*time.Millisecond) })
	people.Go(func() {
		attack := lab.Attack{Account: "emil", Messages: 300, Connections: 20}
		if err := l.Attack(sending, attack); err != nil {
			t.Error(err)
		}
	})

	var seen, slowest float64
	within(t, 60*time.Second, func() string {
		time.Sleep(200 * time.Millisecond) // the machine has enough to do
		text, took := e.fetch(t, "/metrics", deadline)
		slowest = max(slowest, took.Seconds())
		if took > deadline {
			t.Fatalf("a scrape took %v", took)
		}
		s := readSamples(t, text)
		if names := s.failed(); names != "" {
			t.Fatalf("%s failed", names)
		}
		seen = max(seen, s.sum("postfix_processes", `service_name="smtp"`))
		bounces := s.sum("postfix_queue_origin_messages", `origin="bounce"`)
		share := bounces / max(1, s.sum("postfix_queue_origin_messages"))
		for _, what := range []struct {
			name       string
			value, min float64
		}{
			{"smtp processes", seen, 24},
			{"their limit", s.sum("postfix_process_limit", `service_name="smtp"`), 100},
			{"messages of MAILER-DAEMON queued", bounces, 100},
			{"their share", share, 0.3},
			{"the loud account's recipients", s.sum("postfix_account_recipients_total", `sasl_username="`+loud+`"`), 1500},
			{"refused", s.sum("postfix_delivery_failures_total", `reason="refused"`, `status="deferred"`), 1},
			{"timed out", s.sum("postfix_delivery_failures_total", `reason="timeout"`, `status="deferred"`), 1},
			{"suspended", s.sum("postfix_delivery_failures_total", `reason="suspended"`, `status="deferred"`), 1},
			{"unknown users", s.sum("postfix_delivery_failures_total", `reason="user_unknown"`, `status="bounced"`), 300},
			{"recipients deferred now, by refusal", s.sum("postfix_queue_deferred_recipients", `reason="refused"`), 1},
			{"recipients deferred now, by time-out", s.sum("postfix_queue_deferred_recipients", `reason="timeout"`), 1},
			{"bounces", s.sum("postfix_bounces_total", `kind="non_delivery"`), 300},
			{"bounces as messages", s.sum("postfix_messages_total", `origin="bounce"`), 300},
		} {
			if what.value < what.min {
				return fmt.Sprintf("%s: %v, want %v at least", what.name, what.value, what.min)
			}
		}
		for key, n := range s {
			if name, ok := strings.CutPrefix(key, "postfix_account_recipients_total{"); ok && !strings.Contains(name, loud) && n*10 > 1500 {
				t.Errorf("%s is nearly as loud: %v", name, n)
			}
		}
		t.Logf("%v smtp processes of 100; %v messages of MAILER-DAEMON, %.0f %% of those queued; the slowest scrape took %.3f s",
			seen, bounces, share*100, slowest)
		return ""
	})
	stop()
	people.Wait()

	// Of the attack itself nothing was missed, nor counted twice.
	c := l.Truth.Counts()
	for _, err := range c.Failures {
		t.Errorf("a conversation with Postfix failed: %v", err)
	}
	within(t, 20*time.Second, func() string { // the last messages still come in
		s := e.scrape(t, deadline)
		want := truth(c)
		delete(want, `postfix_messages_total{origin="forward"}`) // some may wait for a process
		delete(want, `postfix_recipients_total{origin="forward"}`)
		return s.differences(want) + s.differences(understood(l.Postfix.LogFile))
	})
	promtool(t, e)
}
