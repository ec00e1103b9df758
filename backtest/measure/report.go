package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"postfix_exporter/backtest/score"
)

// table is one in Markdown, and its mark in the document.
type table struct{ mark, text string }

// tables say how good the first entrant is.
func (s *set) tables(entrants []entrant, total *outcome) []table {
	var result, limits bytes.Buffer
	result.WriteString(s.heading(total))
	total.scores[0].WriteTable(&result)
	result.WriteByte('\n')
	writeContest(&result, entrants, total)
	total.thresholds.write(&limits, total.scores[0].Days)
	return []table{{"result", result.String()}, {"thresholds", limits.String()}}
}

// contest compares all entrants.
func (s *set) contest(entrants []entrant, total *outcome) table {
	var w bytes.Buffer
	w.WriteString(s.heading(total))
	writeContest(&w, entrants, total)
	return table{"baselines", w.String()}
}

func writeContest(w io.Writer, entrants []entrant, total *outcome) {
	fmt.Fprintf(w, "| rules | found of what should page | right culprit | pages about nothing, a month |\n|---|--:|--:|--:|\n")
	for n, e := range entrants {
		found, culprit, pages := total.scores[n].Line()
		fmt.Fprintf(w, "| %s | %s | %s | %.1f |\n", e.name, found, culprit, pages)
	}
}

// heading says which logs there were.
func (s *set) heading(total *outcome) string {
	var seeds []uint64
	logs, quiet := 0, ""
	for _, l := range total.logs {
		if l.Rounds == 0 && s.quiet > 0 {
			quiet = fmt.Sprintf("; one of %d accounts without an attack", l.Accounts)
			continue
		}
		logs++
		if !slices.Contains(seeds, l.Seed) {
			seeds = append(seeds, l.Seed)
		}
	}
	return fmt.Sprintf("%d logs of %d days and %d accounts (seeds %s), %d attacks%s; a step of %s.\n\n", logs, s.days, s.accounts,
		strings.Trim(fmt.Sprint(seeds), "[]"), len(total.scores[0].Cases), quiet, s.step)
}

// printDetails lists what went wrong.
func printDetails(w io.Writer, s *score.Score) {
	fmt.Fprintln(w)
	for _, c := range s.Cases {
		if !c.Good() || c.Limited && !c.InTime {
			fmt.Fprintf(w, "seed %d %-14s found %-5t kind %-5t culprit %-5t in time %-5t after %-8s gone %5d of %5d, networks %3d, pages %d, tickets %d\n", c.Seed, c.ID,
				c.Found, c.RightKind, c.RightOne, c.InTime || !c.Limited, c.Delay, c.Gone, c.Recipients, c.Networks, c.Pages, c.Tickets)
		}
	}
	for _, f := range s.False {
		what := "ticket"
		if f.Page {
			what = "PAGE"
		}
		fmt.Fprintf(w, "seed %d false %-6s %s %s %q %s\n", f.Seed, what, f.At.Format("2006-01-02 15:04:05"), f.Alert, f.Culprit, f.LookAlike)
	}
}

// The marks in a document between which the tables stand.
const (
	markBegin = "<!-- make score: %s -->\n"
	markEnd   = "<!-- end -->\n"
)

func replaceBetween(name, mark, text string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	begin := fmt.Sprintf(markBegin, mark)
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, ok2 := strings.Cut(rest, markEnd)
	if !ok || !ok2 {
		return fmt.Errorf("%s: the marks %q and %q are missing", name, begin, markEnd)
	}
	return os.WriteFile(name, []byte(before+begin+text+markEnd+after), 0o644)
}
