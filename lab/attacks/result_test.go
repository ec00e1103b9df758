package attacks

import (
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab/watch"
)

func TestJudge(t *testing.T) {
	evident := time.Date(2026, time.July, 5, 10, 0, 0, 0, time.UTC)
	missed := []time.Time{evident.Add(5 * time.Second), evident.Add(500 * time.Second)} // failed scrapes
	told := func(after time.Duration, receiver, alert, text string) watch.Notification {
		return watch.Notification{At: evident.Add(after), Receiver: receiver, Alerts: []watch.Alert{{
			Labels: map[string]string{"alertname": alert}, Annotations: map[string]string{"description": text},
		}}}
	}
	attack := Scene{Wants: []Want{{Alert: "Stolen", Culprit: "emil@", Page: true}}}
	guess := Scene{Wants: []Want{{Alert: "Guess", Culprit: "192.0.2.0", Waits: time.Minute}}}
	two := Scene{Wants: []Want{attack.Wants[0], {Alert: "Script", Culprit: "www", Page: true}}}
	harmless := Scene{Tickets: 1}
	page, ticket := told(7*time.Second, "pager", "Stolen", "account emil@x"), told(40*time.Second, "tickets", "Queue", "")
	for _, test := range []struct {
		name  string
		scene Scene
		got   []watch.Notification
		fault string // of which there is one; "" for none
	}{
		{"one page", attack, []watch.Notification{page, ticket}, ""},
		{"before the scene said so", attack, []watch.Notification{told(-time.Second, "pager", "Stolen", "emil@x")}, ""},
		{"late", attack, []watch.Notification{told(11*time.Second, "pager", "Stolen", "emil@x")}, "after the evidence"},
		{"twice", attack, []watch.Notification{page, page}, "2 pages, want 1: Stolen, Stolen"},
		{"somebody else", attack, []watch.Notification{told(time.Second, "pager", "Stolen", "anna@x")}, "no Stolen that names emil@"},
		{"only a ticket", guess, []watch.Notification{told(99*time.Second, "tickets", "Guess", "192.0.2.0/24")}, ""},
		{"a late ticket", guess, []watch.Notification{told(111*time.Second, "tickets", "Guess", "192.0.2.0/24")}, "after the evidence"},
		{"late, as scrapes failed", guess, []watch.Notification{told(103*time.Second, "tickets", "Guess", "192.0.2.0/24")}, ""},
		{"a page too much", guess, []watch.Notification{told(0, "tickets", "Guess", "192.0.2.0/24"), page}, "1 pages, want 0: Stolen"},
		{"two attacks", two, []watch.Notification{page, told(0, "pager", "Script", "www-data")}, ""},
		{"nothing", harmless, nil, ""},
		{"a ticket", harmless, []watch.Notification{ticket}, ""},
		{"two tickets", harmless, []watch.Notification{ticket, ticket}, "2 tickets: Queue, Queue"},
		{"a false alarm", harmless, []watch.Notification{page}, "1 pages, want 0: Stolen"},
	} {
		r := judge(test.scene, evident, missed, test.got)
		if test.fault == "" && len(r.Faults) > 0 || test.fault != "" && (len(r.Faults) != 1 || !strings.Contains(r.Faults[0], test.fault)) {
			t.Errorf("%s: %q, want %q", test.name, r.Faults, test.fault)
		}
	}
}

// Scenes play at the same time: rules for the fleet would add up who is in two.
func TestScenesAreApart(t *testing.T) {
	names, culprits := map[string]bool{}, map[string]bool{}
	for _, s := range All() {
		if names[s.Name] || s.Name == "" || s.Proves == "" {
			t.Errorf("%q: its name is not its own, or it does not say what it proves", s.Name)
		}
		names[s.Name] = true
		for _, want := range s.Wants {
			if strings.Contains(want.Culprit, "@") && culprits[want.Culprit] {
				t.Errorf("%s: %s is in another scene too", s.Name, want.Culprit)
			}
			culprits[want.Culprit] = true
		}
	}
}
