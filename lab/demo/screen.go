package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// screen shows views: in place on a terminal, else one block after the other.
type screen struct {
	out      io.Writer
	terminal bool
	every    time.Duration
}

func newScreen(out *os.File) *screen {
	info, err := out.Stat()
	if err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return &screen{out: out, terminal: true, every: time.Second}
	}
	return &screen{out: out, every: 5 * time.Second}
}

// draw shows a view. What it says is checked text (see clean): only here are
// there terminal escapes.
func (s *screen) draw(v view) {
	lines := v.lines()
	if !s.terminal {
		if v.figures == nil {
			return // nothing to keep for those who read it later
		}
		fmt.Fprintf(s.out, "%s\n\n", strings.Join(lines, "\n"))
		return
	}
	const home, hideCursor, clearToEnd, clearBelow = "\x1b[H", "\x1b[?25l", "\x1b[K", "\x1b[J"
	var b strings.Builder
	b.WriteString(hideCursor + home)
	for _, line := range lines {
		b.WriteString(line + clearToEnd + "\n")
	}
	b.WriteString(clearBelow)
	_, _ = io.WriteString(s.out, b.String())
}

// close gives the terminal back.
func (s *screen) close() {
	if s.terminal {
		const showCursor = "\x1b[?25h"
		_, _ = io.WriteString(s.out, showCursor)
	}
}
