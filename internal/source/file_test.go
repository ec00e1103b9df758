package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// follower is a File of which a test takes each look itself.
type follower struct {
	*File
	t      *testing.T
	path   string
	got    strings.Builder
	during func() // called once, while the next block is handled
}

func newFollower(t *testing.T) *follower {
	f := &follower{t: t, path: filepath.Join(t.TempDir(), "mail.log")}
	f.File = NewFile(FileConfig{Path: f.path, LineLimit: 100}, func(block []byte) {
		f.got.Write(block)
		if during := f.during; during != nil {
			f.during = nil
			during()
		}
	})
	t.Cleanup(f.close)
	return f
}

// look polls once and wants no error.
func (f *follower) look() {
	f.t.Helper()
	if err := f.poll(f.t.Context()); err != nil {
		f.t.Errorf("poll: %v", err)
	}
}

// want says what has been handed on since the last want.
func (f *follower) want(want string) {
	f.t.Helper()
	if got := f.got.String(); got != want {
		f.t.Errorf("got %.200q, want %.200q", got, want)
	}
	f.got.Reset()
}

// write adds text to the file at path, which it makes where there is none.
func write(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}

func (f *follower) isCaughtUp() bool {
	select {
	case <-f.CaughtUp():
		return true
	default:
		return false
	}
}

func TestFilePartialLine(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "one\ntw")
	f.look()
	f.want("one\n")
	f.look()
	write(t, f.path, "o\nthree\n")
	f.look()
	f.want("two\nthree\n")
}

func TestFileRename(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n")
	f.look()
	f.want("1\n")
	write(t, f.path, "2\n")
	must(t, os.Rename(f.path, f.path+".1"))
	f.during = func() {
		// Block 2 is in hand: the logger still writes to the old file, and then opens the new one.
		write(t, f.path+".1", "3\n")
		write(t, f.path, "4\n")
	}
	f.look()
	f.want("2\n3\n4\n")
	write(t, f.path, "5\n")
	f.look()
	f.want("5\n")
}

// The logger writes to the old file after the end was seen and before the new
// file has anything in it.
func TestFileRenameLateLogger(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n")
	f.look()
	must(t, os.Rename(f.path, f.path+".1"))
	write(t, f.path, "")
	f.look()
	write(t, f.path+".1", "2\n")
	f.look()
	f.want("1\n2\n")
	write(t, f.path+".1", "3, cut by a crash")
	write(t, f.path, "4\n")
	f.look()
	f.want("3, cut by a crash\n4\n")
}

// Numbered lines, some of them in two writes, across many rotations.
func TestFileNumberedLines(t *testing.T) {
	f := newFollower(t)
	open := openFiles(t)
	want := ""
	for i := range 2000 {
		line := fmt.Sprintf("line %d\n", i)
		want += line
		write(t, f.path, line[:i%len(line)])
		if i%7 == 0 {
			f.look()
		}
		write(t, f.path, line[i%len(line):])
		if i%50 == 49 {
			f.look()
			write(t, f.path, fmt.Sprintf("last of %d\n", i))
			want += fmt.Sprintf("last of %d\n", i)
			must(t, os.Rename(f.path, f.path+".1"))
		}
	}
	write(t, f.path, "end\n")
	f.look()
	f.want(want + "end\n")
	if got := openFiles(t) - open; got != 1 {
		t.Errorf("%d files are open, want 1", got)
	}
}

func TestFileTruncation(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n2\npart")
	f.look()
	must(t, os.Truncate(f.path, 0))
	f.look()
	write(t, f.path, "3\n")
	f.look()
	f.want("1\n2\npart\n3\n")
	must(t, os.Truncate(f.path, 0))
	write(t, f.path, "4")
	f.look()
	write(t, f.path, "\n")
	f.look()
	f.want("4\n")
}

func TestFileLateCreation(t *testing.T) {
	f := newFollower(t)
	f.config.Path = filepath.Join(filepath.Dir(f.path), "no", "such", "mail.log")
	if err := f.poll(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("poll without a file: %v", err)
	}
	if !f.isCaughtUp() {
		t.Error("not caught up although there is nothing to read")
	}
	must(t, os.MkdirAll(filepath.Dir(f.config.Path), 0o700))
	write(t, f.config.Path, "1\n")
	f.look()
	f.want("1\n")
}

func TestFileDeletion(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n")
	f.look()
	logger, err := os.OpenFile(f.path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	defer logger.Close()
	must(t, os.Remove(f.path))
	for _, line := range []string{"2\n", "3\n"} {
		_, err = logger.WriteString(line)
		must(t, err)
		if err := f.poll(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("poll of a deleted file: %v", err)
		}
	}
	write(t, f.path, "4\n")
	f.look()
	f.want("1\n2\n3\n4\n")
}

func TestFileSymlink(t *testing.T) {
	f := newFollower(t)
	first, second := f.path+".first", f.path+".second"
	write(t, first, "1\n")
	write(t, second, "2\n")
	must(t, os.Symlink(first, f.path))
	f.look()
	f.want("1\n")
	must(t, os.Remove(f.path))
	must(t, os.Symlink(second, f.path))
	f.look()
	f.want("2\n")
}

func TestFileLongLine(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n"+strings.Repeat("x", 1<<20))
	f.look()
	f.want("1\n" + strings.Repeat("x", 100) + "\n")
	write(t, f.path, "still the same line\n2\n")
	f.look()
	f.want("2\n")
	if f.Truncated() != 1 {
		t.Errorf("%d truncated, want 1", f.Truncated())
	}
}

// A binary file is many lines that say nothing: every byte of those within the
// limit is handed on.
func TestFileBinary(t *testing.T) {
	f := newFollower(t)
	text := ""
	for i := range 20_000 {
		text += string([]byte{byte(i), byte(i * 7 >> 3), 0xff})
	}
	write(t, f.path, text+"\n")
	f.look()
	want, long := "", uint64(0)
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > 100 {
			line = line[:100]
			long++
		}
		want += line + "\n"
	}
	f.want(want)
	if f.Truncated() != long {
		t.Errorf("%d truncated, want %d", f.Truncated(), long)
	}
}

func TestFileNotRegular(t *testing.T) {
	for name, make := range map[string]func(path string) error{
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"FIFO":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		f := newFollower(t)
		must(t, make(f.path))
		if err := f.poll(t.Context()); !errors.Is(err, errNotRegular) {
			t.Errorf("%s: poll gave %v", name, err)
		}
		must(t, os.Remove(f.path))
		write(t, f.path, "1\n")
		f.look()
		f.want("1\n")
	}
}

// While the new file can't be read, the old one still is.
func TestFileSuccessorNotRegular(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n")
	f.look()
	must(t, os.Rename(f.path, f.path+".1"))
	must(t, os.Mkdir(f.path, 0o700))
	write(t, f.path+".1", "2\n")
	if err := f.poll(t.Context()); !errors.Is(err, errNotRegular) {
		t.Errorf("poll gave %v", err)
	}
	f.want("1\n2\n")
}

func TestFileCaughtUpAndLag(t *testing.T) {
	f := newFollower(t)
	line := strings.Repeat("x", 99) + "\n"
	write(t, f.path, strings.Repeat(line, 3*(len(f.lines.buf)/len(line))))
	var lags []int64
	f.lines.handle = func([]byte) {
		if f.isCaughtUp() {
			t.Errorf("caught up before block %d of 3", len(lags))
		}
		lags = append(lags, f.Lag())
	}
	f.look()
	if !f.isCaughtUp() || f.Lag() != 0 || len(lags) != 3 {
		t.Errorf("at the end: caught up %t, lag %d, lags %v", f.isCaughtUp(), f.Lag(), lags)
	}
	for i := range lags[1:] {
		if lags[i+1] >= lags[i] {
			t.Errorf("lag does not shrink: %v", lags)
		}
	}
}

func TestFileRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "mail.log")
		var got strings.Builder
		var reports []error
		f := NewFile(FileConfig{Path: path, Report: func(err error) { reports = append(reports, err) }},
			func(block []byte) { got.Write(block) })
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		nextLook := func() {
			time.Sleep(DefaultInterval) // of the bubble's clock
			synctest.Wait()
		}
		nextLook()
		nextLook()
		if len(reports) != 1 || !errors.Is(reports[0], fs.ErrNotExist) {
			t.Errorf("reports without a file: %v", reports)
		}
		write(t, path, "1\n")
		nextLook()
		if len(reports) != 2 || reports[1] != nil || got.String() != "1\n" {
			t.Errorf("with a file: got %q, reports %v", got.String(), reports)
		}
		stop := errors.New("stop")
		cancel(stop)
		if err := <-ended; !errors.Is(err, stop) {
			t.Errorf("Run gave %v", err)
		}
		if f.file != nil {
			t.Error("the file is still open")
		}
	})
}

// A logger that writes as fast as it is read does not keep Run from stopping.
func TestFileStopWhileReading(t *testing.T) {
	f := newFollower(t)
	ctx, cancel := context.WithCancel(t.Context())
	blocks := 0
	f.lines.handle = func([]byte) {
		write(t, f.path, "more\n")
		if blocks++; blocks == 3 {
			cancel()
		}
		if blocks > 4 {
			t.Fatal("goes on reading")
		}
	}
	write(t, f.path, "1\n")
	for ctx.Err() == nil {
		if err := f.poll(ctx); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
	}
}
