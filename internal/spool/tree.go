package spool

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

const (
	maxHashDepth = 3     // Postfix's MAX_DIR_DEPTH for hash_queue_depth
	maxHashDirs  = 32000 // of all queues; three levels of hexadecimal digits are 4368

	// settleTime is how much older than the look at a directory its time stamp
	// must be, so that no later change can have the same one.
	settleTime = 2 * time.Second
)

// hashDir is a queue's directory or one of its hash directories, as it was when
// it was last listed. It stands in tree.dirs.
type hashDir struct {
	name     string
	parent   int // in tree.dirs; -1: the queue directory itself
	queue    parser.Queue
	depth    int
	children []uint16

	modified unix.Timespec // when it was listed
	settled  bool          // and whether modified tells every later change
	listed   bool          // in this scan
	gone     bool
	first    uint32 // the message that was listed first, 0 for none
	foreign  int    // files in it that are not Postfix's
	beyond   int    // messages in it that the table had no room for
	checked  int64  // when its overdue messages were last looked at again
}

// tree is all directories that hold messages.
type tree struct {
	dirs   []hashDir
	buffer []byte
}

func newTree() tree {
	t := tree{buffer: make([]byte, namesBuffer)}
	for q := range parser.Queue(parser.NumQueues) {
		t.dirs = append(t.dirs, hashDir{name: q.String(), parent: -1, queue: q})
	}
	return t
}

// walk lists the directories of a queue that may have changed since it listed
// them last, and gives the messages to see.
func (t *tree) walk(ctx context.Context, r reader, queue parser.Queue, now time.Time, see func(dir uint16, name []byte, kind byte)) error {
	return t.visit(ctx, r, r.root, uint16(queue), now, see)
}

func (t *tree) visit(ctx context.Context, r reader, parent int, dir uint16, now time.Time, see func(uint16, []byte, byte)) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	fd, err := r.directory(parent, t.dirs[dir].name)
	if err != nil {
		t.forget(dir)
		return err
	}
	t.dirs[dir].gone = false
	defer func() { _ = unix.Close(fd) }()
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if d := &t.dirs[dir]; !d.settled || d.modified != stat.Mtim {
		if err := t.list(fd, dir, see); err != nil {
			return err
		}
		d := &t.dirs[dir] // list may have moved it
		d.modified = stat.Mtim
		d.settled = now.Sub(time.Unix(stat.Mtim.Unix())) > settleTime
	}
	for _, child := range t.dirs[dir].children {
		err := t.visit(ctx, r, fd, child, now, see)
		if err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR) && !errors.Is(err, unix.ELOOP) {
			return err
		}
	}
	return nil
}

// list reads the names in one directory.
func (t *tree) list(fd int, dir uint16, see func(uint16, []byte, byte)) error {
	d := &t.dirs[dir]
	d.listed, d.settled, d.foreign, d.beyond = true, false, 0, 0
	return listNames(fd, t.buffer, func(name []byte, kind byte) {
		switch kindOfName(name) {
		case nameMessage:
			if kind == unix.DT_REG || kind == unix.DT_UNKNOWN {
				see(dir, name, kind)
				return
			}
		case nameHash:
			if (kind == unix.DT_DIR || kind == unix.DT_UNKNOWN) && t.child(dir, name) {
				return
			}
		case nameOther:
			return
		}
		t.dirs[dir].foreign++
	})
}

// child makes sure that a hash directory is known.
func (t *tree) child(dir uint16, name []byte) bool {
	d := &t.dirs[dir]
	for _, c := range d.children {
		if t.dirs[c].name == string(name) {
			return true
		}
	}
	if d.depth >= maxHashDepth || len(t.dirs) >= maxHashDirs {
		return false
	}
	d.children = append(d.children, uint16(len(t.dirs)))
	t.dirs = append(t.dirs, hashDir{name: string(name), parent: int(dir), queue: d.queue, depth: d.depth + 1})
	return true
}

// forget takes a directory that can't be listed for empty, with all beneath it.
func (t *tree) forget(dir uint16) {
	d := &t.dirs[dir]
	if !d.gone {
		d.listed, d.settled, d.gone, d.foreign, d.beyond = true, false, true, 0, 0
	}
	for _, child := range d.children {
		t.forget(child)
	}
}

// open opens a directory of the tree, step by step, so that no link is followed.
func (t *tree) open(r reader, dir uint16) (int, error) {
	parent := r.root
	if p := t.dirs[dir].parent; p >= 0 {
		fd, err := t.open(r, uint16(p))
		if err != nil {
			return -1, err
		}
		defer func() { _ = unix.Close(fd) }()
		parent = fd
	}
	return r.directory(parent, t.dirs[dir].name)
}
