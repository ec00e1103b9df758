//go:build live

package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/attacks"
)

// TestTriageStopsEach is a full queue of everybody's: for a stolen account, a local
// user and a forward, the commands of triage are run as it prints them. They must hold
// and delete what is his, nearly all of it, and nothing else.
func TestTriageStopsEach(t *testing.T) {
	t.Parallel()
	l := startLab(t, append([]string{"defer_transports = smtp"}, lab.NoRetries()...)...)
	ordinary(t, l, 4*time.Second)
	if err := l.Attack(t.Context(), lab.Attack{Account: "emil", Messages: 60, Connections: 10}); err != nil {
		t.Fatal(err)
	}
	const script = "33:contact form.php"
	for range 3 {
		spam := lab.Message{From: "www-data@" + lab.LocalDomain, To: []string{"friend1@good1.test"}, Subject: "you have won\r\nX-PHP-Originating-Script: " + script}
		if err := l.Submit(t.Context(), lab.WebUID, spam); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Postfix.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	site := newTriageSite(t, l)
	site.postcat("X-PHP-Originating-Script: "+script, 3)
	if said, _, _ := ran(t, append([]string{"triage", "--local-user=www-data"}, site.args...)...); !strings.Contains(said, "  script          "+script+" (3)\n") {
		t.Errorf("the script is not named:\n%s", said)
	}
	site.stops("", "account emil@"+lab.LocalDomain, "bounce") // by the ranking; the bounces it caused go too
	site.stops("--local-user=www-data", "uid 33", "bounce")
	forward := site.busiestAlias()
	site.stops("--forward="+forward, "alias "+forward, "")
}

// TestTriageStopsRelayAndBounces: the same for a stranger's network that sends to
// others, and for bounces to forged senders.
func TestTriageStopsRelayAndBounces(t *testing.T) {
	t.Parallel()
	options := lab.Options{OpenRelay: true, MainCF: append([]string{"defer_transports = smtp"}, lab.NoRetries()...)}
	l, err := lab.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	for _, scene := range []string{"openrelay", "backscatter"} {
		if err := attacks.Named(scene)[0].Play(t.Context(), &attacks.Stage{Lab: l, All: []*lab.Lab{l}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Attack(t.Context(), lab.Attack{Account: "emil", Messages: 20, Connections: 4}); err != nil { // the others here
		t.Fatal(err)
	}
	if err := l.Postfix.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	site := newTriageSite(t, l)
	site.stops("--network=203.0.117.0/24", "client 203.0.117.", "")
	site.stops("--bounces", "bounce", "")
}

// TestTriageThroughAFilter: behind a content filter a queue file no longer names the
// account; the log links the second pass to the first, whatever the filter is.
func TestTriageThroughAFilter(t *testing.T) {
	t.Parallel()
	for _, filter := range lab.Filters()[1:] {
		t.Run(string(filter), func(t *testing.T) {
			t.Parallel()
			l, err := lab.Start(t.Context(), lab.Options{Filter: filter, MainCF: append([]string{"defer_transports = smtp"}, lab.NoRetries()...)})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := l.Stop(); err != nil {
					t.Error(err)
				}
			}()
			ordinary(t, l, 3*time.Second)
			if err := l.Attack(t.Context(), lab.Attack{Account: "emil", Messages: 40, Connections: 8}); err != nil {
				t.Fatal(err)
			}
			if err := l.Postfix.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			site := newTriageSite(t, l)
			site.bySender = true
			site.stops("--account=emil@"+lab.LocalDomain, "account emil@"+lab.LocalDomain, "bounce")
		})
	}
}

// stops runs what triage prints for a principal, whose messages postcat(1) says to be
// of an owner that begins so; those of also may go too. Then it undoes it.
func (s *triageSite) stops(flag, owner, also string) {
	s.Helper()
	is := func(who, whose string) bool { return whose != "" && strings.HasPrefix(who, whose) }
	before := s.owners()
	his := slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(id string) bool { return !is(before[id], owner) })
	if len(his) < 2 || len(before)-len(his) < 10 {
		s.Fatalf("%s: %d messages of his and %d of others are no test", owner, len(his), len(before)-len(his))
	}
	s.ran = nil
	tables := s.tables()
	steps := s.steps(flag)
	for _, step := range steps {
		for _, command := range step.Run {
			s.run(command)
		}
	}
	if flag == "" && s.mayLogin("emil@"+lab.LocalDomain) {
		s.Error("the account may still log in")
	}
	if flag != "--bounces" && s.tables() == tables {
		s.Errorf("%s: nothing was locked", owner)
	}
	touched, left := s.touched(), s.owners()
	spared, others := 0, 0
	for _, id := range his {
		if !touched[id] {
			spared++
		}
	}
	if spared*100 > len(his) {
		s.Errorf("%s: %d of his %d messages are left", owner, spared, len(his))
	}
	for id := range touched {
		switch {
		case is(before[id], owner):
		case is(before[id], also):
			others++
		default:
			s.Errorf("%s: a message of %q was touched: %s", owner, before[id], id)
		}
		if left[id] != "" {
			s.Errorf("%s: %s is still queued", owner, id)
		}
	}
	for _, step := range slices.Backward(steps) {
		for _, command := range step.Undo {
			s.run(command)
		}
	}
	if got := s.tables(); got != tables {
		s.Errorf("%s: undone, the tables are\n%s\nand were\n%s", owner, got, tables)
	}
	if flag == "" && !s.mayLogin("emil@"+lab.LocalDomain) {
		s.Error("undone, the account may not log in")
	}
	s.Logf("%s: %d messages of his and %d bounces deleted, %d of others left; %d commands", owner, len(his), others, len(left), len(s.ran))
}
