//go:build live

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStateOnAFullDisk fills the file system that the state is on, makes it
// read-only, and mends it again. The exporter runs on all the while, says what is
// wrong once, and saves as soon as it can.
func TestStateOnAFullDisk(t *testing.T) {
	config, log := instanceDir(t, "")
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	flags := []string{"--postfix.config-directory=" + config, "--state.file=" + filepath.Join(disk, "lib", "state"), "--log.timezone=UTC"}
	appendLog(t, log, someMail)
	e := launch(t, nil, flags...)
	saves := func(more float64) (now float64) {
		t.Helper()
		before := e.scrape(t, 5*time.Second).sum("postfix_state_saves_total")
		appendLog(t, log, goodLine)
		within(t, 20*time.Second, func() string {
			if now = e.scrape(t, 5*time.Second).sum("postfix_state_saves_total"); now < before+more {
				return "it is not saved"
			}
			return ""
		})
		return now
	}
	fails := func(more float64) {
		t.Helper()
		before := e.scrape(t, 5*time.Second).sum("postfix_state_save_failures_total")
		appendLog(t, log, goodLine)
		within(t, 20*time.Second, func() string {
			if e.scrape(t, 5*time.Second).sum("postfix_state_save_failures_total") < before+more {
				return "it does not fail"
			}
			return ""
		})
	}
	saves(1)

	filler := filepath.Join(disk, "filler")
	_ = os.WriteFile(filler, make([]byte, 1<<20), 0o600) // as much as there is room for
	fails(2)                                             // it tries again
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	saves(1)

	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=1m"); err != nil {
		t.Fatal(err)
	}
	fails(1)
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=1m"); err != nil {
		t.Fatal(err)
	}
	saves(1)
	if n := strings.Count(e.stderr.String(), "the state can't be saved"); n != 2 {
		t.Errorf("said %d times, want once for each trouble", n)
	}
	if left, _ := filepath.Glob(filepath.Join(disk, "lib", "*")); len(left) != 2 {
		t.Errorf("files left: %q", left)
	}

	// What it counted meanwhile is there after a kill -9, on a disk that is full again.
	_ = e.cmd.Process.Kill()
	<-e.ended
	_ = os.WriteFile(filler, make([]byte, 1<<20), 0o600)
	e = launch(t, nil, flags...)
	within(t, 20*time.Second, func() string {
		return e.scrape(t, 5*time.Second).differences(samples{
			`postfix_messages_total{origin="sasl"}`:               1,
			`postfix_smtpd_connects_total{syslog_name="postfix"}`: 6,
		})
	})
}
