package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// TestAllocations: once its tables are warm, the ledger makes at most one
// allocation for 20 lines, of a flood as of an ordinary day.
func TestAllocations(t *testing.T) {
	var strange bytes.Buffer
	if err := (flood{failures: 40_000, senders: 4000, honest: 4000}).write(&strange, true); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "mail.log")
	writeLongLog(t, name, 16<<20)
	ordinary, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for name, log := range map[string][]byte{"ordinary": ordinary, "flood": strange.Bytes()} {
		book, err := ledger.New(ledger.Config{})
		if err != nil {
			t.Fatal(err)
		}
		source := book.NewSource("mail.log", parser.New(parser.Options{Reference: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Location: time.UTC}))
		half := bytes.IndexByte(log[len(log)/2:], '\n') + len(log)/2 + 1
		book.Fold(source, log[:half])
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		book.Fold(source, log[half:])
		runtime.ReadMemStats(&after)
		lines := bytes.Count(log[half:], []byte("\n"))
		if each := float64(after.Mallocs-before.Mallocs) / float64(lines); each > 0.05 {
			t.Errorf("%s: %.3f allocations a line", name, each)
		} else {
			t.Logf("%s: %.4f allocations a line", name, each)
		}
	}
}
