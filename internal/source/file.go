package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"
)

// FileConfig says which file to follow and from where. Only Path must be set.
type FileConfig struct {
	// Path is a regular file, or a symbolic link to one. It need not exist yet.
	Path string
	// Position is where an earlier File stood, from Block.AppendPosition; empty
	// where there was none.
	Position []byte
	// FromEnd leaves out what the file holds at the first look. It counts only
	// where there is no Position.
	FromEnd bool
	// LineLimit is in bytes; DefaultLineLimit where it isn't positive.
	LineLimit int
	// Report is told, from Run's goroutine, whenever what keeps the file from
	// being read changes: an error that says how to mend it, or nil once
	// nothing does. The file is tried again at each look all the same.
	Report func(err error)
	// Notice is told what an admin may want to know: a gap, and where the
	// reading goes on after a restart.
	Notice func(text string)
}

// File is one log file that a Follower follows, over rotation, truncation,
// deletion and late creation, over the change of a symbolic link, and over
// restarts of the exporter. A rotated file, compressed by gzip or not, is read
// to its end before the one that took its name, and for as long as that one is
// empty, since a logger goes on writing to the old file until it is told to
// reopen.
//
// A line without an end waits for it, or, when its file is rotated away or
// truncated, goes out as it is.
type File struct {
	config FileConfig
	lines  *lines
	unwrap unwrapper
	seg    *segment // nil until there is one that can be read
	before *place   // the end of the file before, as long as seg is empty
	facts  Facts
	lag    atomic.Int64
	behind int64 // bytes of the files that come after seg, when they were last listed

	goal     fileID // the current file at the start, and its size: up to there it is busy
	goalSize int64
	caughtUp bool
}

// AddFile gives the follower a file that hands its lines to handle.
func (f *Follower) AddFile(config FileConfig, handle Handler) *File {
	if config.Notice == nil {
		config.Notice = func(string) {}
	}
	file := &File{config: config, lines: newLines(config.LineLimit)}
	file.unwrap.limit = file.lines.limit
	f.add(file, handle, config.Report)
	return file
}

// Lag gives the bytes that weren't read yet when the file was last looked at,
// with those of rotated files that are still to be read.
func (f *File) Lag() int64 { return f.lag.Load() }

func (f *File) pause() time.Duration { return DefaultInterval }

func (f *File) busy() bool {
	f.caughtUp = f.caughtUp || f.seg != nil && f.seg.id == f.goal && f.lines.base >= f.goalSize
	return !f.caughtUp
}

// read is input's.
func (f *File) read() error {
	err := f.readOn()
	if len(f.block()) == 0 {
		f.caughtUp = true
	}
	return err
}

// readOn reads until there is a block, or nothing more for now.
func (f *File) readOn() error {
	if f.seg == nil {
		if info, err := os.Stat(f.config.Path); err == nil && !f.caughtUp {
			f.goal, f.goalSize = idOf(info), info.Size()
		}
		err := f.begin()
		for errors.Is(err, errMoved) {
			err = f.begin()
		}
		if err != nil {
			f.config.FromEnd = false // what appears later was not there
			return err
		}
	}
	sure := false // that nothing more comes to a file that another has followed
	for {
		n, err := f.seg.read(f.lines.space())
		f.lines.add(n)
		f.lag.Store(f.seg.left() + f.behind)
		if len(f.block()) > 0 {
			return nil
		}
		switch {
		case errors.Is(err, errTruncated):
			if err := f.truncated(); errors.Is(err, errMoved) {
				continue
			} else if err != nil {
				return err
			}
			if len(f.block()) > 0 {
				return nil
			}
		case n > 0:
			sure = false
		case err != nil && !errors.Is(err, io.EOF) && f.seg.unzip == nil:
			return explain(err)
		default:
			next, listErr := f.next()
			if errors.Is(listErr, errMoved) {
				continue
			}
			if next == nil {
				return listErr
			}
			if !sure {
				sure = true // what was written between the read and the rename
				continue
			}
			f.lines.finish()
			if len(f.block()) > 0 {
				return nil
			}
			if !errors.Is(err, io.EOF) {
				f.facts.Unreadable++
				f.config.Notice(fmt.Sprintf("the rest of a rotated file of %s is lost: %v", f.config.Path, err))
			}
			sure = false
			if err := f.follow(next, 0); err == nil {
				f.facts.Rotations++
			} else if !errors.Is(err, errMoved) {
				return err
			}
		}
	}
}

// next gives the file that comes after the one being read, nil where that one
// is the current one still.
func (f *File) next() (*member, error) {
	info, err := os.Stat(f.config.Path)
	if err == nil && idOf(info) == f.seg.id {
		f.behind = 0
		return nil, nil
	}
	all, listErr := series(f.config.Path)
	if errors.Is(listErr, errMoved) {
		return nil, listErr
	}
	if listErr != nil && err == nil {
		all = []member{{f.config.Path, info, true}} // the folder may be searched and not listed
	}
	at, findErr := f.seg.place().find(all)
	if findErr != nil {
		return nil, findErr
	}
	unread := all[at+1:]
	if at < 0 {
		unread = f.seg.place().unread(all)
	}
	f.behind = 0
	for _, m := range unread {
		f.behind += m.info.Size()
	}
	switch {
	case len(unread) == 0 && err != nil:
		return nil, explain(err)
	case len(unread) == 0:
		return nil, &fs.PathError{Op: "open", Path: f.config.Path, Err: errNotRegular}
	case unread[0].current && unread[0].info.Size() == 0:
		return nil, nil // the logger that will write there may still be writing here
	}
	return &unread[0], nil
}

// errMoved says that a file was renamed while it was looked for.
var errMoved = errors.New("renamed just now")

// follow goes on with another file. A rotated one that can't be read counts as
// lost and is passed over; the current one is waited for.
func (f *File) follow(m *member, offset int64) error {
	seg, err := openSegment(m.path)
	if err == nil {
		if seg.id != idOf(m.info) {
			seg.close()
			return errMoved
		}
		err = seg.skipTo(offset)
	}
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist) && !m.current:
		return errMoved
	case m.current:
		return err
	default:
		f.facts.Unreadable++
		f.facts.LostBytes += uint64(m.info.Size())
		f.config.Notice(fmt.Sprintf("what stands in %s is lost: %v", m.path, err))
		seg = &segment{info: m.info, id: idOf(m.info)}
	}
	if seg.head.n > 0 {
		f.before = nil
	} else if f.seg != nil && f.seg.head.n > 0 {
		f.before = f.seg.place() // nothing tells an empty file from another
	}
	f.close()
	f.seg = seg
	f.lines.reset(offset, false)
	f.unwrap.reset(offset)
	return nil
}

// truncated goes on after the file that was being read was truncated: with the
// rest of its copy, where logrotate's copytruncate made one, and then from its
// new beginning. It counts as a gap with a copy too: what is written between the
// copy and the truncation is in neither.
func (f *File) truncated() error {
	old := f.seg.place()
	old.id = fileID{} // no more the same content
	if all, err := series(f.config.Path); err == nil {
		at, err := old.find(all)
		if err != nil {
			return err
		}
		if at >= 0 && f.followCopy(all[at].path) {
			f.facts.Truncations++
			return nil
		}
	}
	f.lines.finish()
	if len(f.block()) > 0 {
		return nil // the part of a line that was read goes out first
	}
	lost := max(0, old.size-old.offset)
	f.facts.Truncations++
	f.facts.LostBytes += uint64(lost)
	f.config.Notice(fmt.Sprintf("%s was truncated, and there is no copy of what is not read: %d bytes that were seen are lost, "+
		"and what was written since", f.config.Path, lost))
	f.lines.reset(0, false)
	f.unwrap.reset(0)
	return f.seg.rewind()
}

// followCopy goes on in a copy of the file, where the reading stands.
func (f *File) followCopy(path string) bool {
	seg, err := openSegment(path)
	if err != nil {
		return false
	}
	if seg.skipTo(f.seg.offset) != nil {
		seg.close()
		return false
	}
	f.close()
	f.seg = seg
	return true
}

func (f *File) close() {
	if f.seg != nil {
		f.seg.close()
		f.seg = nil
	}
}

func (f *File) block() []byte { return f.unwrap.block(f.lines) }

func (f *File) take(n int) { f.unwrap.take(f.lines, n) }

func (f *File) takeFacts() Facts {
	facts := f.facts
	facts.Truncated = f.lines.truncated + f.unwrap.truncated
	f.lines.truncated, f.unwrap.truncated, f.facts = 0, 0, Facts{}
	return facts
}

func (f *File) appendPosition(dst []byte, n int) []byte {
	if f.seg == nil {
		return append(dst, f.config.Position...)
	}
	if f.seg.head.n == 0 && f.before != nil {
		return f.before.append(dst)
	}
	p := f.seg.place()
	offset, dropping := f.unwrap.after(f.lines, n)
	p.offset, p.dropping = min(offset, p.offset), dropping
	return p.append(dst)
}
