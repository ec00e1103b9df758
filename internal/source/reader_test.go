package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

func zip(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	must(t, err)
	must(t, w.Close())
	return b.String()
}

func TestReader(t *testing.T) {
	text := strings.Repeat("Nov 23 13:41:21 mx postfix/smtpd[1]: connect\n", 20_000)
	long := strings.Repeat("x", DefaultLineLimit)
	tests := []struct {
		name, input, want string
		err               error
	}{
		{name: "empty"},
		{name: "one byte", input: "x", want: "x\n"},
		{name: "plain", input: text + "end", want: text + "end\n"},
		{name: "docker", input: "{\"log\":\"one, \"}\n{\"log\":\"cut\\n\"}\n", want: "one, cut\n"},
		{name: "gzip", input: zip(t, text), want: text},
		{name: "gzip, two members", input: zip(t, "one\n") + zip(t, "two"), want: "one\ntwo\n"},
		{name: "gzip, empty", input: zip(t, "")},
		{name: "gzip, over the limit", input: zip(t, long+"more\nend\n"), want: long + "\nend\n"},
		{name: "gzip, broken off", input: zip(t, text)[:500], want: "", err: io.ErrUnexpectedEOF},
		{name: "gzip, garbage behind", input: zip(t, "one\n") + "garbage that is no gzip", want: "one\n", err: gzip.ErrHeader},
		{name: "the mark of gzip and nothing else", input: "\x1f\x8b", err: io.ErrUnexpectedEOF},
	}
	for _, test := range tests {
		for _, whole := range []bool{true, false} {
			in := io.Reader(strings.NewReader(test.input))
			if !whole {
				in = iotest.HalfReader(in)
			}
			var got strings.Builder
			r := NewReader(0, func(block []byte) { got.Write(block) })
			err := r.ReadStream(t.Context(), in)
			if !errors.Is(err, test.err) {
				t.Errorf("%s: error %v, want %v", test.name, err, test.err)
			}
			if test.err == nil && (got.String() != test.want || r.BytesRead() != int64(len(test.input))) {
				t.Errorf("%s: got %d bytes of %d read, want %d of %d", test.name, got.Len(), r.BytesRead(), len(test.want), len(test.input))
			}
			if !strings.HasPrefix(got.String(), test.want) {
				t.Errorf("%s: what came before the error is missing: %.80q", test.name, got.String())
			}
		}
	}
}

func TestReaderFiles(t *testing.T) {
	dir := t.TempDir()
	plain, zipped := filepath.Join(dir, "mail.log.gz"), filepath.Join(dir, "mail.log.1")
	write(t, plain, "plain, whatever its name says")
	write(t, zipped, zip(t, "zipped\n"))
	var got strings.Builder
	r := NewReader(0, func(block []byte) { got.Write(block) })
	must(t, r.ReadFile(t.Context(), plain))
	must(t, r.ReadFile(t.Context(), zipped))
	if want := "plain, whatever its name says\nzipped\n"; got.String() != want {
		t.Errorf("got %q, want %q", got.String(), want)
	}
	if err := r.ReadFile(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := r.ReadFile(t.Context(), dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder: %v", err)
	}
}

// Lines from a pipe don't wait for the buffer to fill.
func TestReaderPipe(t *testing.T) {
	out, in := io.Pipe()
	blocks := make(chan string)
	ended := make(chan error, 1)
	go func() {
		r := NewReader(0, func(block []byte) { blocks <- string(block) })
		ended <- r.ReadStream(t.Context(), out)
	}()
	for _, line := range []string{"one\n", "two\n"} {
		_, err := io.WriteString(in, line)
		must(t, err)
		if got := <-blocks; got != line {
			t.Errorf("got %q, want %q", got, line)
		}
	}
	must(t, in.Close())
	must(t, <-ended)
}

func TestReaderStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	blocks := 0
	r := NewReader(0, func([]byte) {
		blocks++
		cancel()
	})
	endless := io.MultiReader(strings.NewReader("one\n"), endlessLines{})
	if err := r.ReadStream(ctx, endless); !errors.Is(err, context.Canceled) || blocks != 1 {
		t.Errorf("%d blocks after the stop, error %v", blocks-1, err)
	}
	if err := r.ReadStream(t.Context(), iotest.ErrReader(io.ErrNoProgress)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a broken input: %v", err)
	}
}

// A reader that never gives anything does not keep the processor busy for ever.
func TestReaderNoProgress(t *testing.T) {
	r := NewReader(0, func([]byte) {})
	if err := r.ReadStream(t.Context(), io.MultiReader(strings.NewReader("one\n"), idle{})); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v", err)
	}
}

type endlessLines struct{}

func (endlessLines) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("line\n"), 100)), nil
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }
