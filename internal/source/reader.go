package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// Reader reads whole files or streams once, plain or compressed by gzip, which
// it tells by their first bytes and not by a name.
type Reader struct {
	lines  *lines
	unwrap unwrapper
	handle func(block []byte)
	read   atomic.Int64
}

// NewReader makes a reader that hands blocks of whole lines to handle. Every
// block ends with a newline; it aliases the reader's one buffer, and its bytes
// live until handle comes back. A last line without a newline gets one. limit is
// in bytes; DefaultLineLimit where it isn't positive.
func NewReader(limit int, handle func(block []byte)) *Reader {
	l := newLines(limit)
	return &Reader{lines: l, unwrap: unwrapper{limit: l.limit}, handle: handle}
}

// Truncated counts the lines that were cut at the limit. It is for handle, and
// for afterwards.
func (r *Reader) Truncated() uint64 { return r.lines.truncated + r.unwrap.truncated }

// BytesRead counts the bytes taken from all inputs so far, as they are stored:
// compressed where they are. Against the sizes of the files it makes a
// progress bar. It may be called while the reader works.
func (r *Reader) BytesRead() int64 { return r.read.Load() }

// ReadFile reads the file at path to its end.
func (r *Reader) ReadFile(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return explain(err)
	}
	defer file.Close()
	if err := r.ReadStream(ctx, file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// ReadStream reads in to its end, or until ctx is done, which is looked at
// between two reads. Lines are handed on as they come. After an error, one of a broken
// compressed input too, everything before it has been handed on.
func (r *Reader) ReadStream(ctx context.Context, in io.Reader) error {
	defer func() {
		r.lines.finish()
		r.drain()
		r.lines.reset(0, false)
		r.unwrap.reset(0)
	}()
	plain, err := decompress(&countingReader{in: in, n: &r.read})
	if err != nil {
		return err
	}
	idle := 0
	for idle < 100 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := plain.Read(r.lines.space())
		r.lines.add(n)
		r.drain()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		idle++
		if n > 0 {
			idle = 0
		}
	}
	return io.ErrNoProgress
}

// drain hands on the whole lines that were read.
func (r *Reader) drain() {
	for block := r.unwrap.block(r.lines); len(block) > 0; block = r.unwrap.block(r.lines) {
		r.handle(block)
		r.unwrap.take(r.lines, len(block))
	}
}

// decompress looks at the first two bytes of in for the mark of gzip.
func decompress(in io.Reader) (io.Reader, error) {
	head := make([]byte, 2)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	in = io.MultiReader(bytes.NewReader(head[:n]), in)
	if !isGzip(head[:n]) {
		return in, nil
	}
	return gzip.NewReader(bufio.NewReaderSize(in, 64<<10))
}

// countingReader counts what is read through it.
type countingReader struct {
	in io.Reader
	n  *atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	return n, err
}
