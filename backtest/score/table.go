package score

import (
	"fmt"
	"io"
	"slices"
	"time"

	"postfix_exporter/lab/traffic"
)

// WriteTable writes a Markdown table with a row for each kind of attack and one
// for all.
func (s *Score) WriteTable(w io.Writer) {
	fmt.Fprintln(w, "| attack | n | found | right kind | right culprit | one page | in time | after (median, p95, worst) | gone by then (median, worst) |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|--:|---|---|")
	for _, kind := range traffic.Kinds() {
		of := slices.DeleteFunc(slices.Clone(s.Cases), func(c Case) bool { return c.Kind != kind })
		if len(of) > 0 {
			writeRow(w, kind, of)
		}
	}
	writeRow(w, "**all**", s.Cases)
}

func writeRow(w io.Writer, name string, all []Case) {
	f := figuresOf(all)
	fmt.Fprintf(w, "| %s | %d | %s | %s | %s | %s | %s | %s | %s |\n", name, len(all), percent(f.found, len(all)), percent(f.kind, f.found),
		percent(f.culprit, f.named), percent(f.onePage, f.paging), percent(f.inTime, f.limited), f.after(), f.gone())
}

// Accounts gives the cells of a row for all stolen accounts: found, one page, in
// time, after, gone, and pages about nothing in a month.
func (s *Score) Accounts() string {
	all := slices.DeleteFunc(slices.Clone(s.Cases), func(c Case) bool { return kindOf(c.Kind).culprit != "sasl_username" })
	f := figuresOf(all)
	pages, _ := s.Summary()
	return fmt.Sprintf("%s | %s | %s | %s | %s | %.1f", percent(f.found, len(all)), percent(f.onePage, f.paging), percent(f.inTime, f.limited),
		f.after(), f.gone(), pages)
}

// figures sum up some attacks.
type figures struct {
	found, kind, named, culprit, paging, onePage, limited, inTime int

	delays []time.Duration // of those that were found, sorted
	sent   []int64
}

func figuresOf(all []Case) (f figures) {
	for _, c := range all {
		pages := kindOf(c.Kind).pages
		f.paging += count(pages)
		f.limited += count(c.Limited)
		f.inTime += count(c.InTime)
		if !c.Found {
			continue
		}
		f.found++
		f.kind += count(c.RightKind)
		f.named += count(c.Names)
		f.culprit += count(c.Names && c.RightOne)
		f.onePage += count(pages && c.Pages == 1)
		f.delays, f.sent = append(f.delays, c.Delay), append(f.sent, c.Gone)
	}
	slices.Sort(f.delays)
	slices.Sort(f.sent)
	return f
}

func (f *figures) after() string {
	if f.found == 0 {
		return ""
	}
	return span(at(f.delays, 0.5)) + ", " + span(at(f.delays, 0.95)) + ", " + span(at(f.delays, 1))
}

func (f *figures) gone() string {
	if f.found == 0 {
		return ""
	}
	return fmt.Sprintf("%d, %d", at(f.sent, 0.5), at(f.sent, 1))
}

// Summary gives pages and tickets about nothing, in a month of one server.
func (s *Score) Summary() (pages, tickets float64) {
	for _, f := range s.False {
		if f.Page {
			pages++
		} else {
			tickets++
		}
	}
	return pages / s.Days * 30, tickets / s.Days * 30
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(of))
}

// at gives the value that a share of all are not above.
func at[T any](sorted []T, share float64) T {
	return sorted[max(0, int(share*float64(len(sorted))+0.999999)-1)]
}

func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// Line gives the attacks that were found of those that should page, how many of
// the culprits were right, and how many pages a server's month has about nothing.
func (s *Score) Line() (found, right string, pages float64) {
	var all, foundN, rightN, named int
	for _, c := range s.Cases {
		if !kindOf(c.Kind).pages {
			continue
		}
		all++
		foundN += count(c.Found)
		named += count(c.Found && c.Names)
		rightN += count(c.Found && c.Names && c.RightOne)
	}
	pages, _ = s.Summary()
	return percent(foundN, all), percent(rightN, named), pages
}

// Good says that all is as it should be.
func (c *Case) Good() bool {
	return c.Found && c.RightKind && (c.RightOne || !c.Names) && (c.Pages == 1 || !kindOf(c.Kind).pages)
}
