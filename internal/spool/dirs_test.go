package spool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"postfix_exporter/parser"
)

func TestCount(t *testing.T) {
	directory := t.TempDir()
	fillQueue(t, directory, 40)
	for _, name := range []string{
		"maildrop/3F0A1B2C4D5", "incoming/4jY6hS3dgmz1tcWl",
		"active/A/A1B2C3D4E5F", "hold/A/B/C/ABC2C3D4E5F", // hash_queue_names = active, hold; hash_queue_depth up to 3
		"corrupt/7C3D1A2E872",
		// No messages:
		"hold/A/B/C/D/ABCDC3D4E5F", "incoming/123456.789", "incoming/A", "maildrop/notes.txt", "maildrop/.hidden1",
		"maildrop/a b", "maildrop/\xff\xfe\x01id", "maildrop/new\nline", "maildrop/..;rm -rf", "defer/7/762B4A2E872",
	} {
		writeFile(t, filepath.Join(directory, name))
	}
	if err := syscall.Mkfifo(filepath.Join(directory, "maildrop", "F1F0F1F0F1F"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(directory, "maildrop", "D1D2D3D4D5D"), 0o700); err != nil {
		t.Fatal(err)
	}
	// Links to more messages, and to itself, that must not be followed or counted.
	for link, to := range map[string]string{"maildrop/4": "../deferred/0", "maildrop/5": ".", "maildrop/762B4A2E872": "/etc/passwd"} {
		if err := os.Symlink(to, filepath.Join(directory, link)); err != nil {
			t.Fatal(err)
		}
	}

	got, err := NewDirs(directory).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := [parser.NumQueues]int{
		parser.QueueMaildrop: 1, parser.QueueIncoming: 1, parser.QueueActive: 1, parser.QueueDeferred: 40, parser.QueueHold: 1,
		parser.QueueCorrupt: 1,
	}
	if got.Messages != want || got.Known != allKnown() {
		t.Errorf("got  %v %v\nwant %v", got.Messages, got.Known, want)
	}
}

func allKnown() (known [parser.NumQueues]bool) {
	for q := range known {
		known[q] = true
	}
	return known
}

// More names than are read at once.
func TestCountLargeDirectory(t *testing.T) {
	directory := t.TempDir()
	fillQueue(t, directory, 3*namesAtOnce)
	got, err := NewDirs(directory).Count(t.Context())
	if err != nil || got.Messages[parser.QueueDeferred] != 3*namesAtOnce {
		t.Errorf("%v, %v", got, err)
	}
}

func TestCountWithoutQueue(t *testing.T) {
	directory := t.TempDir()
	_, err := NewDirs(filepath.Join(directory, "nowhere")).Count(t.Context())
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "config directory") {
		t.Errorf("no queue directory: %v", err)
	}

	fillQueue(t, directory, 3)
	if err := os.Remove(filepath.Join(directory, "hold")); err != nil {
		t.Fatal(err)
	}
	// A link in the place of a queue is not that queue.
	if err := os.Remove(filepath.Join(directory, "active")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("deferred", filepath.Join(directory, "active")); err != nil {
		t.Fatal(err)
	}
	got, err := NewDirs(directory).Count(t.Context())
	known := allKnown()
	known[parser.QueueHold], known[parser.QueueActive] = false, false
	if err == nil || !strings.Contains(err.Error(), "count queue active") || got.Known != known || got.Messages[parser.QueueDeferred] != 3 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestCountWithoutPermission(t *testing.T) {
	directory := t.TempDir()
	fillQueue(t, directory, 3)
	for q := range parser.Queue(parser.NumQueues) {
		if err := os.Chmod(filepath.Join(directory, q.String()), 0); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(filepath.Join(directory, "deferred"), 0o700) // so that it can be removed
	asNobody(t, func() {
		got, err := NewDirs(directory).Count(t.Context())
		if err != nil || got != (Counts{}) {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestCountStopsAtDeadline(t *testing.T) {
	directory := t.TempDir()
	fillQueue(t, directory, 3)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := NewDirs(directory).Count(ctx)
	if !errors.Is(err, context.Canceled) || got != (Counts{}) {
		t.Errorf("%v, %v", got, err)
	}
}

func BenchmarkCount1000(b *testing.B) {
	directory := b.TempDir()
	fillQueue(b, directory, 1000)
	dirs := NewDirs(directory)
	b.ReportAllocs()
	for b.Loop() {
		if got, err := dirs.Count(b.Context()); err != nil || got.Messages[parser.QueueDeferred] != 1000 {
			b.Fatal(got, err)
		}
	}
}
