package source

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// timed takes in lines "TIME TEXT" up to the first that is later than until, as
// the ledger does.
func timed(got *strings.Builder) Handler {
	return func(b *Block) (n int, next int64) {
		for n < len(b.Lines) {
			line, _, _ := strings.Cut(string(b.Lines[n:]), "\n")
			stamp, _, _ := strings.Cut(line, " ")
			if t, err := strconv.ParseInt(stamp, 10, 64); err == nil && t > b.Until {
				return n, t
			}
			fmt.Fprintln(got, line)
			n += len(line) + 1
		}
		return n, 0
	}
}

// Three logs that were written at the same time are handed on in the order of
// their lines, also where some lines have no time and one log is long at rest.
func TestMerge(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	f := NewFollower()
	var got strings.Builder
	texts := make([]strings.Builder, 3)
	for now := range 30_000 {
		who := random.IntN(2)
		if now > 29_000 {
			who = 2
		}
		fmt.Fprintf(&texts[who], "%d %d\n", now, who)
		if random.IntN(100) == 0 {
			fmt.Fprintf(&texts[who], "no time\n")
		}
	}
	for i := range texts {
		path := filepath.Join(t.TempDir(), "mail.log")
		write(t, path, texts[i].String())
		file := f.AddFile(FileConfig{Path: path}, timed(&got))
		t.Cleanup(file.close)
	}
	f.look(t.Context())
	want := 0
	for line := range strings.Lines(got.String()) {
		if line == "no time\n" {
			continue
		}
		if !strings.HasPrefix(line, strconv.Itoa(want)+" ") {
			t.Fatalf("got %q in place of line %d", line, want)
		}
		want++
	}
	if want != 30_000 {
		t.Errorf("%d lines", want)
	}
}
