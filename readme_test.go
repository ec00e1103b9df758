package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadmeCommands runs the README's examples of parse and replay as written.
func TestReadmeCommands(t *testing.T) {
	ran := 0
	for line := range strings.Lines(readme(t)) {
		words := strings.Fields(line)
		if !strings.HasPrefix(line, "    ./postfix_exporter ") || len(words) < 2 {
			continue
		}
		ran++
		stdout, stderr, err := command(t, "", words[1:]...)
		if err != nil {
			t.Errorf("%s: %v", strings.TrimSpace(line), err)
		}
		if stdout == "" {
			t.Errorf("%s prints nothing; standard error: %s", strings.TrimSpace(line), stderr)
		}
	}
	if ran != 4 {
		t.Errorf("%d commands were run, want 4", ran)
	}
}

// TestReadmeNames looks up each flag, metric and make target that the README names.
func TestReadmeNames(t *testing.T) {
	text := readme(t)
	help := ""
	for _, of := range [][]string{{"--help"}, {"triage", "--help"}} {
		text, _, err := command(t, "", of...)
		if err != nil {
			t.Fatal(err)
		}
		help += text
	}
	for _, flag := range regexp.MustCompile("`--([a-z.-]+)").FindAllStringSubmatch(text, -1) {
		name := strings.TrimPrefix(flag[1], "no-")
		if name != "pid" && name != "help" && !strings.Contains(help, "--"+name) && !strings.Contains(help, "--[no-]"+name) {
			t.Errorf("--%s is no flag", flag[1])
		}
	}
	known := map[string]bool{}
	for _, m := range allMetrics(t) {
		known[m.Name] = true
	}
	for _, metric := range regexp.MustCompile("`((?:postfix|dovecot)_[a-z_]+)").FindAllStringSubmatch(text, -1) {
		if name := metric[1]; name != "postfix_exporter" && !known[name] {
			t.Errorf("%s is no metric", name)
		}
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range regexp.MustCompile("(?m)(?:`|    )make ([a-z-]+)").FindAllStringSubmatch(text, -1) {
		if !strings.Contains(string(makefile), "\n"+target[1]+":") {
			t.Errorf("make %s is no target", target[1])
		}
	}
}
