package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/watch"
)

var update = flag.Bool("update", false, "write the golden files anew")

func testFigures(t *testing.T) *figures {
	t.Helper()
	text, err := os.Open("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	f, err := readFigures(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestView(t *testing.T) {
	const url = "http://127.0.0.1:9154/metrics"
	story := lab.DemoStory()
	for _, test := range []struct {
		name string
		view view
	}{
		{"starting", view{phase: *quietPhase(story), err: errors.New("connection refused")}},
		{"attack", view{phase: *attackPhase(story), since: 12345 * time.Millisecond, figures: testFigures(t), pager: testPager()}},
		{"unwatched", view{phase: *attackPhase(story), figures: testFigures(t), pager: &pager{missing: errors.New("no prometheus")}}},
		{"recorded", view{phase: *attackPhase(story).asRecorded(errors.New("no root")), figures: testFigures(t)}},
		{"empty", view{phase: *afterPhase(story), figures: mustRead(t, "")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.view.url = url
			got := strings.Join(test.view.lines(), "\n") + "\n"
			golden := "testdata/" + test.name + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s (-update writes it anew):\n%s", golden, got)
			}
		})
	}
}

// testPager was told of two attacks, a ticket, and an account that is no text.
func testPager() *pager {
	p := &pager{}
	p.lookAt("http://127.0.0.1:9090")
	at := time.Date(2026, time.July, 5, 10, 0, 0, 0, time.UTC)
	for i, n := range []struct{ receiver, alert, who string }{
		{"pager", "PostfixFirst", "is not among the last two"},
		{"pager", "PostfixScriptAbuse", "uid 33"},
		{"tickets", "PostfixQueueGrowing", "is no page"},
		{"pager", "PostfixAccountCompromised", "account \x1b[31memil@lab.test, of whom there is a good deal to be said in figures, and what to do first"},
	} {
		p.told(watch.Notification{At: at.Add(time.Duration(i) * time.Second), Receiver: n.receiver, Alerts: []watch.Alert{{
			Labels: map[string]string{"alertname": n.alert}, Annotations: map[string]string{"summary": "Somebody sends spam", "description": n.who},
		}}})
	}
	return p
}

func mustRead(t *testing.T, text string) *figures {
	t.Helper()
	f, err := readFigures(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestReadFiguresRefusesGarbage(t *testing.T) {
	if _, err := readFigures(strings.NewReader("<html>")); err == nil {
		t.Error("no error")
	}
}

// What an account is called must not reach the terminal as an escape.
func TestScreenIsClean(t *testing.T) {
	v := view{phase: *attackPhase(lab.DemoStory()), figures: testFigures(t), pager: testPager()}
	var out bytes.Buffer
	s := screen{out: &out}
	s.draw(v)
	if strings.ContainsRune(out.String(), '\x1b') {
		t.Errorf("an escape outside a terminal:\n%q", out.String())
	}
	if len(strings.Split(out.String(), "\n")) > 34 {
		t.Errorf("too long for a screen:\n%s", out.String())
	}

	out.Reset()
	s.terminal = true
	s.draw(v)
	s.close()
	if got := out.String(); !strings.HasPrefix(got, "\x1b[?25l\x1b[H") || strings.Contains(got, "\x1b[31m") || !strings.HasSuffix(got, "\x1b[?25h") {
		t.Errorf("on a terminal:\n%q", got)
	}
}

// Without a terminal, only figures are worth a block.
func TestScreenWaitsForFigures(t *testing.T) {
	var out bytes.Buffer
	s := screen{out: &out}
	s.draw(view{err: errors.New("connection refused")})
	if out.Len() > 0 {
		t.Errorf("said %q", out.String())
	}
}
