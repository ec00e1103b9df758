package source

import (
	"errors"
	"io"
	"os"
	"time"
)

// stream is standard input, as a container gives it: lines that come once, and
// have no place to go back to.
type stream struct {
	file   *os.File
	lines  *lines
	unwrap unwrapper
	ended  bool
	flows  bool // the last look gave something
	notice func(string)
}

// AddStream gives the follower a pipe, a terminal or the like. It is not closed.
func (f *Follower) AddStream(file *os.File, handle Handler, report func(error), notice func(string)) {
	s := &stream{file: file, lines: newLines(0), notice: notice}
	s.unwrap.limit = s.lines.limit
	f.add(s, handle, report)
}

func (s *stream) read() error {
	s.flows = false
	for !s.ended {
		n, err := readNow(s.file, s.lines.space())
		s.lines.add(n)
		s.flows = s.flows || n > 0
		switch {
		case errors.Is(err, io.EOF):
			s.ended = true
			s.lines.finish()
			s.notice("standard input has ended: no more lines come from there")
		case err != nil:
			return err
		}
		if n == 0 || len(s.block()) > 0 {
			return nil
		}
	}
	return nil
}

func (s *stream) pause() time.Duration {
	if s.flows {
		return streamPause
	}
	return DefaultInterval
}

func (s *stream) busy() bool                              { return false }
func (s *stream) block() []byte                           { return s.unwrap.block(s.lines) }
func (s *stream) take(n int)                              { s.unwrap.take(s.lines, n) }
func (s *stream) appendPosition(dst []byte, _ int) []byte { return dst }
func (s *stream) close()                                  {}

func (s *stream) takeFacts() Facts {
	facts := Facts{Truncated: s.lines.truncated + s.unwrap.truncated}
	s.lines.truncated, s.unwrap.truncated = 0, 0
	return facts
}
