package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"postfix_exporter/backtest/score"
)

// write tells the tale in text.
func (t *tale) write(w io.Writer) {
	days := t.to.Sub(t.from).Hours() / 24
	fmt.Fprintf(w, "%s to %s, %.1f days.\n", t.from.Format(time.DateTime), t.to.Format(time.DateTime), days)
	if t.stopped {
		fmt.Fprintln(w, "Stopped before the end of the log.")
	}
	fmt.Fprintf(w, "%d alerts are left out: they watch the exporter, not the log. Those on queue and processes can't fire: a log has neither.\n", t.leftOut)
	pages, tickets := t.split()
	writeEvents(w, "PAGES", pages, days)
	writeEvents(w, "TICKETS", tickets, days)
	t.writeTimeline(w)
	t.writeNear(w)
	if t.truth != nil {
		t.writeScore(w)
	}
}

func writeEvents(w io.Writer, title string, all []event, days float64) {
	fmt.Fprintf(w, "\n%s: %d, %.1f a week\n", title, len(all), float64(len(all))/max(days, 1)*7)
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(w, "  %-19s  %-28s %-36s %s\n", "when", "alert", "who", "recipients in 5 min, 1 h, 24 h")
	for _, e := range all {
		fmt.Fprintf(w, "  %s  %-28s %-36s", e.At.Format(time.DateTime), e.Alert, plain(e.Who))
		if e.Windows[0] >= 0 {
			fmt.Fprintf(w, " %5.0f %6.0f %6.0f", e.Windows[0], e.Windows[1], e.Windows[2])
		}
		fmt.Fprintln(w)
	}
}

// writeTimeline draws a row a day with a mark for each hour.
func (t *tale) writeTimeline(w io.Writer) {
	marks := map[string][]byte{}
	for _, e := range t.events {
		day := e.At.Format(time.DateOnly)
		if marks[day] == nil {
			marks[day] = []byte(strings.Repeat(".", 24))
		}
		switch hour := e.At.Hour(); {
		case e.isPage():
			marks[day][hour] = 'P'
		case marks[day][hour] == '.':
			marks[day][hour] = 't'
		}
	}
	fmt.Fprintf(w, "\nTIMELINE, an hour a sign (UTC): P page, t ticket\n")
	for day := t.from.Truncate(24 * time.Hour); !day.After(t.to); day = day.Add(24 * time.Hour) {
		row := string(marks[day.Format(time.DateOnly)])
		if row == "" {
			row = strings.Repeat(".", 24)
		}
		fmt.Fprintf(w, "  %s  %s %s %s %s\n", day.Format("Mon 2006-01-02"), row[:6], row[6:12], row[12:18], row[18:])
	}
}

const nearRows = 15

func (t *tale) writeNear(w io.Writer) {
	fmt.Fprintf(w, "\nNEAREST TO A THRESHOLD, of those in no page or ticket\n")
	fmt.Fprintf(w, "  %-36s %-24s %14s\n", "who", "threshold", "peak")
	for i, n := range t.quiet() {
		if i == nearRows {
			break
		}
		fmt.Fprintf(w, "  %-36s %-24s %6.0f of %5.0f  %s\n", plain(n.Name()), n.Threshold, n.Value, n.Limit, n.At.Format(time.DateTime))
	}
}

func (t *tale) writeScore(w io.Writer) {
	s := score.Of(t.truth, t.told)
	fmt.Fprintf(w, "\nSCORE\n\n")
	s.WriteTable(w)
	pages, tickets := s.Summary()
	fmt.Fprintf(w, "\nIn a server's month, about nothing: %.1f pages, %.1f tickets.\n\n", pages, tickets)
	for _, c := range s.Cases {
		fmt.Fprintf(w, "  %-14s found %-5t kind %-5t culprit %-5t after %-10s gone %5d of %5d, networks %3d, pages %d, tickets %d\n", c.ID, c.Found, c.RightKind,
			c.RightOne, c.Delay.Round(time.Second), c.Gone, c.Recipients, c.Networks, c.Pages, c.Tickets)
	}
	for _, f := range s.False {
		what := "ticket"
		if f.Page {
			what = "PAGE"
		}
		fmt.Fprintf(w, "  false %-6s %s %s %s %s\n", what, f.At.Format(time.DateTime), f.Alert, plain(f.Culprit), f.LookAlike)
	}
}

// plain shows a name that the log gave, without what a terminal obeys.
func plain(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}
