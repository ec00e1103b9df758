package attacks

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"postfix_exporter/lab/watch"
)

// Result is how a scene went.
type Result struct {
	Scene   Scene
	Found   []Found // in the order of what was wanted
	Pages   int     // notifications of the pager
	Tickets int
	Missed  int      // how often scrapes failed, counted each 10 s
	Faults  []string // what was not as it must be; none is well
}

// Found is a wanted alert that came.
type Found struct {
	Want  Want
	Alert watch.Alert
	At    time.Time
	After time.Duration // from the evidence to the notification; 0 where it came before
}

// How long the alert may take to arrive after its evidence, beyond the rule's own
// wait: a scrape, an evaluation, and Alertmanager's group_wait, which is 2 s for
// pages and 30 s for tickets.
const (
	pageWithin   = 10 * time.Second
	ticketWithin = 40 * time.Second
)

func (w Want) within() time.Duration {
	if w.Page {
		return w.Waits + pageWithin
	}
	return w.Waits + ticketWithin
}

// begins says from when on an alert that came at a time may take so long. Where a
// scrape fails, Prometheus knows nothing for a moment, and a rule that waits begins
// anew: on a machine that is too busy to answer within a second that is nobody's fault.
func (w Want) begins(evident time.Time, missed []time.Time, at time.Time) time.Time {
	for _, m := range missed {
		if w.Waits > 0 && m.After(evident) && m.Before(at) {
			evident = m
		}
	}
	return evident
}

// judge finds what was wanted in the notifications about a scene, and what is wrong.
func judge(s Scene, evident time.Time, missed []time.Time, got []watch.Notification) Result {
	r := Result{Scene: s, Missed: len(missed)}
	wantPages := 0
	for _, n := range got {
		if n.Receiver == "pager" {
			r.Pages++
		} else {
			r.Tickets++
		}
	}
	for _, want := range s.Wants {
		if want.Page {
			wantPages++
		}
		f, ok := find(want, evident, got)
		switch {
		case !ok:
			r.fault("no %s that names %s", want.Alert, want.Culprit)
			continue
		case f.At.Sub(want.begins(evident, missed, f.At)) > want.within():
			r.fault("%s came %.0f s after the evidence, want at most %.0f", want.Alert, f.After.Seconds(), want.within().Seconds())
		}
		r.Found = append(r.Found, f)
	}
	if r.Pages != wantPages {
		r.fault("%d pages, want %d: %s", r.Pages, wantPages, names(got, "pager"))
	}
	if len(s.Wants) == 0 && r.Tickets > s.Tickets {
		r.fault("%d tickets: %s", r.Tickets, names(got, "tickets"))
	}
	return r
}

func (r *Result) fault(format string, args ...any) {
	r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
}

// find gives the first notification of what is wanted.
func find(want Want, evident time.Time, got []watch.Notification) (Found, bool) {
	for _, n := range got {
		if want.Page != (n.Receiver == "pager") {
			continue
		}
		for _, a := range n.Alerts {
			if want.names(a) {
				return Found{want, a, n.At, max(0, n.At.Sub(evident))}, true
			}
		}
	}
	return Found{}, false
}

// names says whether an alert is the wanted one, and names the culprit.
func (w Want) names(a watch.Alert) bool {
	return a.Name() == w.Alert && strings.Contains(a.Text(), w.Culprit)
}

// names lists the alerts that a receiver got.
func names(got []watch.Notification, receiver string) string {
	var all []string
	for _, n := range got {
		for _, a := range n.Alerts {
			if n.Receiver == receiver {
				all = append(all, a.Name())
			}
		}
	}
	return strings.Join(all, ", ")
}

// Table writes results as a table.
func Table(out io.Writer, results []Result) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scene\talert\tculprit\tpages\ttickets\tseconds\tverdict")
	for _, r := range results {
		alert, culprit, seconds := "-", "-", "-"
		if len(r.Found) > 0 {
			alert, culprit, seconds = "", "", ""
		}
		for i, f := range r.Found {
			if i > 0 {
				alert, culprit, seconds = alert+" + ", culprit+" + ", seconds+" + "
			}
			alert += f.Want.Alert
			culprit += f.Want.Culprit
			seconds += fmt.Sprintf("%.1f", f.After.Seconds())
		}
		verdict := "good"
		if len(r.Faults) > 0 {
			verdict = "NOT GOOD: " + strings.Join(r.Faults, "; ")
		}
		if r.Missed > 0 {
			verdict += fmt.Sprintf(" (%d spells of failed scrapes)", r.Missed)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\t%s\n", r.Scene.Name, alert, culprit, r.Pages, r.Tickets, seconds, verdict)
	}
	_ = w.Flush()
}
