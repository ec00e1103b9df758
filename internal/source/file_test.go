package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// follower is a File of which a test takes each look itself.
type follower struct {
	*File
	t        *testing.T
	path     string
	follower *Follower
	got      strings.Builder
	facts    Facts
	position []byte // of what was handed on last, as it would be saved
	err      error  // what was reported last
	notices  []string
	during   func() // called once, while the next block is handled
}

// newFollower follows mail.log in a folder of its own.
func newFollower(t *testing.T) *follower {
	return followFile(t, FileConfig{Path: filepath.Join(t.TempDir(), "mail.log")})
}

func followFile(t *testing.T, config FileConfig) *follower {
	f := &follower{t: t, path: config.Path, position: config.Position, follower: NewFollower()}
	config.LineLimit = 100
	config.Report = func(err error) { f.err = err }
	config.Notice = func(text string) { f.notices = append(f.notices, text) }
	f.File = f.follower.AddFile(config, f.handle)
	t.Cleanup(f.close)
	return f
}

func (f *follower) handle(b *Block) (n int, next int64) {
	f.got.Write(b.Lines)
	f.facts.add(b.Facts)
	f.position = b.AppendPosition(f.position[:0], len(b.Lines))
	if during := f.during; during != nil && len(b.Lines) > 0 {
		f.during = nil
		during()
	}
	return len(b.Lines), 0
}

func (f *Facts) add(more Facts) {
	f.Truncated += more.Truncated
	f.Rotations += more.Rotations
	f.Restarts += more.Restarts
	f.Forged += more.Forged
	f.Truncations += more.Truncations
	f.Vanished += more.Vanished
	f.Unreadable += more.Unreadable
	f.LostBytes += more.LostBytes
}

// restart gives another follower that goes on where this one's last block ended.
func (f *follower) restart() *follower {
	f.close()
	return followFile(f.t, FileConfig{Path: f.path, Position: f.position})
}

// look reads all there is and wants no error.
func (f *follower) look() {
	f.t.Helper()
	f.follower.look(f.t.Context())
	if f.err != nil {
		f.t.Errorf("reported: %v", f.err)
	}
}

// wantError looks once and wants an error.
func (f *follower) wantError(want error) {
	f.t.Helper()
	f.follower.look(f.t.Context())
	if !errors.Is(f.err, want) {
		f.t.Errorf("reported: %v, want %v", f.err, want)
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

func must(t testing.TB, err error) {
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
	case <-f.follower.CaughtUp():
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
	f = followFile(t, FileConfig{Path: filepath.Join(filepath.Dir(f.path), "no", "such", "mail.log")})
	f.wantError(fs.ErrNotExist)
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
		f.wantError(fs.ErrNotExist)
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
	if f.facts.Truncated != 1 {
		t.Errorf("%d truncated, want 1", f.facts.Truncated)
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
	if f.facts.Truncated != long {
		t.Errorf("%d truncated, want %d", f.facts.Truncated, long)
	}
}

func TestFileNotRegular(t *testing.T) {
	for _, make := range map[string]func(path string) error{
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"FIFO":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		f := newFollower(t)
		must(t, make(f.path))
		f.wantError(errNotRegular)
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
	f.wantError(errNotRegular)
	f.want("1\n2\n")
}

func TestFileCaughtUpAndLag(t *testing.T) {
	f := newFollower(t)
	line := strings.Repeat("x", 99) + "\n"
	write(t, f.path, strings.Repeat(line, 3*(len(f.lines.buf)/len(line))))
	var lags []int64
	note := func() {
		if f.isCaughtUp() {
			t.Errorf("caught up before block %d of 3", len(lags))
		}
		lags = append(lags, f.Lag())
	}
	f.during = func() { note(); f.during = func() { note(); f.during = note } }
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

func TestFollowerRun(t *testing.T) {
	defer goleak.VerifyNone(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFollower(t)
		// Run's goroutine and this one take turns; the race detector sees that by a lock.
		var turn sync.Mutex
		handle, report := f.follower.feeds[0].handle, f.follower.feeds[0].report
		f.follower.feeds[0].handle = func(b *Block) (int, int64) {
			turn.Lock()
			defer turn.Unlock()
			return handle(b)
		}
		f.follower.feeds[0].report = func(err error) {
			turn.Lock()
			defer turn.Unlock()
			report(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.follower.Run(ctx) }()
		pass := func(d time.Duration) {
			turn.Unlock()
			time.Sleep(d) // of the bubble's clock
			synctest.Wait()
			turn.Lock()
		}
		nextLook := func() { pass(DefaultInterval) }
		turn.Lock()
		nextLook()
		nextLook()
		if !errors.Is(f.err, fs.ErrNotExist) {
			t.Errorf("reported without a file: %v", f.err)
		}
		write(t, f.path, "1\n")
		nextLook()
		if f.err != nil {
			t.Errorf("reported with a file: %v", f.err)
		}
		f.want("1\n")
		for range restLooks + 1 { // and then it looks less often, until there is a line
			nextLook()
		}
		write(t, f.path, "2\n")
		nextLook()
		f.want("")
		pass((restPause - 1) * DefaultInterval)
		f.want("2\n")
		write(t, f.path, "3\n")
		nextLook()
		f.want("3\n")
		turn.Unlock()
		stop := errors.New("stop")
		cancel(stop)
		if err := <-ended; !errors.Is(err, stop) {
			t.Errorf("Run gave %v", err)
		}
		if f.seg != nil {
			t.Error("the file is still open")
		}
	})
}

// A logger that writes as fast as it is read does not keep Run from stopping.
func TestFollowerStopsWhileReading(t *testing.T) {
	f := newFollower(t)
	ctx, cancel := context.WithCancel(t.Context())
	blocks := 0
	var more func()
	more = func() {
		write(t, f.path, "more\n")
		if blocks++; blocks == 3 {
			cancel()
		}
		if blocks > 4 {
			t.Fatal("goes on reading")
		}
		f.during = more
	}
	f.during = more
	write(t, f.path, "1\n")
	f.follower.look(ctx)
	if blocks != 3 {
		t.Errorf("%d blocks", blocks)
	}
}

// What comes while the log that was there is read does not put off that it is.
func TestFileCaughtUpWithABusyLogger(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n")
	ctx, cancel := context.WithCancel(t.Context())
	blocks := 0
	var more func()
	more = func() {
		write(t, f.path, "more\n")
		f.during = more
		if blocks++; blocks == 5 {
			cancel()
		}
	}
	f.during = more
	f.follower.look(ctx)
	if !f.isCaughtUp() {
		t.Error("not caught up")
	}
}
