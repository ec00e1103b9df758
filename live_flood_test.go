//go:build live

package main

import (
	"bytes"
	"io"
	"os/exec"
	"syscall"
	"testing"
)

// TestFloodOfMillions replays a flood of a million failed logins with the real
// binary. It holds what TestFlood holds, in little memory.
func TestFloodOfMillions(t *testing.T) {
	f := flood{failures: 1_000_000, senders: 100_000, honest: 10_000}
	honest, _ := f.replay(t, false)
	whole, rss := f.replay(t, true)
	f.holds(t, honest, whole)
	t.Logf("%d MiB, %d series", rss>>20, len(whole))
	if limit := int64(128 << 20); rss > limit && !underRace() {
		t.Errorf("the replay took %d MiB", rss>>20)
	}
}

// replay pipes the log into the exporter; rss is the most memory that it had.
func (f flood) replay(t *testing.T, strangers bool) (all map[string]float64, rss int64) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, "replay", "--log.timezone=UTC")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	in, out := io.Pipe()
	cmd.Stdin = in
	go func() { _ = out.CloseWithError(f.write(out, strangers)) }()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %.500s", err, stderr.String())
	}
	return exposition(t, stdout.String()), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}
