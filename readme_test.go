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
