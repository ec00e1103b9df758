package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadme: the README tells the figures of docs/tuning.md.
func TestReadme(t *testing.T) {
	tables, readme := read(t, "../../docs/tuning.md"), read(t, "../../README.md")
	for _, row := range []struct{ cells, sentence string }{
		{`\| \*\*all\*\* \| (\d+) \| (\d+ %) \| (\d+ %) \| (\d+ %) \| (\d+ %) \|`, "Of $1 made attacks in logs that the rules were not tuned with $2 were told, of these $3 by their name and $4 with the right culprit"},
		{`\| \*\*all\*\* \| \d+ \| \d+ % \| \d+ % \| \d+ % \| (\d+ %) \|`, "$1 of those that page by exactly one page"},
		{`\| burst \|.*?\| (\d+ s), `, "bursts after $1 (median)"},
		{`\| these rules \| \d+ % \| \d+ % \| ([\d.]+) \|`, "Pages about nothing: $1 a month"},
	} {
		match := regexp.MustCompile(row.cells).FindStringSubmatchIndex(tables)
		if match == nil {
			t.Errorf("docs/tuning.md has no row %s", row.cells)
			continue
		}
		want := string(regexp.MustCompile(row.cells).ExpandString(nil, row.sentence, tables, match))
		if !strings.Contains(strings.Join(strings.Fields(readme), " "), want) {
			t.Errorf("README.md does not say %q", want)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
