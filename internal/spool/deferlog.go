package spool

import (
	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

const (
	deferLogBuffer = 64 << 10
	maxDeferLog    = 64 << 20 // of one message: some 150,000 recipients
)

// readDeferral reads when a deferred message is tried next, and, where that has
// changed, why it was not delivered: from the log that bounce(8) keeps under the
// same name in defer/.
func (s *Scan) readDeferral(fd int, m *message) {
	if s.tree.dirs[m.dir].queue == parser.QueueDeferred {
		var stat unix.Stat_t
		if unix.Fstatat(fd, m.name(), &stat, unix.AT_SYMLINK_NOFOLLOW) != nil {
			return // it has moved, and is seen elsewhere
		}
		next := uint32(max(0, min(stat.Mtim.Sec, 1<<32-1)))
		if m.next == next {
			s.settle(m, flagDeferral)
			return // it was not tried meanwhile
		}
		m.next = next
	}
	s.settle(m, flagDeferral)
	m.reasons = [3]deferral{}
	log, ok := s.openDeferLog(m)
	if !ok {
		return
	}
	defer func() { _ = unix.Close(log) }()
	var counts [parser.NumFailureReasons]int
	s.readDeferLog(log, &counts)
	m.reasons = mostFrequent(&counts)
}

func (s *Scan) readDeferLog(log int, counts *[parser.NumFailureReasons]int) {
	held := 0
	for total := 0; total < maxDeferLog; {
		n, err := retry(func() (int, error) { return unix.Read(log, s.buffer[held:]) })
		if err != nil || n == 0 {
			return
		}
		total += n
		last := held+n < len(s.buffer)
		left := s.buffer[:held+n]
		for {
			d, rest, ok := parser.NextDeferral(left)
			if !ok {
				break
			}
			counts[s.classifier.Reason(0, d.Status, d.Reason)]++
			left = rest
		}
		if held = copy(s.buffer, left); held == len(s.buffer) {
			held = 0 // no entry is so long
		}
		if last { // short of the end of the file
			return
		}
	}
}

// mostFrequent keeps as many reasons as a message has room for; the recipients
// with a rarer one count as other.
func mostFrequent(counts *[parser.NumFailureReasons]int) (kept [3]deferral) {
	reasons := 0
	for _, n := range counts {
		if n > 0 {
			reasons++
		}
	}
	for i := range kept {
		if i == len(kept)-1 && reasons > len(kept) {
			rest := 0
			for _, n := range counts {
				rest += n
			}
			kept[i] = newDeferral(parser.FailureOther, rest)
			return kept
		}
		most := 0
		for reason, n := range counts {
			if n > counts[most] {
				most = reason
			}
		}
		kept[i] = newDeferral(parser.FailureReason(most), counts[most])
		counts[most] = 0
	}
	return kept
}

// openDeferLog opens a message's log, at the depth in defer/ at which the last
// one was found.
func (s *Scan) openDeferLog(m *message) (int, bool) {
	for try := range maxHashDepth + 1 {
		depth := (s.deferDepth + try) % (maxHashDepth + 1)
		hash := hashOf(m.id[:m.idLen])
		directory := s.handles.get(deferHandle(hash[:depth]), func() (int, error) { return s.openHashed("defer", hash[:depth]) })
		log, err := s.reader.file(directory, m.name()) // it fails with a directory that is none
		if err == nil {
			s.deferDepth, s.deferKnown = depth, true
			return log, true
		}
		if s.deferKnown {
			break // most messages that have none were never tried
		}
	}
	return -1, false
}

// deferHandle is the key of a hash directory in defer/ among the handles, beyond
// those in tree.dirs.
func deferHandle(hash []byte) uint32 {
	key := uint32(1+len(hash)) << 24
	for i, c := range hash {
		key |= uint32(c) << (8 * i)
	}
	return key
}

// openHashed opens a hash directory beneath a directory.
func (s *Scan) openHashed(directory string, hash []byte) (int, error) {
	fd, err := s.reader.directory(s.reader.root, directory)
	for i := range hash {
		if err != nil {
			return -1, err
		}
		parent := fd
		fd, err = s.reader.directory(parent, string(hash[i:i+1]))
		_ = unix.Close(parent)
	}
	return fd, err
}
