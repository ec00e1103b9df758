package source

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// randomSeeds is raised by hand after a change: -args -seeds 2000.
var randomSeeds = flag.Int("seeds", 10, "how many runs TestFileRandom does")

// pack compresses a file as logrotate does, and takes the plain one away.
func pack(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	out, err := os.Create(path + ".gz")
	must(t, err)
	w := gzip.NewWriter(out)
	_, err = w.Write(text)
	must(t, err)
	must(t, w.Close())
	must(t, out.Close())
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.Chtimes(path+".gz", info.ModTime(), info.ModTime()))
	must(t, os.Remove(path))
}

// rotate renames as logrotate does, keeping four old ones. Those from the
// second on are compressed where packed is true.
func rotate(t *testing.T, path string, packed bool) {
	t.Helper()
	shift(path)
	must(t, os.Rename(path, path+".1"))
	if _, err := os.Stat(path + ".2"); err == nil && packed {
		pack(t, path+".2")
	}
}

// shift makes room for a new mail.log.1.
func shift(path string) {
	for n := 3; n > 0; n-- {
		for _, ending := range []string{"", ".gz"} {
			_ = os.Rename(fmt.Sprintf("%s.%d%s", path, n, ending), fmt.Sprintf("%s.%d%s", path, n+1, ending))
		}
	}
}

func copytruncate(t *testing.T, path string) {
	t.Helper()
	shift(path)
	text, err := os.ReadFile(path)
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.WriteFile(path+".1", text, 0o600))
	must(t, os.Chtimes(path+".1", info.ModTime(), info.ModTime()))
	must(t, os.Truncate(path, 0))
}

// TestFileRandom writes numbered lines, in pieces, while the log is rotated, and
// the reader looks at random, or is killed and started again. At the end every
// line has come once, in order.
func TestFileRandom(t *testing.T) {
	for seed := range *randomSeeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(seed), 1))
			f := newFollower(t)
			wrapped := seed%4 == 3
			want, got := "", ""
			behind := 0   // rotations since the last look
			seen := false // the reader has seen a byte of the current file, and would miss it
			now := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
			write := func(path, text string) { // a second for each: the kernel's own stamps are 4 ms apart
				write(t, path, text)
				now = now.Add(time.Second)
				must(t, os.Chtimes(path, now, now))
			}
			write(f.path, "")
			f.look()
			for n := range 400 {
				line := fmt.Sprintf("%d %s\n", n, strings.Repeat("x", random.IntN(60)))
				want += line
				if wrapped {
					line = fmt.Sprintf(`{"log":"%s\n"}`+"\n", strings.TrimSuffix(line, "\n"))
				}
				cut := random.IntN(len(line))
				write(f.path, line[:cut])
				if random.IntN(5) == 0 {
					f.look()
					info, err := os.Stat(f.path)
					must(t, err)
					behind, seen = 0, info.Size() > 20 && f.seg.id == idOf(info) // lines differ in less
				}
				write(f.path, line[cut:])
				switch random.IntN(40) {
				case 0, 1: // rotated twice, and thrice, but never as often as loses a file
					if behind < 3 {
						behind++
						seen = false
						rotate(t, f.path, seed%2 == 0)
						write(f.path, "")
					}
				case 2:
					got += f.got.String()
					f = f.restart()
				case 3:
					if seen {
						behind, seen = 3, false // a second copy would overwrite the first
						copytruncate(t, f.path)
						if random.IntN(2) == 0 {
							pack(t, f.path+".1")
						}
					}
				}
			}
			f.look()
			got += f.got.String()
			if got != want {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				t.Errorf("seed %d: from byte %d on it is %.100q, want %.100q; notices %q", seed, at, got[at:], want[at:], f.notices)
			}
			if f.facts.Vanished+f.facts.Unreadable+f.facts.LostBytes != 0 {
				t.Errorf("seed %d: %+v; notices %q", seed, f.facts, f.notices)
			}
		})
	}
}

// After a restart the file is found under all names that rotation gives it.
func TestFileFoundAgain(t *testing.T) {
	for _, name := range []string{
		"mail.log", "mail.log.1", "mail.log.2.gz", "mail.log-20261125", "mail.log-20261125.gz", "mail.log.20261125-161906.gz",
		"mail-20261125.log", "mail.1.log.gz", "mail.log.0",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFollower(t)
			write(t, f.path, "1\n2\n")
			f.look()
			f.want("1\n2\n")
			write(t, f.path, "3\n")
			f.close()
			to := filepath.Join(filepath.Dir(f.path), name)
			plain := strings.TrimSuffix(to, ".gz")
			must(t, os.Rename(f.path, plain))
			if plain != to {
				pack(t, plain)
			}
			if to != f.path {
				write(t, f.path, "4\n")
			}
			f = f.restart()
			f.look()
			if to != f.path {
				f.want("3\n4\n")
			} else {
				f.want("3\n")
			}
			if f.facts.Vanished != 0 {
				t.Errorf("%+v, %q", f.facts, f.notices)
			}
		})
	}
}

// Names that no rotation gives are other files.
func TestFileOtherNames(t *testing.T) {
	f := newFollower(t)
	for _, name := range []string{"mail.log.old", "mail.log.1.bak", "mail.log~", "mail.logs.1", "xmail.log.1", "mail.log.1x", "mail.log.", "mail.log-", "mail.err.1"} {
		write(t, filepath.Join(filepath.Dir(f.path), name), "other\n")
	}
	write(t, f.path, "1\n")
	all, err := series(f.path)
	must(t, err)
	if len(all) != 1 || all[0].path != f.path {
		t.Errorf("%v", all)
	}
}

func TestSeriesOrder(t *testing.T) {
	dir := t.TempDir()
	names := []string{
		"mail.log-20251231", "mail.log-20261101.gz", "mail.log.20261125-000000.gz", "mail.log.20261125-161906",
		"mail.log.10.gz", "mail.log.9.gz", "mail.log.2", "mail.log.1", "mail.log.0", "mail.log",
	}
	for i, name := range append(names, "mail.log.2.gz") { // which is being written
		write(t, filepath.Join(dir, name), "x")
		written := time.Unix(1_800_000_000+int64(i), 0) // between two ways of naming it decides
		must(t, os.Chtimes(filepath.Join(dir, name), written, written))
	}
	all, err := series(filepath.Join(dir, "mail.log"))
	must(t, err)
	got := make([]string, 0, len(all))
	for _, m := range all {
		got = append(got, filepath.Base(m.path))
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("got %v, want %v", got, names)
	}
}

// A file that was renamed or compressed after the series was listed is not gone:
// the list is old.
func TestFindInAnOldList(t *testing.T) {
	for name, change := range map[string]func(path string){
		"compressed": func(path string) { pack(t, path+".1") },
		"renamed":    func(path string) { must(t, os.Rename(path+".1", path+".2")) },
		"replaced": func(path string) {
			must(t, os.Rename(path+".1", path+".2"))
			write(t, path+".1", "9\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFollower(t)
			write(t, f.path, "1\n")
			f.look()
			must(t, os.Rename(f.path, f.path+".1"))
			old, err := series(f.path)
			must(t, err)
			p, err := readPlace(f.position)
			must(t, err)
			change(f.path)
			if at, err := p.find(old); !errors.Is(err, errMoved) {
				t.Errorf("found at %d, %v", at, err)
			}
		})
	}
}

// Where the last file was empty, a restart goes on from the end of the one before,
// which can be told from others: also if a logger wrote there a moment longer.
func TestRestartInAnEmptyFile(t *testing.T) {
	f := newFollower(t)
	at := func(name string, second int64) {
		must(t, os.Chtimes(f.path+name, time.Unix(1_800_000_000+second, 0), time.Unix(1_800_000_000+second, 0)))
	}
	write(t, f.path, "1\n")
	f.look()
	must(t, os.Rename(f.path, f.path+".2"))
	write(t, f.path+".1", "")
	at(".1", 1)
	f.wantError(fs.ErrNotExist) // it is in the empty one now
	at(".2", 2)
	pack(t, f.path+".1")
	write(t, f.path, "2\n")
	at("", 3)
	f.err = nil
	f = f.restart()
	f.look()
	f.want("2\n")
	if f.facts != (Facts{Rotations: f.facts.Rotations}) {
		t.Errorf("%+v, %q", f.facts, f.notices)
	}
}

// Two ways of naming side by side: by hand as mail.log.1, and then by a date. What
// was read once is not read again, in whichever order they come.
func TestFileTwoSchemes(t *testing.T) {
	for _, names := range [][2]string{{".1", ".20261125-161906"}, {".20261125-161906", ".1"}} {
		t.Run(names[0]+names[1], func(t *testing.T) {
			f := newFollower(t)
			at := time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC)
			writeAt := func(text string) {
				write(t, f.path, text)
				at = at.Add(time.Second)
				must(t, os.Chtimes(f.path, at, at))
			}
			writeAt("1\n2\n")
			f.look()
			must(t, os.Rename(f.path, f.path+names[0]))
			writeAt("3\n")
			f.look()
			must(t, os.Rename(f.path, f.path+names[1]))
			pack(t, f.path+names[1])
			writeAt("4\n")
			f.look()
			f.want("1\n2\n3\n4\n")
			f = f.restart()
			f.look()
			f.want("")
			writeAt("5\n")
			f.look()
			f.want("5\n")
		})
	}
}

// The copy of a truncated file is read to its end. The gap is told all the same:
// what was written between the copy and the truncation is nowhere.
func TestFileTruncatedWithACopy(t *testing.T) {
	for _, restart := range []bool{false, true} {
		f := newFollower(t)
		write(t, f.path, "1 of the first file\n")
		f.look()
		write(t, f.path, "2 of the first file\n")
		copytruncate(t, f.path)
		write(t, f.path, "1 of the second file\n")
		if restart {
			f.got.Reset()
			f = f.restart()
		}
		f.look()
		want := "2 of the first file\n1 of the second file\n"
		if !restart {
			want = "1 of the first file\n" + want
		}
		f.want(want)
		if f.facts.Truncations != 1 || f.facts.LostBytes != 0 {
			t.Errorf("restart %t: %+v, %q", restart, f.facts, f.notices)
		}
	}
}

// A file system gives the number of a file that was compressed and removed to the
// next one that is made, which may be the new log. That is no truncation.
func TestFileNumberUsedAgain(t *testing.T) {
	for name, packed := range map[string]bool{"compressed": true, "gone": false} {
		t.Run(name, func(t *testing.T) {
			f := newFollower(t)
			write(t, f.path, "1 of the first file\n")
			f.look()
			must(t, os.Rename(f.path, f.path+".1"))
			if packed {
				pack(t, f.path+".1")
			} else {
				must(t, os.Remove(f.path+".1"))
			}
			write(t, f.path, "1 of the second file\n")
			p, err := readPlace(f.position)
			must(t, err)
			info, err := os.Stat(f.path)
			must(t, err)
			p.id = idOf(info)                 // as it may be, or not
			p.born -= time.Hour.Nanoseconds() // they are as old as each other here
			f.position = p.append(nil)
			f = f.restart()
			f.look()
			f.want("1 of the second file\n")
			if f.facts.Truncations != 0 || (f.facts.Vanished == 0) != packed {
				t.Errorf("%+v, %q", f.facts, f.notices)
			}
		})
	}
}

// Where the copy of a truncated file is nowhere, the gap is told.
func TestFileTruncatedWithoutACopy(t *testing.T) {
	for name, truncate := range map[string]func(path string){
		"shorter":  func(path string) { must(t, os.WriteFile(path, []byte("new 1\n"), 0o600)) },
		"outgrown": func(path string) { must(t, os.WriteFile(path, []byte(strings.Repeat("new line\n", 100)), 0o600)) },
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprint(name, restart), func(t *testing.T) {
				f := newFollower(t)
				write(t, f.path, "1\n2\n3\n")
				f.look()
				f.want("1\n2\n3\n")
				truncate(f.path)
				if restart {
					f = f.restart()
				}
				f.look()
				text, err := os.ReadFile(f.path)
				must(t, err)
				f.want(string(text))
				if f.facts.Truncations != 1 || len(f.notices) != 1 {
					t.Errorf("%+v, %q", f.facts, f.notices)
				}
			})
		}
	}
}

// What was seen and not read is counted.
func TestFileLostBytes(t *testing.T) {
	f := newFollower(t)
	line := strings.Repeat("x", 99) + "\n"
	write(t, f.path, strings.Repeat(line, 3*(len(f.lines.buf)/len(line))))
	unread := int64(0)
	f.during = func() {
		unread = f.Lag()
		must(t, os.Truncate(f.path, 0))
	}
	f.look()
	if f.facts.LostBytes != uint64(unread) || unread == 0 || f.facts.Truncations != 1 {
		t.Errorf("%+v, want %d lost bytes", f.facts, unread)
	}
}

// The file that was read is gone: those written to since are read whole.
func TestFileVanished(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n")
	f.look()
	must(t, os.Chtimes(f.path, time.Time{}, time.Now().Add(-time.Minute)))
	f.look()
	write(t, f.path+".1", "2\n") // as if rotated and deleted meanwhile
	must(t, os.Remove(f.path))
	write(t, f.path, "3\n")
	f = f.restart()
	f.look()
	f.want("2\n3\n")
	if f.facts.Vanished != 1 {
		t.Errorf("%+v", f.facts)
	}
}

func TestFileRotatedCanNotBeRead(t *testing.T) {
	for name, spoil := range map[string]string{"xz": "\xfd7zXZ\x00rest", "broken gzip": "\x1f\x8brest"} {
		t.Run(name, func(t *testing.T) {
			f := newFollower(t)
			write(t, f.path, "1\n")
			f.look()
			must(t, os.Remove(f.path))
			write(t, f.path+".1", spoil)
			write(t, f.path, "3\n")
			f = f.restart()
			f.look()
			f.want("1\n3\n"[2:])
			if f.facts.Unreadable == 0 || len(f.notices) == 0 {
				t.Errorf("%+v, %q", f.facts, f.notices)
			}
			f = f.restart()
			write(t, f.path, "4\n")
			f.look()
			f.want("4\n")
			if f.facts.Unreadable != 0 {
				t.Errorf("then: %+v, %q", f.facts, f.notices)
			}
		})
	}
}

// A compressed file that is damaged in its middle is read up to there.
func TestFileBrokenGzip(t *testing.T) {
	f := newFollower(t)
	var long strings.Builder
	for n := range 20_000 {
		fmt.Fprintf(&long, "%d %d\n", n, n*n*7919)
	}
	text := long.String()
	write(t, f.path, text)
	pack(t, f.path)
	must(t, os.Rename(f.path+".gz", f.path+".1.gz"))
	info, err := os.Stat(f.path + ".1.gz")
	must(t, err)
	must(t, os.Truncate(f.path+".1.gz", info.Size()/2))
	write(t, f.path, "end\n")
	p := place{head: signatureOf([]byte(text))} // the beginning of the file
	f.position = p.append(nil)
	f = f.restart()
	f.look()
	got := f.got.String()
	if !strings.HasSuffix(got, "end\n") || !strings.HasPrefix(text, got[:len(got)-200]) || len(got) < 1000 {
		t.Errorf("%d bytes, ending in %.100q", len(got), got[max(0, len(got)-100):])
	}
	if f.facts.Unreadable != 1 {
		t.Errorf("%+v, %q", f.facts, f.notices)
	}
}

func TestFileFromEnd(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mail.log")
	write(t, path, "old 1\nold, and still ")
	f := followFile(t, FileConfig{Path: path, FromEnd: true})
	f.look()
	write(t, path, "written\nnew 1\n")
	if len(f.position) == 0 {
		t.Fatal("no position before the first line")
	}
	f = f.restart()
	f.look()
	f.want("new 1\n")

	// What appears later is new.
	f = followFile(t, FileConfig{Path: filepath.Join(dir, "other.log"), FromEnd: true})
	f.follower.look(t.Context())
	write(t, f.path, "1\n")
	f.look()
	f.want("1\n")
}

// A cut line does not go on as one of its own after a restart.
func TestFileRestartInALongLine(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n"+strings.Repeat("x", 1000))
	f.look()
	f.want("1\n" + strings.Repeat("x", 100) + "\n")
	write(t, f.path, strings.Repeat("y", 1000)+"\n2\n")
	f = f.restart()
	f.look()
	f.want("2\n")
}

// Positions of other versions, and any bytes at all, are told from good ones.
func TestFileDamagedPosition(t *testing.T) {
	f := newFollower(t)
	write(t, f.path, "1\n")
	f.position = []byte("nonsense")
	f = f.restart()
	f.look()
	write(t, f.path, "2\n")
	f.look()
	f.want("2\n")
	if f.facts.Vanished != 1 {
		t.Errorf("%+v", f.facts)
	}
}

func FuzzPlace(f *testing.F) {
	p := place{born: 1, offset: 7, dropping: true, size: 9, modified: -1}
	f.Add(p.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := readPlace(b); err == nil {
			if again, err := readPlace(p.append(nil)); err != nil || again != p {
				t.Errorf("%+v came back as %+v, %v", p, again, err)
			}
		}
	})
}
