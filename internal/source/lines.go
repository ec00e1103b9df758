// Package source is where log lines come from: a file that is followed, or a
// file or stream that is read once. It hands on blocks of whole lines and knows
// nothing of what they say.
package source

import (
	"bytes"
	"sync/atomic"
)

const (
	// DefaultLineLimit is the longest line handed on, in bytes without its
	// newline, where the caller sets none. Postfix cuts its own lines at 2000
	// bytes and rsyslog at 8 KiB, so a longer one is damage or an attack.
	DefaultLineLimit = 64 << 10

	// readSize is the least that a read has room for. Larger blocks cost
	// cache, smaller ones system calls and a lock of the reader's state each.
	readSize = 256 << 10
)

// lines cuts what is read into blocks of whole lines. It owns the one buffer,
// which never grows.
type lines struct {
	handle    func(block []byte)
	limit     int
	buf       []byte
	kept      int           // buf[:kept] begins a line whose end is still to come; never more than limit
	dropping  bool          // what comes up to the next newline is the rest of a line that was cut
	truncated atomic.Uint64 // lines cut at the limit
}

// newLines takes DefaultLineLimit where limit is not positive.
func newLines(limit int, handle func(block []byte)) *lines {
	if limit <= 0 {
		limit = DefaultLineLimit
	}
	return &lines{handle: handle, limit: limit, buf: make([]byte, limit+readSize)}
}

// space is where the next read puts its bytes.
func (l *lines) space() []byte { return l.buf[l.kept:] }

// add takes in the n bytes that were read into space, hands on the lines that
// they end, and keeps the beginning of the last.
func (l *lines) add(n int) {
	data := l.buf[:l.kept+n]
	searched := l.kept // no newline stands before this
	l.kept = 0
	if l.dropping {
		if data = l.skip(data); l.dropping {
			return
		}
	}
	for {
		short := l.short(data, searched)
		tail := data[short:]
		if len(tail) <= l.limit {
			l.emit(data[:short])
			l.kept = copy(l.buf, tail)
			return
		}
		tail[l.limit] = '\n'
		l.emit(data[:short+l.limit+1])
		l.truncated.Add(1)
		data, searched = l.skip(tail[l.limit+1:]), 0
	}
}

// short gives how many bytes of data, from its start, are whole lines within
// the limit. The last newline in a stretch of limit+1 bytes ends nothing
// longer than the limit, so it goes from one such newline to the next instead
// of looking at every line.
func (l *lines) short(data []byte, searched int) int {
	end := 0
	for {
		from := max(end, searched)
		to := min(end+l.limit+1, len(data))
		newline := bytes.LastIndexByte(data[from:to], '\n')
		if newline < 0 {
			return end
		}
		end = from + newline + 1
	}
}

// skip drops the rest of a cut line, as far as it has come.
func (l *lines) skip(data []byte) []byte {
	newline := bytes.IndexByte(data, '\n')
	l.dropping = newline < 0
	if l.dropping {
		return nil
	}
	return data[newline+1:]
}

// flush hands on the line that the input left without a newline, with one.
func (l *lines) flush() {
	if l.kept > 0 {
		l.buf[l.kept] = '\n'
		l.emit(l.buf[:l.kept+1])
	}
	l.kept, l.dropping = 0, false
}

func (l *lines) emit(block []byte) {
	if len(block) > 0 {
		l.handle(block)
	}
}
