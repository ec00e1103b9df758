package main

import (
	"regexp"
	"strings"
)

var (
	action      = regexp.MustCompile(`(?s)\{\{-?\s*(.*?)\s*-?\}\}`)
	opens       = regexp.MustCompile(`^(if|range|with|define)\b`)
	asks        = regexp.MustCompile(`\b(query|template|first)\b`)
	prints      = regexp.MustCompile(`\$labels\.(\w+)`)
	sentenceEnd = regexp.MustCompile(`\.(\s+|$)`)
)

// grafanaTexts are the rule's annotations for Grafana. Its templates can't query, so
// sentences that do are left out, and the culprit is named by the alert's labels.
func grafanaTexts(r rule, rules *ruleFile) (map[string]string, error) {
	runbooks, err := rules.link("runbooks")
	if err != nil {
		return nil, err
	}
	dashboard, err := rules.link("dashboard")
	if err != nil {
		return nil, err
	}
	if strings.Contains(r.Annotations["dashboard_url"], "var-instance") {
		dashboard += "?var-instance={{ urlquery $labels.instance }}"
	}
	description := r.Annotations["description"]
	kept, whole := plain(description)
	if !whole {
		kept = culprit(r, description) + " " + kept
	}
	return map[string]string{
		"summary":       r.Annotations["summary"],
		"description":   strings.TrimSpace(strings.ReplaceAll(kept, "$value ", "$values.D.Value ")),
		"runbook_url":   runbooks + "/" + r.Alert + ".md",
		"dashboard_url": dashboard,
	}, nil
}

// plain are the sentences that ask no query, and whether the first is among them.
func plain(template string) (kept string, whole bool) {
	var sentence, all strings.Builder
	asking, number := false, 0
	text := func(piece string) {
		for piece != "" {
			end := sentenceEnd.FindStringIndex(piece)
			if end == nil {
				sentence.WriteString(piece)
				return
			}
			sentence.WriteString(piece[:end[1]])
			if !asking {
				all.WriteString(sentence.String())
				whole = whole || number == 0
			}
			number++
			asking = false
			sentence.Reset()
			piece = piece[end[1]:]
		}
	}
	depth, begin, last := 0, 0, 0
	for _, at := range action.FindAllStringSubmatchIndex(template, -1) {
		what := template[at[2]:at[3]]
		if depth == 0 {
			text(template[last:at[0]])
			begin = at[0]
		}
		switch {
		case opens.MatchString(what):
			depth++
		case what == "end":
			depth--
		}
		if depth > 0 {
			continue
		}
		last = at[1]
		block := template[begin:last]
		if strings.Contains(block, "define ") || strings.Contains(block, "$who :=") {
			last += len(template[last:]) - len(strings.TrimLeft(template[last:], " \n"))
			continue
		}
		asking = asking || asks.MatchString(block)
		sentence.WriteString(block)
	}
	text(template[last:])
	if !asking {
		all.WriteString(sentence.String())
	}
	return strings.TrimSpace(all.String()), whole
}

// culprit names who it is about, by the labels that the description prints.
func culprit(r rule, description string) string {
	printed := map[string]bool{}
	for _, m := range prints.FindAllStringSubmatch(description, -1) {
		printed[m[1]] = true
	}
	where := "on {{ $labels.instance }}."
	if r.Labels["instance"] != "" {
		where = "over all servers together."
	}
	for _, who := range []struct{ label, noun string }{
		{"sasl_username", "Account"}, {"user", "Local user"}, {"domain", "Domain"}, {"client", "Network"}, {"service_name", "Service"},
	} {
		if printed[who.label] {
			return who.noun + ` {{ printf "%q" $labels.` + who.label + " }} " + where
		}
	}
	return strings.ToUpper(where[:1]) + where[1:]
}
