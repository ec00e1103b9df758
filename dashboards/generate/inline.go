package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Grafana's own rules can't record. So what an alert reads of a recording rule
// is put in its place: the rule's expression, with the labels that it adds. An
// offset moves on to every selector in it, and a range makes it a subquery.
//
// The rules are read by the few shapes that they use, and not by a parser of
// PromQL: what comes out is read by promtool, and compared with the source over
// all its tests.

// A recorded series, or one of the exporter's, as it stands in an expression: name,
// matchers, range, offset. Strings are found too, as names in them are none.
var reads = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|` +
	`\b(up|(?:postfix|dovecot)[_:][\w:]+)` +
	`(\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?` +
	`(?:\[(\w+)\])?` +
	`(?:\s+offset\s+(\w+))?`)

var (
	readsThreshold = regexp.MustCompile(`\bscalar\(postfix:threshold:(\w+)\)`)
	// Hours are looked back over in long steps, so the last one may be a while ago.
	readsHours   = regexp.MustCompile(`\bmax_over_time\((postfix:\w+(?:\{[^}]*\})?)\[(\d+[hd])\]\)`)
	readsMatcher = regexp.MustCompile(`(\w+)(=~|!~|!=|=)("(?:[^"\\]|\\.)*")`)
)

// inline is an expression of the rules without what they record, as it was that
// long ago.
func (f *ruleFile) inline(expression string, ago time.Duration) (string, error) {
	var failure error
	fail := func(err error) string {
		failure = err
		return ""
	}
	expression = readsThreshold.ReplaceAllStringFunc(expression, func(found string) string {
		number, err := f.threshold(readsThreshold.FindStringSubmatch(found)[1])
		if err != nil {
			return fail(err)
		}
		return number
	})
	expression = readsHours.ReplaceAllString(expression, "($1 or max_over_time($1[$2]))")
	expression = reads.ReplaceAllStringFunc(expression, func(found string) string {
		if strings.HasPrefix(found, `"`) {
			return found
		}
		parts := reads.FindStringSubmatch(found)
		name, matchers, span := parts[1], parts[2], parts[3]
		offset, err := duration(parts[4])
		if err != nil {
			return fail(err)
		}
		offset += ago
		if !strings.Contains(name, ":") {
			return name + matchers + inBrackets(span) + offsetBy(offset)
		}
		if span == "" {
			recorded, err := f.recorded(name, matchers, offset)
			if err != nil {
				return fail(err)
			}
			return recorded
		}
		recorded, err := f.recorded(name, matchers, 0)
		if err != nil {
			return fail(err)
		}
		step, err := stepOf(span)
		if err != nil {
			return fail(err)
		}
		return recorded + inBrackets(span+":"+step) + offsetBy(offset)
	})
	return expression, failure
}

// recorded is what the recording rules of that name hold, as one operand.
func (f *ruleFile) recorded(name, matchers string, ago time.Duration) (string, error) {
	var alternatives []string
	known := false
	for r := range f.records(name) {
		known = true
		rest, meant, err := r.match(matchers)
		if err != nil {
			return "", err
		}
		if !meant {
			continue
		}
		expression, err := f.inline(strings.TrimSpace(r.Expr), ago)
		if err != nil {
			return "", err
		}
		if rest != "" {
			if expression, err = narrow(expression, rest); err != nil {
				return "", fmt.Errorf("%s%s: %w", name, matchers, err)
			}
		}
		for label, value := range sorted(r.Labels) {
			expression = fmt.Sprintf("label_replace(%s, %q, %q, \"\", \"\")", expression, label, value)
		}
		alternatives = append(alternatives, expression)
	}
	if !known {
		return "", fmt.Errorf("nothing records %s", name)
	}
	if len(alternatives) == 0 {
		return "", fmt.Errorf("nothing records %s%s", name, matchers)
	}
	if len(alternatives) == 1 && strings.HasPrefix(alternatives[0], "label_replace(") {
		return alternatives[0], nil
	}
	return "(" + strings.Join(alternatives, " or ") + ")", nil
}

// match tells whether the labels that the rule adds fit the matchers, and which of
// these are about other labels.
func (r rule) match(matchers string) (rest string, meant bool, err error) {
	var others []string
	for _, m := range readsMatcher.FindAllStringSubmatch(matchers, -1) {
		have, added := r.Labels[m[1]]
		if !added {
			others = append(others, m[0])
			continue
		}
		want, err := strconv.Unquote(m[3])
		if err != nil {
			return "", false, err
		}
		fits := have == want
		if strings.HasSuffix(m[2], "~") {
			fits = slices.Contains(strings.Split(want, "|"), have)
		}
		if fits == strings.HasPrefix(m[2], "!") {
			return "", false, nil
		}
	}
	return strings.Join(others, ","), true, nil
}

// narrow puts matchers to the only selector of an expression.
func narrow(expression, matchers string) (string, error) {
	var selectors [][]int
	for _, at := range reads.FindAllStringSubmatchIndex(expression, -1) {
		if at[2] >= 0 {
			selectors = append(selectors, at)
		}
	}
	if len(selectors) != 1 {
		return "", fmt.Errorf("%d selectors, of which none can take %s alone", len(selectors), matchers)
	}
	nameEnd, openBrace := selectors[0][3], selectors[0][4]
	if openBrace < 0 {
		return expression[:nameEnd] + "{" + matchers + "}" + expression[nameEnd:], nil
	}
	return expression[:openBrace+1] + matchers + "," + expression[openBrace+1:], nil
}

// stepOf is how often a subquery looks: as often as Prometheus would evaluate the
// recording rule, and more seldom where it looks far back, as each look costs. What is
// looked for lasts as long as the exporter's window of 5 minutes, and the attack.
func stepOf(span string) (string, error) {
	d, err := duration(span)
	switch {
	case d < time.Hour:
		return "15s", err
	case d < 24*time.Hour:
		return "5m", err
	}
	return "10m", err
}

func inBrackets(span string) string {
	if span == "" {
		return ""
	}
	return "[" + span + "]"
}

func offsetBy(d time.Duration) string {
	if d == 0 {
		return ""
	}
	if day := 24 * time.Hour; d%day == 0 {
		return fmt.Sprintf(" offset %dd", d/day)
	}
	return fmt.Sprintf(" offset %ds", d/time.Second)
}

// duration reads Prometheus's durations of one unit; none is 0.
func duration(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	const day = 24 * time.Hour
	unit, known := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day}[text[len(text)-1]]
	count, err := strconv.Atoi(text[:len(text)-1])
	if !known || err != nil {
		return 0, fmt.Errorf("%q is no duration of one unit", text)
	}
	return time.Duration(count) * unit, nil
}
