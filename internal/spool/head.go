package spool

import (
	"errors"

	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

// readHead reads who sent a message, and what it is like, from its queue file
// in the directory fd. What the file does not tell stays unknown.
func (s *Scan) readHead(fd int, m *message) {
	if s.tree.dirs[m.dir].queue == parser.QueueMaildrop || m.flags&flagUnsure != 0 {
		var stat unix.Stat_t
		if unix.Fstatat(fd, m.name(), &stat, unix.AT_SYMLINK_NOFOLLOW) != nil {
			return // it has moved, and is seen elsewhere
		}
		if stat.Mode&unix.S_IFMT != unix.S_IFREG {
			s.settle(m, flagUnread)
			return
		}
		// In maildrop anybody may have written anything, but the file is its
		// writer's. Only what postsuper(1) has put there is Postfix's own.
		if s.tree.dirs[m.dir].queue == parser.QueueMaildrop && stat.Uid != s.site.MailOwner {
			m.origin, m.owner = OriginLocal, s.users.row(stat.Uid)
			m.arrival, m.size = s.moment(stat.Mtim.Sec), bytes32(stat.Size)
			s.whole(m, &stat)
			return
		}
	}
	file, err := s.reader.file(fd, m.name())
	if err != nil {
		if !errors.Is(err, unix.ENOENT) { // else it has moved, and is seen elsewhere
			s.faults.Unreadable++
			s.settle(m, flagUnread)
		}
		return
	}
	defer func() { _ = unix.Close(file) }()
	var stat unix.Stat_t
	if unix.Fstat(file, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
		s.settle(m, flagUnread)
		return
	}
	s.fill(file, &stat, m)
}

// fill reads an open queue file.
func (s *Scan) fill(file int, stat *unix.Stat_t, m *message) {
	m.arrival, m.size, m.origin, m.owner = s.moment(stat.Mtim.Sec), bytes32(stat.Size), OriginUnknown, 0
	var f parser.QueueFile
	if !parseHead(file, s.head, &f) {
		s.faults.Malformed++
		s.settle(m, flagUnread)
		return
	}
	s.whole(m, stat)
	if f.Arrival > 0 {
		m.arrival = s.moment(f.Arrival)
	}
	if f.Finished() {
		m.size = bytes32(f.Size)
		m.recipients = uint32(min(f.Recipients, 1<<32-1))
	}
	m.domain = s.tally.domains.hash(f.Waiting)
	origin, local := s.site.origin(&f)
	m.origin = origin
	switch {
	case origin == OriginSASL && cleanAccount(f.Account):
		m.owner = s.accounts.row(string(f.Account))
	case local:
		s.readSubmitter(file, &f, m)
	}
}

// parseHead parses the first bytes of a file, which it reads into head, of
// parser.QueueFileLongHead bytes. It says false where this is no queue file.
func parseHead(file int, head []byte, f *parser.QueueFile) bool {
	for _, length := range [...]int{parser.QueueFileHead, parser.QueueFileLongHead} {
		n, err := retry(func() (int, error) { return unix.Pread(file, head[:length], 0) })
		if err != nil || !parser.ParseQueueFile(head[:n], f) {
			return false
		}
		if f.Whole {
			break
		}
	}
	return true
}

// whole says that a message is read, unless its file is still being written.
func (s *Scan) whole(m *message, stat *unix.Stat_t) {
	if !isWhole(stat) {
		s.grow(m)
		return
	}
	s.settle(m, flagUnread)
}

// isWhole says whether a queue file is no longer being written.
func isWhole(stat *unix.Stat_t) bool {
	const ready = unix.S_IXUSR // global/mail_queue.h
	return stat.Mode&(ready|unix.S_IWUSR) != unix.S_IWUSR
}

// submitterBytes is enough for the header that pickup(8) writes, some times over.
const submitterBytes = 512

// readSubmitter tells a local user's message from one that was made here, by
// the head of its content, which stands behind all recipients.
func (s *Scan) readSubmitter(file int, f *parser.QueueFile, m *message) {
	if !f.Finished() {
		m.origin = OriginUnknown
		return
	}
	null := f.NullSender // f is part of the buffer
	n, err := retry(func() (int, error) { return unix.Pread(file, s.head[:submitterBytes], f.Content) })
	if err != nil {
		m.origin = OriginUnknown
		return
	}
	uid := parser.Submitter(s.head[:n], s.site.MailOwner)
	switch {
	case uid != parser.NoUID:
		m.origin, m.owner = OriginLocal, s.users.row(uid)
	case null:
		m.origin = OriginBounce
	}
}

// moment keeps a file's time within what can be: not after the scan.
func (s *Scan) moment(seconds int64) uint32 {
	return uint32(max(0, min(seconds, s.now, 1<<32-1)))
}

func bytes32(n int64) uint32 { return uint32(max(0, min(n, 1<<32-1))) }
