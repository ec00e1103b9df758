package main

import "testing"

const inlined = `
groups:
  - name: g
    rules:
      - {record: postfix:threshold:most, expr: vector(0.5)}
      - {record: postfix:plain, expr: 'postfix_a > 0'}
      - {record: postfix:sum, expr: 'sum without (x) (postfix_a{x="}"} offset 1m)'}
      - {record: postfix:two, expr: postfix_a, labels: {family: a}}
      - {record: postfix:two, expr: 'postfix_b{c!="d"}', labels: {family: b}}
      - {record: postfix:of, expr: postfix:plain + postfix:sum}
      - {record: postfix:links, expr: vector(1), labels: {runbooks: https://r.example/, dashboard: https://d.example}}
`

func TestInline(t *testing.T) {
	rules, err := readRules([]byte(inlined))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ expression, want string }{
		{`up == 0`, `up == 0`},
		{`postfix_a >= scalar(postfix:threshold:most)`, `postfix_a >= 0.5`},
		{`postfix:plain`, `(postfix_a > 0)`},
		{`postfix:plain{x="y"} offset 1d`, `(postfix_a{x="y"} offset 1d > 0)`},
		{`postfix:sum offset 2m`, `(sum without (x) (postfix_a{x="}"} offset 180s))`},
		{`postfix:two{family="a"}`, `label_replace(postfix_a, "family", "a", "", "")`},
		{`postfix:two{family!~"a|c"}`, `label_replace(postfix_b{c!="d"}, "family", "b", "", "")`},
		{`postfix:two{x="y",family="b"}`, `label_replace(postfix_b{x="y",c!="d"}, "family", "b", "", "")`},
		{`max(postfix:two)`, `max((label_replace(postfix_a, "family", "a", "", "") or label_replace(postfix_b{c!="d"}, "family", "b", "", "")))`},
		{`postfix:of`, `((postfix_a > 0) + (sum without (x) (postfix_a{x="}"} offset 60s)))`},
		{`increase(postfix:plain[5m] offset 4m)`, `increase((postfix_a > 0)[5m:15s] offset 240s)`},
		{`max_over_time(postfix:plain[1d])`, `((postfix_a > 0) or max_over_time((postfix_a > 0)[1d:10m]))`},
		{`label_replace(up, "m", "postfix:plain", "", "")`, `label_replace(up, "m", "postfix:plain", "", "")`},
	} {
		if got, err := rules.inline(c.expression, 0); err != nil || got != c.want {
			t.Errorf("%s\nis   %s %v\nwant %s", c.expression, got, err, c.want)
		}
	}
	for _, wrong := range []string{
		`postfix:none`, `postfix_a > scalar(postfix:threshold:none)`, `postfix:two{family="z"}`, `postfix:of{x="y"}`, `postfix:plain offset 1h30m`,
	} {
		if got, err := rules.inline(wrong, 0); err == nil {
			t.Errorf("%s is %s", wrong, got)
		}
	}
}

func TestTexts(t *testing.T) {
	rules, err := readRules([]byte(inlined))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ description, want string }{
		{"It is gone. No mail is taken.", "It is gone. No mail is taken."},
		{`{{ printf "%.0f" $value }} lines on {{ $labels.instance }}. See mail.log.`, `{{ printf "%.0f" $values.D.Value }} lines on {{ $labels.instance }}. See mail.log.`},
		{
			`{{ define "n" }}{{ range query . }}a. b{{ end }}{{ end -}} {{ $who := printf "x" -}} Account {{ printf "%q" $labels.sasl_username }}: {{ template "n" "q" }}. First: stop it.`,
			`Account {{ printf "%q" $labels.sasl_username }} on {{ $labels.instance }}. First: stop it.`,
		},
		{`On {{ $labels.instance }} {{ range query "x" }}{{ .Value }}{{ else }}?{{ end }} wait.`, `On {{ $labels.instance }}.`},
	} {
		texts, err := grafanaTexts(rule{Alert: "A", Annotations: map[string]string{"description": c.description}}, rules)
		if err != nil || texts["description"] != c.want || texts["runbook_url"] != "https://r.example/A.md" {
			t.Errorf("%s\nis   %v %v\nwant %s", c.description, texts, err, c.want)
		}
	}
}
