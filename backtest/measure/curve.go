package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
)

// account are the thresholds of what an account does, but for shares.
var account = regexp.MustCompile(`(record: postfix:threshold:(?:account_\w+|failed_min), expr: vector\()([0-9]+)\)`)

// scaled gives rules in which each threshold of accounts is a factor times what
// it was.
func scaled(rules []byte, factor float64) []byte {
	return account.ReplaceAllFunc(rules, func(line []byte) []byte {
		parts := account.FindSubmatch(line)
		n, _ := strconv.ParseFloat(string(parts[2]), 64) // digits
		return fmt.Appendf(nil, "%s%g)", parts[1], max(1, factor*n))
	})
}

// curves are entrants whose thresholds are those of rules times a factor.
func curves(rules []byte, factors []float64) (all []entrant) {
	for _, f := range factors {
		all = append(all, entrant{fmt.Sprintf("× %g", f), scaled(rules, f)})
	}
	return all
}

// curve is a table of how the entrants see stolen accounts.
func (s *set) curve(entrants []entrant, total *outcome) table {
	var w bytes.Buffer
	w.WriteString(s.heading(total))
	fmt.Fprintln(&w, "| thresholds of accounts | found | one page | in time | after (median, p95, worst) | gone by then (median, worst) | pages about nothing, a month |")
	fmt.Fprintln(&w, "|---|--:|--:|--:|---|---|--:|")
	for n, e := range entrants {
		fmt.Fprintf(&w, "| %s | %s |\n", e.name, total.scores[n].Accounts())
	}
	return table{"curve", w.String()}
}
