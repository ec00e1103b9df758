//go:build live

package main

import (
	"context"
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

var watchToTheEnd = flag.Bool("triage-watch", false, "TestTriageWatchesToTheEnd follows an attack until the all clear; seven minutes")

// TestTriageWatchesToTheEnd follows a stolen account from its first spam over the
// commands that stop it to the all clear, which takes five minutes without a message:
//
//	go test -tags live -run TestTriageWatchesToTheEnd -triage-watch -v .
func TestTriageWatchesToTheEnd(t *testing.T) {
	if !*watchToTheEnd {
		t.Log("by hand, with -triage-watch")
		return
	}
	l := startLab(t, append([]string{"defer_transports = smtp"}, lab.NoRetries()...)...)
	site := newTriageSite(t, l)
	ordinary(t, l, 2*time.Second)
	attack, stopAttack := context.WithCancel(t.Context())
	defer stopAttack()
	attacked := make(chan error, 1)
	go func() {
		attacked <- l.Attack(attack, lab.Attack{Account: "emil", Messages: 1000, Connections: 5, Pause: time.Second})
	}()
	out := &syncBuffer{}
	watched := make(chan error, 1)
	go func() {
		args := append([]string{"triage", "--watch", "--interval=2s", "--account=emil@" + lab.LocalDomain}, site.args...)
		watched <- run(t.Context(), args, streams{in: strings.NewReader(""), out: out, err: io.Discard})
	}()
	within(t, 30*time.Second, func() string {
		if !strings.Contains(out.String(), "still sending: ") {
			return "it does not see the attack: " + out.String()
		}
		return ""
	})
	for _, step := range site.steps() {
		for _, command := range step.Run {
			site.run(command)
		}
	}
	stopAttack()
	if err := <-attacked; err == nil {
		t.Log("the attack was not stopped by the lock")
	}
	ended := time.Now()
	select {
	case err := <-watched:
		if err != nil || !strings.Contains(out.String(), "all clear: nothing sent for 5 minutes; 0 left in the queue") {
			t.Errorf("%v\n%s", err, out)
		}
	case <-time.After(7 * time.Minute):
		t.Error("no all clear")
	}
	t.Logf("%v after the attack:\n%s", time.Since(ended).Round(time.Second), out)
}
