package main

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
)

// view is what the screen shows at one moment.
type view struct {
	phase   phase
	pager   *pager // nil where nobody is on call
	url     string
	since   time.Duration
	figures *figures // nil before the first
	err     error    // why there are none now
}

const (
	accountRows = 5
	failureRows = 5
)

// lines are at most 26, of about 100 columns, and pages below.
func (v view) lines() []string {
	lines := []string{
		fmt.Sprintf("%s   %s   Ctrl-C ends it", v.url, v.since.Truncate(time.Second)),
		v.phase.now,
		v.phase.look,
		"",
	}
	if v.phase.recorded != nil {
		lines[3] = fmt.Sprintf("This is a RECORDING, without queue and processes: %v.", v.phase.recorded)
		lines = append(lines, "")
	}
	if v.figures == nil {
		return append(lines, fmt.Sprintf("No figures yet: %v", v.err))
	}
	f := v.figures
	lines = append(lines, f.queueLines(v.phase.recorded != nil)...)
	lines = append(lines, "", f.processLine(v.phase.recorded != nil), "messages taken  "+list(f.origins), "")
	lines = append(lines, f.accountLines()...)
	lines = append(lines, "")
	lines = append(lines, f.failureLines()...)
	if v.pager != nil {
		lines = append(append(lines, ""), v.pager.lines()...)
	}
	return lines
}

func (f *figures) queueLines(recorded bool) []string {
	lines := []string{fmt.Sprintf("%-26s %9s %16s   %s", "QUEUE", "messages", "MAILER-DAEMON", "others")}
	for _, q := range f.queues {
		row := queueRow{messages: math.NaN()}
		if !recorded {
			row = q
		}
		bounces, others := row.byOrigin()
		lines = append(lines, fmt.Sprintf("  %-24s %9s %16s   %s", q.name, number(row.messages), bounces, others))
	}
	return lines
}

// byOrigin is how many of the queue are our own bounces, with their share, and
// what the others are.
func (q queueRow) byOrigin() (bounces, others string) {
	var all, null float64
	var rest []originRow
	for _, o := range q.origins {
		all += o.messages
		if o.name == "bounce" {
			null = o.messages
		} else {
			rest = append(rest, o)
		}
	}
	switch {
	case len(q.origins) == 0:
		return "-", "-"
	case all == 0:
		return "0", ""
	}
	return fmt.Sprintf("%s (%.0f %%)", number(null), 100*null/all), list(rest)
}

func (f *figures) processLine(recorded bool) string {
	running, limit := f.processes, f.limit
	if recorded {
		running, limit = math.NaN(), math.NaN()
	}
	const width = 40
	filled := 0
	if limit > 0 && running > 0 {
		filled = min(width, int(running/limit*width))
	}
	return fmt.Sprintf("smtp processes  %4s of %-4s [%s%s]", number(running), number(limit),
		strings.Repeat("#", filled), strings.Repeat(".", width-filled))
}

// list names the origins that have any.
func list(origins []originRow) string {
	var parts []string
	for _, o := range origins {
		if o.messages > 0 {
			parts = append(parts, clean(o.name)+" "+number(o.messages))
		}
	}
	return strings.Join(parts, ", ")
}

func (f *figures) accountLines() []string {
	lines := []string{fmt.Sprintf("%-26s %9s %11s %9s %9s %9s", "LOUDEST ACCOUNTS", "messages", "recipients", "sent", "deferred", "bounced")}
	for _, a := range f.accounts[:min(accountRows, len(f.accounts))] {
		lines = append(lines, fmt.Sprintf("  %-24s %9s %11s %9s %9s %9s", clean(a.name),
			number(a.messages), number(a.recipients), number(a.sent), number(a.deferred), number(a.bounced)))
	}
	return lines
}

func (f *figures) failureLines() []string {
	lines := []string{fmt.Sprintf("%-26s %9s %9s", "WHY DELIVERIES FAIL", "deferred", "bounced")}
	for _, r := range f.failures[:min(failureRows, len(f.failures))] {
		lines = append(lines, fmt.Sprintf("  %-24s %9s %9s", clean(r.reason), number(r.deferred), number(r.bounced)))
	}
	return lines
}

func number(n float64) string {
	if math.IsNaN(n) {
		return "-"
	}
	return fmt.Sprintf("%.0f", n)
}

// clean makes a label's value fit for a terminal: short, and printable.
func clean(text string) string {
	const limit = 24
	runes := []rune(strings.ToValidUTF8(text, "?"))
	if len(runes) > limit {
		runes = append(runes[:limit-3], '.', '.', '.')
	}
	return printable(string(runes))
}

// printable has a mark in place of what is no text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
