package traffic

import (
	"io"
	"time"
)

// journal is the log. What happens in a session or a delivery is written down
// at once, with stamps that lie some seconds ahead; the journal keeps these
// lines until their time has come, so that those of many daemons mix as they
// do in a real log.
type journal struct {
	w     io.Writer
	clock stamp
	told  func(at, fact) // what the truth makes of a line, when it is written

	lines  heap[line]
	number uint64
	free   [][]byte // texts of lines that were written
	buffer []byte
	count  uint64
}

type line struct {
	at     at
	number uint64
	text   []byte
	fact   fact
}

const journalBuffer = 1 << 20

func newJournal(w io.Writer, start time.Time, told func(at, fact)) *journal {
	return &journal{
		w: w, clock: stamp{start: start.UTC()}, told: told,
		lines: heap[line]{before: func(a, b *line) bool { return a.at < b.at || a.at == b.at && a.number < b.number }},
	}
}

// add writes a line, and a fact that becomes true with it.
func (j *journal) add(when at, p *process, f fact, text ...string) {
	var b []byte
	if n := len(j.free); n > 0 {
		b, j.free = j.free[n-1][:0], j.free[:n-1]
	}
	b = append(b, p.tag...)
	for _, s := range text {
		b = append(b, s...)
	}
	j.number++
	j.lines.push(line{when, j.number, b, f})
}

// flush writes out all lines from before end.
func (j *journal) flush(end at) error {
	for j.lines.len() > 0 && j.lines.first().at < end {
		l := j.lines.pop()
		if l.fact.who != nil {
			j.told(l.at, l.fact)
		}
		j.buffer = j.clock.append(j.buffer, l.at)
		j.buffer = append(j.buffer, l.text...)
		j.buffer = append(j.buffer, '\n')
		j.free = append(j.free, l.text)
		j.count++
		if len(j.buffer) >= journalBuffer {
			if err := j.empty(); err != nil {
				return err
			}
		}
	}
	return nil
}

// close writes the rest, also lines that lie ahead.
func (j *journal) close() error {
	if err := j.flush(forever); err != nil {
		return err
	}
	return j.empty()
}

func (j *journal) empty() error {
	_, err := j.w.Write(j.buffer)
	j.buffer = j.buffer[:0]
	return err
}

// stamp writes times as rsyslog does by default on Debian 12.
type stamp struct {
	start  time.Time
	second at
	text   []byte // of that second
}

func (s *stamp) append(b []byte, when at) []byte {
	second := when / time.Second
	if second != s.second || s.text == nil {
		s.second = second
		s.text = s.start.Add(second*time.Second).AppendFormat(s.text[:0], "2006-01-02T15:04:05.")
	}
	b = append(b, s.text...)
	micro := int(when % time.Second / time.Microsecond)
	for unit := 100_000; unit > 0; unit /= 10 {
		b = append(b, byte('0'+micro/unit%10))
	}
	return append(b, "+00:00 mx "...)
}
