package source

import (
	"bytes"
	"slices"

	"postfix_exporter/parser"
)

// unwrapper takes the lines of a container runtime's log out of what it wraps
// them in, which the file's first line tells. Lines without a wrapper, as in
// every other log, pass through as they are.
type unwrapper struct {
	limit     int
	wrapper   parser.Wrapper
	known     bool   // wrapper is
	text      []byte // unwrapped lines of lines' block, and the joined parts of one that goes on
	whole     int    // text[:whole] are whole lines
	taken     int    // text[:taken] are handed on
	ends      []ends // of each line of text
	done      int64  // how far the input is handed on
	truncated uint64
}

// ends of an unwrapped line: in the text, and in the input.
type ends struct {
	text  int
	input int64
}

// reset begins another input. Parts of a line that goes on there are kept.
func (u *unwrapper) reset(base int64) {
	u.known, u.done = false, base
	u.clear()
}

// clear forgets what is handed on.
func (u *unwrapper) clear() {
	u.text = append(u.text[:0], u.text[u.whole:]...)
	u.whole, u.taken, u.ends = 0, 0, u.ends[:0]
}

func (u *unwrapper) block(l *lines) []byte {
	for {
		raw := l.block()
		if len(raw) == 0 {
			return nil
		}
		if !u.known {
			u.known, u.wrapper = true, parser.WrapperOf(bytes.TrimLeft(raw, "\n"))
		}
		if u.wrapper == parser.WrapperNone {
			return raw
		}
		if u.taken == u.whole {
			u.fill(l, raw)
		}
		if u.taken < u.whole {
			return u.text[u.taken:u.whole]
		}
		l.take(len(raw)) // parts of a long line and no end
	}
}

// fill unwraps a block.
func (u *unwrapper) fill(l *lines, raw []byte) {
	u.clear()
	at, _ := l.after(0)
	for line := range bytes.Lines(raw) {
		at += int64(len(line))
		before, more := len(u.text), false
		u.text, more = u.wrapper.Append(u.text, bytes.TrimRight(line, "\r\n"))
		if room := u.whole + u.limit; len(u.text) > room {
			if before <= room { // or it was cut before
				u.truncated++
			}
			u.text = u.text[:room+1] // one more, to know that it is cut
		}
		if more {
			continue
		}
		u.text = u.text[:min(len(u.text), u.whole+u.limit)]
		u.text = append(u.text, '\n')
		u.whole = len(u.text)
		u.ends = append(u.ends, ends{u.whole, at})
	}
}

func (u *unwrapper) take(l *lines, n int) {
	if u.wrapper == parser.WrapperNone {
		l.take(n)
		u.done = l.base
		return
	}
	u.done, _ = u.after(l, n)
	u.taken += n
	if u.taken == u.whole {
		l.take(len(l.block()))
	}
}

// after is like that of lines. Parts of a line that is not whole are to be read again.
func (u *unwrapper) after(l *lines, n int) (offset int64, dropping bool) {
	if u.wrapper == parser.WrapperNone {
		return l.after(n)
	}
	if n == 0 {
		return u.done, false
	}
	i, _ := slices.BinarySearchFunc(u.ends, u.taken+n, func(e ends, end int) int { return e.text - end })
	return u.ends[i].input, l.cut && u.taken+n == u.whole
}
