package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"

	"postfix_exporter/internal/doctor"
	"postfix_exporter/internal/source"
	"postfix_exporter/parser"
)

// doctorTail is how much of a log's end is looked at, in bytes.
const doctorTail = 256 << 10

// tailOf says what the end of a log holds.
func tailOf(ctx context.Context, name string, location *time.Location) (t doctor.Tail, err error) {
	file, err := os.Open(name)
	if err != nil {
		return t, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return t, err
	}
	t.Written = info.ModTime()
	if info.Size() > doctorTail {
		if _, err := file.Seek(-doctorTail, io.SeekEnd); err != nil {
			return t, err
		}
	}
	p := parser.New(parser.Options{Reference: t.Written, Location: location})
	var ev parser.Event
	err = source.NewReader(source.DefaultLineLimit, func(block []byte) {
		for line := range bytes.Lines(block) {
			p.Parse(line, &ev)
			if ev.Time != 0 {
				t.Last = time.Unix(0, ev.Time)
			}
			t.Postfix = t.Postfix || ev.Outcome == parser.Parsed || ev.Outcome == parser.Ignored
		}
	}).ReadStream(ctx, file)
	return t, err
}
