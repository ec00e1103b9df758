package source

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// tiny makes lines with a limit of 8 bytes in a buffer little larger.
func tiny() *lines { return &lines{limit: 8, buf: make([]byte, 24)} }

// split gives input to l in reads of the given sizes, over and over, and takes
// lines from it by as many at a time. It returns what was handed on.
func split(t *testing.T, l *lines, input string, sizes ...int) (string, uint64) {
	t.Helper()
	var got strings.Builder
	i, fed := 0, int64(0)
	takeAll := func() {
		for {
			block := l.block()
			if len(block) == 0 {
				return
			}
			if !bytes.HasSuffix(block, []byte("\n")) {
				t.Errorf("block %.40q ends without a newline", block)
			}
			if again := l.block(); string(again) != string(block) {
				t.Errorf("block %.40q, and then %.40q", block, again)
			}
			n := 0
			for want := sizes[i%len(sizes)]; want > 0 && n < len(block); want-- {
				n += bytes.IndexByte(block[n:], '\n') + 1
			}
			got.Write(block[:n])
			after, dropping := l.after(n)
			l.take(n)
			if after != l.base || dropping != l.dropping {
				t.Errorf("after %d bytes: %d, %t; taken: %d, %t", n, after, dropping, l.base, l.dropping)
			}
			if left := fed - l.base; left != int64(l.end-l.begin) {
				t.Errorf("%d bytes left in the buffer, %d by the base", l.end-l.begin, left)
			}
			i++
		}
	}
	for input != "" {
		n := copy(l.space()[:min(sizes[i%len(sizes)], len(l.space()))], input)
		input = input[n:]
		l.add(n)
		fed += int64(n)
		i++
		takeAll()
	}
	l.finish()
	fed += int64(l.end-l.begin) - (fed - l.base) // the newline that was added
	takeAll()
	return got.String(), l.truncated
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, input, want string
		truncated         uint64
	}{
		{name: "nothing"},
		{name: "empty lines", input: "\n\n\n", want: "\n\n\n"},
		{name: "whole lines", input: "one\ntwo\n", want: "one\ntwo\n"},
		{name: "no newline at the end", input: "one\ntwo", want: "one\ntwo\n"},
		{name: "at the limit", input: "12345678\n12345678\n", want: "12345678\n12345678\n"},
		{name: "at the limit, no newline", input: "12345678", want: "12345678\n"},
		{name: "one over the limit", input: "123456789\nnext\n", want: "12345678\nnext\n", truncated: 1},
		{name: "over the limit, no newline", input: "a\n123456789", want: "a\n12345678\n", truncated: 1},
		{name: "two long ones in a row", input: "aaaaaaaaaaaaa\nbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\nc\n", want: "aaaaaaaa\nbbbbbbbb\nc\n", truncated: 2},
		{name: "NULs and bytes that are no UTF-8", input: "\x00\x00\n\xff\xfe\n", want: "\x00\x00\n\xff\xfe\n"},
	}
	for _, test := range tests {
		for _, sizes := range [][]int{{1}, {3}, {8}, {9}, {1, 13}, {1 << 20}} {
			got, truncated := split(t, tiny(), test.input, sizes...)
			if got != test.want || truncated != test.truncated {
				t.Errorf("%s, read by %v: got %q, %d truncated, want %q, %d", test.name, sizes, got, truncated, test.want, test.truncated)
			}
		}
	}
}

func TestLinesLong(t *testing.T) {
	input := "before\n" + strings.Repeat("x", 10<<20) + "\nafter\n" + strings.Repeat("\x00", 1<<20)
	want := "before\n" + strings.Repeat("x", DefaultLineLimit) + "\nafter\n" + strings.Repeat("\x00", DefaultLineLimit) + "\n"
	got, truncated := split(t, newLines(0), input, 1<<20)
	if got != want || truncated != 2 {
		t.Errorf("got %d bytes, %d truncated, want %d bytes, 2 truncated", len(got), truncated, len(want))
	}
}

// FuzzLines holds lines against what strings.Split makes of the same input.
func FuzzLines(f *testing.F) {
	f.Add("one\ntwo\n123456789\n\nrest", uint64(1))
	f.Add(strings.Repeat("x", 40)+"\n\x00\n", uint64(7))
	f.Fuzz(func(t *testing.T, input string, seed uint64) {
		want, long := "", uint64(0)
		for line := range strings.SplitSeq(strings.TrimSuffix(input, "\n"), "\n") {
			if len(line) > 8 {
				line = line[:8]
				long++
			}
			want += line + "\n"
		}
		if input == "" {
			want = ""
		}
		random := rand.New(rand.NewPCG(seed, 0))
		sizes := make([]int, 7)
		for i := range sizes {
			sizes[i] = 1 + random.IntN(20)
		}
		got, truncated := split(t, tiny(), input, sizes...)
		if got != want || truncated != long {
			t.Errorf("input %q read by %v: got %q, %d truncated, want %q, %d", input, sizes, got, truncated, want, long)
		}
	})
}
