package spool

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"postfix_exporter/parser"
)

const (
	// maxShowqBytes bounds what one scan reads. A message with one recipient is
	// about 220 bytes, so that this is a million of them.
	maxShowqBytes = 256 << 20
	// maxSeen bounds how many queue ids a scan remembers (about 20 bytes each)
	// so as to count a message once that moves to a later queue meanwhile.
	maxSeen = 1 << 18
)

var errTooLong = errors.New("the answer goes on and on")

// Showq is a client of the showq(8) service. It is for one goroutine.
type Showq struct {
	socket     string
	classifier *parser.Classifier
	maxBytes   int64
	decoder    *parser.ShowqDecoder
	seed       maphash.Seed
	seen       map[uint64]struct{} // hashes of the queue ids of this scan
}

// NewShowq makes a client of the Postfix instance with this queue_directory.
func NewShowq(queueDirectory string, classifier *parser.Classifier) *Showq {
	return &Showq{
		socket:     filepath.Join(queueDirectory, "public", "showq"),
		classifier: classifier,
		maxBytes:   maxShowqBytes,
		decoder:    parser.NewShowqDecoder(nil),
		seed:       maphash.MakeSeed(),
		seen:       map[uint64]struct{}{},
	}
}

// Scan reads the whole queue from showq(8); it sends nothing. It comes back
// soon after ctx is done. Ages are those at now. On any error there is no
// snapshot: part of a queue is not its truth. The error says how to mend it.
func (s *Showq) Scan(ctx context.Context, now time.Time) (Snapshot, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", s.socket)
	if err != nil {
		return Snapshot{}, s.explain(err, 0)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	snapshot := Snapshot{Taken: now}
	s.decoder.Reset(&capped{r: conn, left: s.maxBytes})
	if err := s.read(&snapshot); err != nil {
		return Snapshot{}, s.explain(err, snapshot.Messages())
	}
	for q := range parser.QueueCorrupt { // which showq(8) does not walk
		snapshot.Known[q] = true
	}
	return snapshot, nil
}

func (s *Showq) read(snapshot *Snapshot) error {
	clear(s.seen)
	for {
		m, err := s.decoder.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s.again(m.ID) {
			continue
		}
		snapshot.addShowq(m)
		if err := s.recipients(snapshot); err != nil {
			return err
		}
	}
}

// recipients counts the recipients of one message that wait for another attempt.
func (s *Showq) recipients(snapshot *Snapshot) error {
	for {
		r, err := s.decoder.Recipient()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(r.Reason) > 0 && string(r.LogClass) != "bounce" {
			snapshot.DeferredRecipients[s.classifier.Reason(0, parser.DSN{}, r.Reason)]++
		}
	}
}

// again says whether this scan has met the id before.
func (s *Showq) again(id []byte) bool {
	h := maphash.Bytes(s.seed, id)
	if _, ok := s.seen[h]; ok {
		return true
	}
	if len(s.seen) < maxSeen {
		s.seen[h] = struct{}{}
	}
	return false
}

// explain adds the mend to an error.
func (s *Showq) explain(err error, messages int) error {
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: add the exporter's user to group postdrop (usermod -aG postdrop USER) and restart the exporter", err)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: Postfix is down; start it, or name the right config directory if it runs elsewhere", err)
	case errors.Is(err, syscall.EAGAIN):
		return fmt.Errorf("%w: Postfix accepts no more connections to showq; see its process limit in master.cf", err)
	case errors.Is(err, errTooLong):
		return fmt.Errorf("read %s: %w: no end after %d bytes, %d messages", s.socket, err, s.maxBytes, messages)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fmt.Errorf("read %s: not done in time, after %d messages: showq hangs, or disk or queue is too slow: %w", s.socket, messages, err)
	case errors.Is(err, parser.ErrShowqTruncated):
		return fmt.Errorf("read %s: %w, after %d messages: see the mail log for why showq stopped", s.socket, err, messages)
	}
	return fmt.Errorf("read %s: %w", s.socket, err)
}

// capped reads from r and gives errTooLong where r has more than the cap.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLong
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}
