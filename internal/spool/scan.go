package spool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

// Bounds of a scan. A file that the disk has to fetch takes up to 70 us, one in
// memory 3: what the budget leaves unread the next scan reads.
const (
	maxMessages  = 2 << 20 // remembered, at up to 100 bytes each
	maxAccounts  = 10_000
	maxUsers     = 10_000
	readFiles    = 50_000
	readTime     = 250 * time.Millisecond
	checkOverdue = 60 // seconds between two looks at a directory's overdue messages
)

// errUnlisted: no queue directory is there that this user may list, as for one
// in group postdrop, or where a container sees public/ alone.
var errUnlisted = errors.New("the queue's directories can't be listed")

// Faults are files that a scan could not make sense of, since the start.
type Faults struct {
	Unreadable uint64 // not to be opened
	Malformed  uint64 // no queue files
}

// Scan looks at the queue on disk, again and again, and remembers what it has
// read. It lists the directories that have changed, reads the head of each new
// file once, and never writes, locks, or follows a link. It takes root, Postfix's
// own user, or CAP_DAC_READ_SEARCH and a mount without access times. It is for
// one goroutine.
type Scan struct {
	directory  string
	classifier *parser.Classifier
	clock      func() time.Time

	tree     tree
	messages messages
	accounts rows[string]
	users    rows[uint32]
	tally    tally
	faults   Faults

	unread     int    // messages with something due to read
	growing    int    // of them those that are still being received
	cursor     uint32 // entry at which reading goes on
	changed    bool   // in this scan
	previous   uint32 // message that was listed last
	deferDepth int    // of the hash directories in defer/
	deferKnown bool

	// Of this scan:
	reader  reader
	handles handles
	site    Site
	now     int64
	head    []byte
	buffer  []byte
}

// NewScan makes a scan of the queue in this queue_directory. The clock bounds
// the time that reading takes.
func NewScan(queueDirectory string, classifier *parser.Classifier, clock func() time.Time) *Scan {
	return &Scan{
		directory:  queueDirectory,
		classifier: classifier,
		clock:      clock,
		tree:       newTree(),
		messages:   newMessages(maxMessages),
		accounts:   newRows[string](maxAccounts),
		users:      newRows[uint32](maxUsers),
		tally:      newTally(),
		deferDepth: 1, // Postfix's default hash_queue_depth
		head:       make([]byte, parser.QueueFileLongHead),
		buffer:     make([]byte, deferLogBuffer),
	}
}

// Scan looks once. On an error, which says how to mend it, the snapshot holds
// what is known; errUnlisted means that this is nothing.
func (s *Scan) Scan(ctx context.Context, site Site) (Snapshot, error) {
	began := s.clock()
	s.site, s.now, s.changed = site, began.Unix(), false
	known, err := s.list(ctx, began)
	if err != nil && known == ([parser.NumQueues]bool{}) {
		return Snapshot{Outside: s.reader.outside}, err
	}
	if s.changed {
		s.count()
	}
	snapshot := s.tally.snapshot(s.now)
	snapshot.Taken, snapshot.Listed, snapshot.Known, snapshot.Unread, snapshot.Faults = began, true, known, s.unread-s.growing, s.faults
	snapshot.Outside, snapshot.Reading = s.reader.outside, snapshot.Unread > 0
	snapshot.Accounts, snapshot.Users = s.accounts.largest(numLargest), s.users.largest(numLargest)
	s.beyond(&snapshot)
	return snapshot, err
}

// list brings the table up to date with the directories, and reads.
func (s *Scan) list(ctx context.Context, began time.Time) (known [parser.NumQueues]bool, err error) {
	if s.reader, err = openReader(s.directory); err != nil {
		return known, fmt.Errorf("queue directory %s: %w; %s", s.directory, err, mendRoot(err))
	}
	defer s.reader.close()
	var fault error
	listed := false
	for q := range parser.Queue(parser.NumQueues) {
		s.previous = 0
		err := s.tree.walk(ctx, s.reader, q, began, s.see)
		known[q] = err == nil
		listed = listed || err == nil
		if err != nil && (fault == nil || errors.Is(err, errAccessTime)) {
			fault = fmt.Errorf("queue %v in %s: %w", q, s.directory, mendQueue(err))
		}
	}
	if ctx.Err() == nil && !listed {
		return known, fmt.Errorf("%w: %w", errUnlisted, fault)
	}
	for i := range s.tree.dirs {
		s.changed = s.changed || s.tree.dirs[i].listed
	}
	s.forget(began.Unix())
	s.read(ctx)
	return known, fault
}

// see takes in a name that a directory lists.
func (s *Scan) see(dir uint16, name []byte, kind byte) {
	link := &s.tree.dirs[dir].first
	if s.previous != 0 {
		link = &s.messages.at(s.previous).follow
	}
	// Names come in the same order again, unless some are new or gone.
	i := *link
	if i == 0 || !s.messages.at(i).is(name) {
		if i = s.messages.find(name); i == 0 {
			if i = s.messages.insert(name); i == 0 {
				s.tree.dirs[dir].beyond++
				return
			}
			m := s.messages.at(i)
			m.dir = dir
			s.due(m, flagUnread)
			s.arrived(m, dir)
			if kind == unix.DT_UNKNOWN {
				m.flags |= flagUnsure
			}
		}
		*link = i
	}
	m := s.messages.at(i)
	if m.dir != dir {
		m.dir = dir
		s.arrived(m, dir)
	}
	m.flags |= flagSeen
	s.previous = i
}

// arrived notes what a message's new directory means.
func (s *Scan) arrived(m *message, dir uint16) {
	switch s.tree.dirs[dir].queue {
	case parser.QueueDeferred:
		s.due(m, flagDeferral)
	case parser.QueueHold:
		if m.next == 0 {
			s.due(m, flagDeferral)
		}
	default: // its defer log goes when it is tried again
		m.next, m.reasons = 0, [3]deferral{}
	}
}

func (s *Scan) due(m *message, what flags) {
	if m.flags&flagsDue == 0 {
		s.unread++
	}
	m.flags |= what
}

// settle takes back what was due.
func (s *Scan) settle(m *message, what flags) {
	if m.flags&flagsDue != 0 && m.flags&flagsDue&^what == 0 {
		s.unread--
	}
	if what&flagUnread != 0 && m.flags&flagGrowing != 0 {
		m.flags &^= flagGrowing
		s.growing--
	}
	m.flags &^= what
}

// grow notes that a message is still being received: it is counted, and read
// again at each scan until it is whole.
func (s *Scan) grow(m *message) {
	if m.flags&flagGrowing == 0 {
		m.flags |= flagGrowing
		s.growing++
	}
}

// forget drops the messages that are no longer where they were, and looks again
// at those that are overdue where their directory has changed: they may have
// been tried meanwhile.
func (s *Scan) forget(now int64) {
	if !s.changed {
		return
	}
	s.messages.all(func(i uint32, m *message) {
		d := &s.tree.dirs[m.dir]
		switch {
		case !d.listed:
		case m.flags&flagSeen == 0:
			s.settle(m, m.flags&flagsDue)
			s.messages.remove(i)
		default:
			m.flags &^= flagSeen
			if m.next != 0 && int64(m.next) <= now && d.queue == parser.QueueDeferred && now-d.checked >= checkOverdue {
				s.due(m, flagDeferral)
			}
		}
	})
	for i := range s.tree.dirs {
		d := &s.tree.dirs[i]
		if d.listed && now-d.checked >= checkOverdue {
			d.checked = now
		}
		d.listed = false
	}
}

// read reads what is due, from where the last scan stopped, until the budget is
// spent.
func (s *Scan) read(ctx context.Context) {
	defer s.handles.close()
	files, start := 0, s.clock()
	for range s.messages.used {
		if s.unread == 0 || files == readFiles || ctx.Err() != nil {
			return
		}
		s.cursor++
		if s.cursor > s.messages.used {
			s.cursor = 1
		}
		m := s.messages.at(s.cursor)
		if m.flags&flagsDue == 0 {
			continue
		}
		if files++; files%64 == 0 && s.clock().Sub(start) > readTime {
			return
		}
		fd := s.handles.get(uint32(m.dir), func() (int, error) { return s.tree.open(s.reader, m.dir) })
		if fd >= 0 {
			s.readOne(fd, m)
			s.changed = true
		}
	}
}

func (s *Scan) readOne(fd int, m *message) {
	if m.flags&flagUnread != 0 {
		s.readHead(fd, m)
	}
	if m.flags&flagDeferral != 0 {
		s.readDeferral(fd, m)
	}
}

// beyond adds the messages that the table had no room for.
func (s *Scan) beyond(snapshot *Snapshot) {
	for i := range s.tree.dirs {
		d := &s.tree.dirs[i]
		q := &snapshot.Queues[d.queue]
		q.Messages += d.beyond
		q.Origins[OriginUnknown] += d.beyond
		snapshot.Unread += d.beyond
		q.Foreign += d.foreign
	}
}
