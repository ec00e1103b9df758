package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// begin opens the file where the reading is to begin: at the saved place, in
// whatever file of the series that is now, or in the current one.
func (f *File) begin() error {
	if len(f.config.Position) == 0 {
		return f.beginAnew()
	}
	p, err := readPlace(f.config.Position)
	if err != nil {
		f.config.Notice(fmt.Sprintf("%s: %v: what is in the file now is left out, lest it count twice", f.config.Path, err))
		f.facts.Vanished++
		f.config.Position, f.config.FromEnd = nil, true
		return f.beginAnew()
	}
	all, err := series(f.config.Path)
	if errors.Is(err, errMoved) {
		return err
	}
	if err != nil {
		info, statErr := os.Stat(f.config.Path)
		if statErr != nil {
			return explain(errors.Join(statErr, err))
		}
		all = []member{{f.config.Path, info, true}}
	}
	if len(all) == 0 {
		return f.beginAnew() // which says what is wrong
	}
	at, err := p.find(all)
	if err != nil {
		return err
	}
	if at >= 0 {
		if err := f.follow(&all[at], p.offset); err != nil {
			return err
		}
		f.lines.dropping = p.dropping
		f.setBehind(all[at+1:])
		if last := all[len(all)-1]; at < len(all)-1 && last.current && p.isStill(last) {
			f.facts.Truncations++ // copied and truncated
		}
		if at < len(all)-1 {
			f.config.Notice(fmt.Sprintf("%s was rotated: reading goes on in %s", f.config.Path, all[at].path))
		}
		return nil
	}
	unread := p.unread(all)
	if len(unread) == 0 {
		return f.beginAnew() // all there is was read: this says that the log is missing
	}
	if err := f.follow(&unread[0], 0); err != nil {
		return err
	}
	f.setBehind(unread[1:])
	if p.head.n > 0 {
		f.lost(&p, all, unread[0].path)
	}
	return nil
}

// beginAnew opens the current file, the first time that it can be.
func (f *File) beginAnew() error {
	seg, err := openSegment(f.config.Path)
	if err != nil {
		return err
	}
	f.seg = seg
	if f.config.FromEnd && seg.unzip == nil {
		seg.offset = seg.info.Size()
		f.lines.reset(seg.offset, !seg.endsALine())
		f.unwrap.reset(seg.offset)
	}
	f.config.FromEnd = false
	return nil
}

// endsALine says whether the byte before the offset is a newline.
func (s *segment) endsALine() bool {
	var last [1]byte
	n, err := s.file.ReadAt(last[:], s.offset-1)
	return n == 0 || err != nil || last[0] == '\n'
}

// lost tells that the file of the saved place is no more, so that the reading
// goes on with the oldest that was written to since.
func (f *File) lost(p *place, all []member, next string) {
	missing := max(0, p.size-p.offset)
	f.facts.LostBytes += uint64(missing)
	why := "is gone"
	switch last := all[len(all)-1]; {
	case p.isStill(last):
		f.facts.Truncations++
		why = "was truncated, and no copy of it is found"
	case packed(all) != "":
		f.facts.Unreadable++
		why = "is gone, or it is " + packed(all) + ", which can't be read: let logrotate compress by gzip, or a day later (delaycompress)"
	default:
		f.facts.Vanished++
	}
	f.config.Notice(fmt.Sprintf("the file that was read as %s %s: at least %d bytes are lost; reading goes on at the beginning of %s",
		f.config.Path, why, missing, next))
}

func (f *File) setBehind(after []member) {
	f.behind = 0
	for _, m := range after {
		f.behind += m.info.Size()
	}
	f.lag.Store(f.seg.left() + f.behind)
}

// packed names the youngest file whose compression can't be read, if there is one.
func packed(all []member) string {
	for i := len(all) - 1; i >= 0; i-- {
		if c := compression(all[i].path); c != "" && c != ".gz" {
			return all[i].path
		}
	}
	return ""
}

// find gives the index of the file that the place is in, or -1: the same file,
// or else one that begins alike and reaches as far. Of a file that was empty and
// is the current one that can't be said: it may have been filled, copied and
// truncated.
//
// With errMoved one of them was renamed or compressed since they were listed:
// they must be listed again, lest its lines count as lost.
func (p *place) find(all []member) (at int, err error) {
	for i, m := range all {
		if !p.isStill(m) || p.head.n == 0 && m.current {
			continue
		}
		if is, err := p.isIn(m); is || err != nil {
			return i, err
		}
	}
	if p.head.n == 0 {
		return -1, nil // an empty file is like any other
	}
	for i, m := range all {
		// The first bytes of a short file are soon those of another.
		recent := m.info.ModTime().UnixNano() >= p.modified
		if !recent && p.head.n < signatureSize || p.isStill(m) {
			continue
		}
		if is, err := p.isIn(m); is || err != nil {
			return i, err
		}
	}
	return -1, nil
}

func (p *place) isIn(m member) (bool, error) {
	seg, err := openSegment(m.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, errMoved
	case err != nil:
		return false, nil // it can't be read
	}
	defer seg.close()
	switch {
	case seg.id != idOf(m.info):
		return false, errMoved
	case seg.unzip == nil && seg.info.Size() < p.offset:
		return false, nil
	}
	head, err := seg.readHead()
	if seg.unzip != nil {
		head, err = seg.unzip.Peek(int(p.head.n))
	}
	return err == nil && p.head.matches(head), nil
}

// unread gives the files that were written to after the place was saved, where
// its own file is not among them. All that come after one of them were, too.
func (p *place) unread(all []member) []member {
	for i, m := range all {
		if m.current || m.info.ModTime().UnixNano() > p.modified {
			return all[i:]
		}
	}
	return nil
}
