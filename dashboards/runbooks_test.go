package dashboards

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var headings = []string{"Meaning", "Impact", "Diagnosis", "Mitigation", "False alarms", "When it is over"}

// TestRunbooks: an alert has its runbook, a runbook its alert, and each says the
// same six things in the same order.
func TestRunbooks(t *testing.T) {
	alerts := map[string]bool{}
	for r := range allRules(readRules(t)) {
		if r.Alert != "" {
			alerts[r.Alert] = true
		}
	}
	for alert := range alerts {
		if _, err := os.Stat("runbooks/" + alert + ".md"); err != nil {
			t.Error(err)
		}
	}
	for _, file := range markdown(t, "runbooks/*.md") {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		if name == "README" {
			continue
		}
		if !alerts[name] {
			t.Errorf("%s is of no alert", file)
		}
		text := read(t, file)
		if !strings.HasPrefix(text, "# "+name+"\n") {
			t.Errorf("%s does not begin with its name", file)
		}
		var have []string
		for _, m := range regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(text, -1) {
			have = append(have, m[1])
		}
		if !slices.Equal(have, headings) {
			t.Errorf("%s has the headings %q", file, have)
		}
	}
}

// TestLinks follows every link to a file.
func TestLinks(t *testing.T) {
	linked := map[string]bool{}
	files := append(markdown(t, "runbooks/*.md"), markdown(t, "runbooks/steps/*.md")...)
	for _, file := range append(files, "README.md") {
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(read(t, file), -1) {
			target := filepath.Join(filepath.Dir(file), m[1])
			linked[target] = true
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	for _, step := range markdown(t, "runbooks/steps/*.md") {
		if !linked[step] {
			t.Errorf("no runbook links to %s", step)
		}
	}
}

// TestCommands: each block says whether it can be run as it stands (sh) or only
// on a site like its own (sh site), and uses no variable that the runbooks' README does not explain.
func TestCommands(t *testing.T) {
	known := map[string]bool{"pid": true, "id": true} // of the loops
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\|").FindAllStringSubmatch(read(t, "runbooks/README.md"), -1) {
		known[m[1]] = true
	}
	for _, file := range append(markdown(t, "runbooks/*.md"), markdown(t, "runbooks/steps/*.md")...) {
		blocks := 0
		for _, m := range regexp.MustCompile("(?ms)^ *```([^\n]*)\n(.*?)^ *```").FindAllStringSubmatch(read(t, file), -1) {
			blocks++
			if m[1] != "sh" && m[1] != "sh site" {
				t.Errorf("%s: a block is marked %q", file, m[1])
			}
			if strings.Contains(m[2], "-d ALL") {
				t.Errorf("%s: a command deletes the whole queue", file)
			}
			for _, v := range regexp.MustCompile(`\$\{?([A-Za-z_]+)`).FindAllStringSubmatch(m[2], -1) {
				if !known[v[1]] {
					t.Errorf("%s: $%s is not explained", file, v[1])
				}
			}
		}
		if fences := strings.Count(read(t, file), "```"); fences != 2*blocks {
			t.Errorf("%s: %d fences are no %d blocks", file, fences, blocks)
		}
	}
}

func markdown(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
