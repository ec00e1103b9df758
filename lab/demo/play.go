package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"time"
)

// clock is the time that a recording is played in.
type clock interface {
	now() time.Time
	sleep(ctx context.Context, d time.Duration) error
}

type liveClock struct{}

func (liveClock) now() time.Time { return time.Now() }

func (liveClock) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

const (
	stampLayout = "Jan 02 15:04:05" // as postlogd(8) writes it; syslog pads the day with a space
	maxLine     = 4096              // Postfix's own limit is 2000
	longestGap  = 5 * time.Second   // of a recording; longer ones are cut short
	strokes     = 10                // a second's lines are written in so many goes
)

// play writes a recording's lines with the time of now in place of their own, as
// fast as they were written first. A log has no more than seconds, so the lines of
// one are spread over it.
func play(ctx context.Context, recording io.Reader, out io.Writer, c clock) error {
	lines := bufio.NewScanner(recording)
	lines.Buffer(make([]byte, maxLine), maxLine)
	var second [][]byte
	var at time.Time
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) < len(stampLayout) {
			return fmt.Errorf("a line without a time: %q", line)
		}
		stamp, err := time.Parse(time.Stamp, string(line[:len(stampLayout)]))
		if err != nil {
			return err
		}
		if !stamp.Equal(at) && len(second) > 0 {
			gap := min(max(stamp.Sub(at), time.Second), longestGap) // New Year goes backwards
			if err := write(ctx, second, gap, out, c); err != nil {
				return err
			}
			second = second[:0]
		}
		at = stamp
		second = append(second, bytes.Clone(line[len(stampLayout):]))
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return write(ctx, second, time.Second, out, c)
}

// write spreads lines over a time.
func write(ctx context.Context, lines [][]byte, over time.Duration, out io.Writer, c clock) error {
	var block bytes.Buffer
	for stroke := range strokes {
		block.Reset()
		stamp := c.now().Format(stampLayout)
		for _, line := range lines[len(lines)*stroke/strokes : len(lines)*(stroke+1)/strokes] {
			block.WriteString(stamp)
			block.Write(line)
			block.WriteByte('\n')
		}
		if _, err := out.Write(block.Bytes()); err != nil {
			return err
		}
		if err := c.sleep(ctx, over/strokes); err != nil {
			return err
		}
	}
	return nil
}
