package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"
)

// DefaultInterval is how often a followed file is looked at. Polling needs no
// change notices, which NFS and some container mounts don't give.
const DefaultInterval = 250 * time.Millisecond

// FileConfig says which file to follow and how. Only Path must be set.
type FileConfig struct {
	// Path is a regular file, or a symbolic link to one. It need not exist yet.
	Path string
	// Interval is the pause between two looks once everything is read;
	// DefaultInterval where it isn't positive.
	Interval time.Duration
	// LineLimit is in bytes; DefaultLineLimit where it isn't positive.
	LineLimit int
	// Report is told, from Run's goroutine, whenever what keeps the file from
	// being read changes: an error that says how to mend it, or nil once
	// nothing does. The file is tried again at each look all the same.
	Report func(err error)
}

// File follows one log file from its first byte, over rotation by rename,
// truncation, deletion and late creation, and over the change of a symbolic
// link. A renamed file is read to its end before the one that took its name,
// and for as long as that one is empty, since a logger goes on writing to the
// old file until it is told to reopen.
//
// A file that was truncated and has since outgrown what was read of it can't
// be told from one that only grew: what was written in between is lost.
type File struct {
	config   FileConfig
	lines    *lines
	file     *os.File    // nil until there is one that can be read
	identity fs.FileInfo // of file, as it was opened
	offset   int64       // in file, of the next read
	goal     int64       // caught up at this offset of the first file
	problem  string      // what Report was told last

	lag      atomic.Int64
	caughtUp chan struct{}
	isCaught bool // caughtUp is closed
}

// NewFile makes a follower whose Run hands blocks of whole lines to handle.
// Every block ends with a newline; it aliases the follower's one buffer, and
// its bytes live until handle comes back. A line without an end waits for it,
// or, when its file is rotated away or truncated, goes out as it is.
func NewFile(config FileConfig, handle func(block []byte)) *File {
	if config.Interval <= 0 {
		config.Interval = DefaultInterval
	}
	if config.Report == nil {
		config.Report = func(error) {}
	}
	return &File{config: config, lines: newLines(config.LineLimit, handle), caughtUp: make(chan struct{})}
}

// Truncated counts the lines that were cut at the limit.
func (f *File) Truncated() uint64 { return f.lines.truncated.Load() }

// Lag gives the bytes of the file being read that weren't read yet when it was
// last looked at.
func (f *File) Lag() int64 { return f.lag.Load() }

// CaughtUp is closed once everything has been read that the file held when it
// was first opened, and at once where it can't be opened: then there is
// nothing to wait for.
func (f *File) CaughtUp() <-chan struct{} { return f.caughtUp }

// Run follows the file, in the caller's goroutine, until ctx is done, and
// gives its cause. What is wrong with the file goes to Report and never ends
// Run. A File runs once.
func (f *File) Run(ctx context.Context) error {
	defer f.close()
	timer := time.NewTimer(f.config.Interval)
	defer timer.Stop()
	for {
		err := f.poll(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		f.report(err)
		timer.Reset(f.config.Interval)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// poll reads all there is: of the file it has, and of any that took its name.
func (f *File) poll(ctx context.Context) error {
	if f.file == nil {
		file, identity, err := open(f.config.Path)
		if err != nil {
			f.setCaughtUp()
			return err
		}
		f.follow(file, identity)
		f.goal = identity.Size()
	}
	for {
		readErr := f.drain(ctx)
		next, identity, err := f.successor()
		if next == nil {
			return errors.Join(readErr, err)
		}
		// What was written between the last read and the rename.
		readErr = errors.Join(readErr, f.drain(ctx))
		if ctx.Err() != nil {
			_ = next.Close()
			return ctx.Err()
		}
		f.report(readErr)
		f.lines.flush()
		f.close()
		f.follow(next, identity)
	}
}

// drain reads the file to its end; from the start again if it was truncated.
func (f *File) drain(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := f.file.ReadAt(f.lines.space(), f.offset)
		f.offset += int64(n)
		f.lines.add(n)
		atEnd := errors.Is(err, io.EOF)
		if err != nil && !atEnd {
			return explain(err)
		}
		info, statErr := f.file.Stat()
		if statErr != nil {
			return explain(statErr)
		}
		f.lag.Store(max(0, info.Size()-f.offset))
		if atEnd || f.offset >= f.goal {
			f.setCaughtUp()
		}
		if info.Size() < f.offset {
			f.lines.flush()
			f.offset = 0
			continue
		}
		if atEnd {
			return nil
		}
	}
	return ctx.Err()
}

// successor opens the file that took the path of the one being read. It is nil
// while the path names that one still, names nothing, or names an empty file:
// the logger that will write there may still be writing here.
func (f *File) successor() (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(f.config.Path)
	if err != nil {
		return nil, nil, explain(err)
	}
	if os.SameFile(info, f.identity) || info.Size() == 0 && info.Mode().IsRegular() {
		return nil, nil, nil
	}
	return open(f.config.Path)
}

func (f *File) follow(file *os.File, identity fs.FileInfo) {
	f.file, f.identity, f.offset = file, identity, 0
	f.lag.Store(identity.Size())
}

func (f *File) close() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

func (f *File) setCaughtUp() {
	if !f.isCaught {
		f.isCaught = true
		close(f.caughtUp)
	}
}

// report tells of a change only, so that a lasting trouble is told once.
func (f *File) report(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != f.problem {
		f.problem = text
		f.config.Report(err)
	}
}
