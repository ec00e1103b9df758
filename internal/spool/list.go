package spool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

// Entry is a queued message as its queue file tells of it. All but Queue and
// Origin may be a stranger's text; its bytes live until the next entry.
type Entry struct {
	Queue   parser.Queue
	ID      []byte
	Origin  Origin
	UID     uint32           // of origin local
	File    parser.QueueFile // zero for what a local user left in maildrop
	Whole   bool             // Postfix has it to its end
	Content []byte           // the head of a local user's message, see parser.Header
}

// contentBytes is how much of a local user's message is read for its headers.
const contentBytes = 4 << 10

// List reads the head of every file in the queue once and gives each message that
// it finds. Postfix goes on meanwhile: a message that moves may be missed, or be
// given twice. It takes the rights of Scan; of the queues that can't be listed
// the error tells the first, with the mend, after the others are read.
func List(ctx context.Context, queueDirectory string, site Site, each func(*Entry)) error {
	r, err := openReader(queueDirectory)
	if err != nil {
		return fmt.Errorf("queue directory %s: %w; %s", queueDirectory, err, mendRoot(err))
	}
	defer r.close()
	l := lister{
		reader: r, site: site, tree: newTree(), each: each,
		head: make([]byte, parser.QueueFileLongHead), content: make([]byte, contentBytes),
	}
	var fault error
	for q := range parser.QueueCorrupt {
		err := l.tree.walk(ctx, r, q, time.Time{}, l.see)
		l.handles.close()
		if err != nil && (fault == nil || errors.Is(err, errAccessTime)) {
			fault = fmt.Errorf("queue %v in %s: %w", q, queueDirectory, mendQueue(err))
		}
	}
	return fault
}

type lister struct {
	reader        reader
	site          Site
	tree          tree
	handles       handles
	head, content []byte
	entry         Entry
	each          func(*Entry)
}

// see reads the file that a directory lists.
func (l *lister) see(dir uint16, name []byte, _ byte) {
	fd := l.handles.get(uint32(dir), func() (int, error) { return l.tree.open(l.reader, dir) })
	if fd < 0 {
		return
	}
	l.entry = Entry{Queue: l.tree.dirs[dir].queue, ID: name}
	if l.entry.Queue == parser.QueueMaildrop {
		var stat unix.Stat_t
		if unix.Fstatat(fd, string(name), &stat, unix.AT_SYMLINK_NOFOLLOW) != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
			return
		}
		if stat.Uid != l.site.MailOwner { // as in Scan, its writer is all that is sure
			l.entry.Origin, l.entry.UID, l.entry.Whole = OriginLocal, stat.Uid, isWhole(&stat)
			l.entry.File.Arrival, l.entry.File.Size = stat.Mtim.Sec, stat.Size
			l.each(&l.entry)
			return
		}
	}
	file, err := l.reader.file(fd, string(name))
	if err != nil {
		return
	}
	defer func() { _ = unix.Close(file) }()
	var stat unix.Stat_t
	if unix.Fstat(file, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return
	}
	e := &l.entry
	e.Whole = isWhole(&stat)
	if !parseHead(file, l.head, &e.File) {
		e.File = parser.QueueFile{}
	}
	local := false
	if e.Origin, local = l.site.origin(&e.File); local {
		l.submitter(file)
	}
	l.each(e)
}

// submitter tells a local user's message as Scan does.
func (l *lister) submitter(file int) {
	e := &l.entry
	e.Origin = OriginUnknown
	if !e.File.Finished() {
		return
	}
	n, err := retry(func() (int, error) { return unix.Pread(file, l.content, e.File.Content) })
	if err != nil {
		return
	}
	e.Content = l.content[:n]
	switch uid := parser.Submitter(e.Content[:min(n, submitterBytes)], l.site.MailOwner); {
	case uid != parser.NoUID:
		e.Origin, e.UID = OriginLocal, uid
	case e.File.NullSender:
		e.Origin = OriginBounce
	default:
		e.Origin = OriginForward
	}
}
