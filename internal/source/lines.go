// Package source is where log lines come from: files that are followed, the
// journal, standard input, or files that are read once. It hands on blocks of
// whole lines and knows nothing of what they say.
package source

import "bytes"

const (
	// DefaultLineLimit is the longest line handed on, in bytes without its
	// newline, where the caller sets none. Postfix cuts its own lines at 2000
	// bytes and rsyslog at 8 KiB, so a longer one is damage or an attack.
	DefaultLineLimit = 64 << 10

	// readSize is the least that a read has room for. Larger blocks cost
	// cache, smaller ones system calls and a lock of the reader's state each.
	readSize = 256 << 10
)

// lines cuts what is read into whole lines. It owns the one buffer, which never
// grows: buf[begin:ready] are whole lines to hand on, buf[ready:end] is the rest
// of what was read.
type lines struct {
	limit             int
	buf               []byte
	begin, ready, end int
	searched          int  // buf[ready:searched] has no newline
	cut               bool // the line that ends at ready was cut there
	dropping          bool // what comes up to the next newline is the rest of a cut line

	base      int64  // how far into the input buf[begin] is
	truncated uint64 // lines cut at the limit
}

// newLines takes DefaultLineLimit where limit is not positive.
func newLines(limit int) *lines {
	if limit <= 0 {
		limit = DefaultLineLimit
	}
	return &lines{limit: limit, buf: make([]byte, limit+readSize)}
}

// reset forgets what is left of one input: another begins, at offset base.
func (l *lines) reset(base int64, dropping bool) {
	*l = lines{limit: l.limit, buf: l.buf, base: base, dropping: dropping, truncated: l.truncated}
}

// space is where the next read puts its bytes. There must be no block left.
func (l *lines) space() []byte {
	copy(l.buf, l.buf[l.begin:l.end])
	l.searched = max(l.searched-l.begin, 0)
	l.begin, l.ready, l.end = 0, 0, l.end-l.begin
	return l.buf[l.end:]
}

// add takes in the n bytes that were read into space.
func (l *lines) add(n int) { l.end += n }

// block gives the whole lines there are, or those up to one that had to be cut;
// every block ends with a newline. It gives the same again until they are taken.
func (l *lines) block() []byte {
	if l.ready > l.begin {
		return l.buf[l.begin:l.ready]
	}
	if l.dropping && !l.skip() {
		return nil
	}
	rest := l.buf[l.begin:l.end]
	short := l.short(rest, max(l.searched-l.begin, 0))
	l.ready = l.begin + short
	l.searched = l.end
	if tail := rest[short:]; len(tail) > l.limit {
		tail[l.limit] = '\n'
		l.ready += l.limit + 1
		l.searched = l.ready
		l.cut = true
		l.truncated++
	}
	return l.buf[l.begin:l.ready]
}

// take says that the first n bytes of the block, whole lines, are done with.
func (l *lines) take(n int) {
	l.begin += n
	l.base += int64(n)
	if l.cut && l.begin == l.ready {
		l.cut, l.dropping = false, true
	}
}

// after gives the place in the input behind the first n bytes of the block, and
// whether a cut line goes on there.
func (l *lines) after(n int) (offset int64, dropping bool) {
	return l.base + int64(n), l.dropping || l.cut && l.begin+n == l.ready && n > 0
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
		if from >= to {
			return end
		}
		newline := bytes.LastIndexByte(data[from:to], '\n')
		if newline < 0 {
			return end
		}
		end = from + newline + 1
	}
}

// skip drops the rest of a cut line, as far as it has come.
func (l *lines) skip() (ended bool) {
	rest := l.buf[l.begin:l.end]
	n := bytes.IndexByte(rest, '\n') + 1
	l.dropping = n == 0
	if l.dropping {
		n = len(rest)
	}
	l.begin += n
	l.base += int64(n)
	l.ready = l.begin
	return !l.dropping
}

// finish ends the line that the input left without a newline. There must be no
// block left.
func (l *lines) finish() {
	if l.end > l.begin && !l.dropping {
		l.space() // there is room behind a line that is within the limit
		l.buf[l.end] = '\n'
		l.end++
		l.searched = l.end - 1
	}
}
