//go:build live

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// built builds the demo and the exporter, once for all.
func built(t *testing.T) (demo, exporter string) {
	t.Helper()
	dir := t.TempDir()
	demo, exporter = filepath.Join(dir, "demo"), filepath.Join(dir, "postfix_exporter")
	for binary, source := range map[string]string{demo: ".", exporter: "../.."} {
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, source).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return demo, exporter
}

func TestDemo(t *testing.T) {
	demo, exporter := built(t)
	t.Run("live", func(t *testing.T) {
		said := run(t, nil, demo, "--exporter", exporter, "--for", "40s")
		wants(t, said, `http://127\.0\.0\.1:\d+/metrics`, `THE ATTACK`, `smtp processes +\d\d+ of 100`,
			`LOUDEST.*\n  emil@lab.test +\d\d`, `messages taken .*inbound \d+.*local \d+.*network \d+.*sasl \d+`,
			`\n  refused +[1-9]`, `\n  timeout +[1-9]`, `active +[1-9]`,
			`PAGES  1 +Prometheus: http://127\.0\.0\.1:\d+/alerts\n.*PostfixAccountCompromised`, `"emil@lab\.test" on demo`)
		if strings.Contains(said, "RECORDING") || strings.Contains(said, "conversations with Postfix failed") {
			t.Errorf("it said:\n%s", said)
		}
	})
	t.Run("told to end", func(t *testing.T) {
		for _, after := range []time.Duration{300 * time.Millisecond, 6 * time.Second} { // starting, showing
			run(t, func(p *os.Process) {
				time.Sleep(after)
				_ = p.Signal(syscall.SIGTERM)
			}, demo, "--exporter", exporter)
		}
	})
	t.Run("recorded", func(t *testing.T) {
		said := run(t, nil, demo, "--exporter", exporter, "--recorded", "--recording", "../../testdata/demo/attack.log.gz", "--for", "22s")
		wants(t, said, `This is a RECORDING`, `smtp processes +- of -`, `LOUDEST.*\n  emil@lab.test +\d\d`, `\n  refused +[1-9]`, `sasl \d\d`)
	})
}

// run runs the demo, does something with it, wants it to end well and to leave
// nothing behind, and says what it said.
func run(t *testing.T, during func(*os.Process), binary string, args ...string) string {
	t.Helper()
	tmp, err := os.MkdirTemp("", "demo-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil { // Postfix's users must get through
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if during != nil {
		during(cmd.Process)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %v\n%s", cmd, err, said.String())
	}
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("%v left %v", cmd, left)
	}
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		if line, _ := os.ReadFile(path); bytes.Contains(line, []byte(tmp)) {
			t.Errorf("%v left a process: %q", cmd, line)
		}
	}
	return said.String()
}

// wants looks for each pattern in what was said.
func wants(t *testing.T, said string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(said) {
			t.Errorf("nothing matches %s in:\n%s", pattern, said)
		}
	}
}
