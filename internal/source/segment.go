package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// errTruncated says that what was read of a file is not what it holds now.
var errTruncated = errors.New("the file was truncated")

// errPacked says that a file is compressed in a way that can't be read.
var errPacked = errors.New("compressed, and not by gzip")

// segment is an open file of the series that a log is: the one that is written
// to, or a rotated one, plain or compressed by gzip.
type segment struct {
	file   *os.File    // nil for one that can't be read
	info   fs.FileInfo // as it was last looked at
	id     fileID
	born   int64     // as born gives it
	head   signature // of the content; longer as a short file grows
	unzip  *bufio.Reader
	offset int64 // in the content, of the next read
}

// openSegment opens a file to be read from its beginning. Errors say their mend.
func openSegment(path string) (*segment, error) {
	file, info, err := open(path)
	if err != nil {
		return nil, err
	}
	s := &segment{file: file, info: info, id: idOf(info), born: born(int(file.Fd()), "")}
	head, err := s.readHead()
	if err != nil {
		s.close()
		return nil, explain(err)
	}
	switch {
	case isGzip(head):
		head, err = s.openGzip()
	case isPacked(head):
		err = errPacked
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.head = signatureOf(head)
	return s, nil
}

func (s *segment) openGzip() (head []byte, err error) {
	unzip, err := gzip.NewReader(bufio.NewReaderSize(s.file, 64<<10))
	if err != nil {
		return nil, err
	}
	s.unzip = bufio.NewReaderSize(unzip, 64<<10)
	head, err = s.unzip.Peek(signatureSize)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return head, err
}

// readHead gives the first bytes of the file as it is now.
func (s *segment) readHead() ([]byte, error) {
	var head [signatureSize]byte
	n, err := s.file.ReadAt(head[:], 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return head[:n], err
}

// skipTo goes on at an offset of the content.
func (s *segment) skipTo(offset int64) error {
	if s.unzip != nil {
		if n, err := io.CopyN(io.Discard, s.unzip, offset); err != nil {
			return fmt.Errorf("%s: ends after %d bytes, want more than %d: %w", s.file.Name(), n, offset, err)
		}
	}
	s.offset = offset
	return nil
}

// read fills p from where the last read ended. At the present end it gives
// io.EOF, with or without bytes. With errTruncated it gives none: it can't be
// said which content they are of.
func (s *segment) read(p []byte) (n int, err error) {
	if s.file == nil {
		return 0, io.EOF
	}
	if s.unzip != nil {
		n, err = s.unzip.Read(p)
		s.offset += int64(n)
		return n, err
	}
	n, err = s.file.ReadAt(p, s.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	before := s.info
	info, statErr := s.file.Stat()
	if statErr != nil {
		return 0, statErr
	}
	if info.Size() < s.offset+int64(n) {
		return 0, errTruncated
	}
	// One that was truncated and has outgrown what was read shows by its head.
	if n > 0 || !info.ModTime().Equal(before.ModTime()) {
		head, headErr := s.readHead()
		switch {
		case headErr != nil:
			return 0, headErr
		case !s.head.matches(head):
			return 0, errTruncated
		case s.head.n < signatureSize:
			s.head = signatureOf(head)
		}
	}
	s.info = info
	s.offset += int64(n)
	return n, err
}

// rewind begins a truncated file anew.
func (s *segment) rewind() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	head, err := s.readHead()
	if err != nil {
		return err
	}
	s.info, s.head, s.offset = info, signatureOf(head), 0
	return nil
}

// left gives how many bytes, as they are stored, weren't read yet when the file
// was last looked at.
func (s *segment) left() int64 {
	if s.file == nil {
		return 0
	}
	at := s.offset
	if s.unzip != nil {
		at, _ = s.file.Seek(0, io.SeekCurrent) // of a file that is open it can't fail
	}
	return max(0, s.info.Size()-at)
}

func (s *segment) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}

// place is that of the next read.
func (s *segment) place() *place {
	return &place{id: s.id, born: s.born, head: s.head, offset: s.offset, size: s.info.Size(), modified: s.info.ModTime().UnixNano()}
}

func isGzip(head []byte) bool { return len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b }

// isPacked knows the marks of xz, zstd, bzip2 and lz4.
func isPacked(head []byte) bool {
	for _, mark := range []string{"\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "BZh", "\x04\x22\x4d\x18"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	return false
}
