package replay

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"postfix_exporter/internal/source"
	"postfix_exporter/parser"
)

// Log is a file of a log, or a part that rotation put aside.
type Log struct {
	Path  string
	Size  int64 // as it is stored
	first int64 // stamp of its first line, in nanoseconds since the epoch

	options parser.Options
}

// Open finds when each file begins and puts them in that order.
func Open(paths []string, location *time.Location) ([]Log, error) {
	files := make([]Log, 0, len(paths))
	for _, path := range paths {
		l, err := openOne(path, location)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, l)
	}
	slices.SortStableFunc(files, func(a, b Log) int { return cmp.Compare(a.first, b.first) })
	return files, nil
}

var errNoStamp = errors.New("none of its first lines has a time stamp: is it a mail log?")

func openOne(path string, location *time.Location) (l Log, err error) {
	file, err := os.Open(path)
	if err != nil {
		return l, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return l, err
	}
	// Stamps without a year take theirs from when the file was last written.
	l = Log{Path: path, Size: info.Size(), options: parser.Options{Reference: info.ModTime(), Location: location}}
	lines := bufio.NewReaderSize(file, 64<<10)
	if magic, _ := lines.Peek(2); string(magic) == "\x1f\x8b" {
		zip, err := gzip.NewReader(lines)
		if err != nil {
			return l, err
		}
		lines = bufio.NewReaderSize(zip, 64<<10)
	}
	p, ev := parser.New(l.options), parser.Event{}
	for range 1000 {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return l, err
		}
		if p.Parse(line, &ev); ev.Time != 0 {
			l.first = ev.Time
			return l, nil
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	return l, errNoStamp
}

// Read replays logs one after the other. Before each it hands on the reader,
// which knows how far it has come.
func (r *Replay) Read(ctx context.Context, logs []Log, began func(*source.Reader)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, l := range logs {
		src := r.Source(time.Unix(0, l.first), l.options)
		reader := source.NewReader(source.DefaultLineLimit, func(block []byte) {
			if ctx.Err() == nil {
				if err := src.Fold(ctx, block); err != nil {
					cancel(err)
				}
			}
		})
		began(reader)
		if err := reader.ReadFile(ctx, l.Path); err != nil {
			return err
		}
	}
	return nil
}
