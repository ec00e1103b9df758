package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"postfix_exporter/parser"
)

// JournalConfig says how the journal is read. Now must be set.
type JournalConfig struct {
	// Command is journalctl, or something that does as it does; "journalctl" where
	// it is empty. Args come before all others.
	Command string
	Args    []string
	// Position is as in FileConfig, FromEnd too. Without either, the journal's last
	// 24 hours are read.
	Position []byte
	FromEnd  bool
	// LineLimit is as in FileConfig.
	LineLimit int
	// Trust says whose entries count.
	Trust parser.JournalTrust
	// Now is the clock.
	Now func() time.Time
	// Report and Notice are as in FileConfig.
	Report func(err error)
	Notice func(text string)
}

// journal is systemd's journal, as journalctl(1) gives it: first all there is
// behind the cursor, by a run that ends, and then, by one that doesn't, what
// comes. A program that ends before it should is started again, after a pause
// that doubles.
type journal struct {
	config  JournalConfig
	decoder *parser.JournalDecoder
	child   *child
	follows bool // child is the run that doesn't end
	seeking bool // child only tells the cursor of the journal's end
	flows   bool // the last look gave something
	retry   time.Time
	backoff time.Duration
	failure error // why there is no child; nil at the start

	in    []byte
	rest  []byte // of in, not decoded yet
	text  []byte // lines of entries
	taken int
	marks []journalMark // of each line of text
	done  journalPlace  // behind what was handed on
	last  journalPlace  // behind what was decoded
	after int64         // entries up to this time, in microseconds, were read before the cursor was lost
	facts Facts
}

type journalMark struct {
	text  int // end of the line
	place journalPlace
}

// journalPlace is an entry: its cursor and when journald got it, in microseconds.
type journalPlace struct {
	micros int64
	cursor []byte
}

const (
	minBackoff   = time.Second
	maxBackoff   = time.Minute
	journalBlock = 128 << 10 // least bytes of lines that are enough for a block
)

// AddJournal gives the follower the journal.
func (f *Follower) AddJournal(config JournalConfig, handle Handler) {
	if config.Command == "" {
		config.Command = "journalctl"
	}
	if config.LineLimit <= 0 {
		config.LineLimit = DefaultLineLimit
	}
	if config.Notice == nil {
		config.Notice = func(string) {}
	}
	j := &journal{config: config, decoder: parser.NewJournalDecoder(config.LineLimit), in: make([]byte, 64<<10), backoff: minBackoff}
	j.done = readJournalPlace(config.Position)
	j.last = j.done
	if len(j.last.cursor) == 0 {
		j.after = j.last.micros
	}
	f.add(j, handle, config.Report)
}

func (j *journal) read() error {
	j.flows = false
	if j.child == nil {
		if j.failure != nil && j.config.Now().Before(j.retry) {
			return j.failure
		}
		if err := j.start(); err != nil {
			return j.failed(err)
		}
	}
	for len(j.text) < journalBlock {
		if len(j.rest) == 0 {
			n, err := j.child.read(j.in)
			j.rest = j.in[:n]
			if err != nil {
				return j.ended(err)
			}
			if n == 0 {
				return nil
			}
			j.flows = true
		}
		var ok bool
		if j.rest, ok = j.decoder.Next(j.rest); ok {
			j.entry()
		}
	}
	return nil
}

// start runs journalctl: only for the fields that are read, and for what is of
// the facility mail or of journald itself.
func (j *journal) start() (err error) {
	args := append(slices.Clone(j.config.Args), "--output=export", "--output-fields=_SOURCE_REALTIME_TIMESTAMP,_TRANSPORT,_HOSTNAME,_UID,_PID,_SYSTEMD_UNIT,"+
		"SYSLOG_IDENTIFIER,SYSLOG_PID,MESSAGE")
	switch {
	case len(j.last.cursor) > 0:
		args = append(args, "--after-cursor="+string(j.last.cursor))
	case j.after > 0:
		args = append(args, "--since=@"+strconv.FormatInt(j.after/1e6, 10))
	case j.config.FromEnd && !j.follows:
		j.seeking = true
		args = append(args, "--lines=1")
	case !j.config.FromEnd:
		args = append(args, "--since=-24h")
	}
	if j.follows {
		args = append(args, "--follow", "--no-tail")
	}
	if !j.seeking {
		args = append(args, "SYSLOG_FACILITY=2", "+", "_TRANSPORT=driver")
	}
	j.child, err = startChild(j.config.Command, args...)
	j.decoder = parser.NewJournalDecoder(j.config.LineLimit)
	return err
}

// entry takes in what was decoded.
func (j *journal) entry() {
	d := j.decoder
	place := journalPlace{d.JournalMicros(), bytes.Clone(d.Field(parser.JournalCursor))}
	j.last = place
	j.backoff = minBackoff
	if j.seeking || place.micros > j.after {
		j.after = 0
	}
	verdict := j.config.Trust.Judge(d)
	switch {
	case j.seeking || j.after > 0: // read before
	case verdict == parser.JournalForged:
		j.facts.Forged++
	default:
		if d.Cut {
			j.facts.Truncated++
		}
		j.text = d.AppendLine(j.text)
		j.marks = append(j.marks, journalMark{len(j.text), place})
		return
	}
	if n := len(j.marks); n > 0 { // it is done with as soon as the line before it is
		j.marks[n-1].place = place
	} else {
		j.done = place
	}
}

// ended is called once the child is no more.
func (j *journal) ended(err error) error {
	words := j.child.words()
	j.child, j.rest = nil, nil
	if errors.Is(err, io.EOF) && !j.follows {
		j.follows, j.seeking = true, false
		if words != "" {
			j.config.Notice("journalctl says: " + words)
		}
		if err = j.start(); err == nil {
			j.failure = nil
			return nil
		}
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("journalctl ended: %s", words)
	}
	if bytes.Contains(bytes.ToLower([]byte(words)), []byte("cursor")) && len(j.last.cursor) > 0 {
		j.facts.Vanished++
		j.config.Notice("the journal does not know the saved place: reading goes on by time; what it has deleted is lost")
		j.after, j.last.cursor = j.last.micros, nil
	}
	return j.failed(err)
}

// failed plans the next start.
func (j *journal) failed(err error) error {
	j.facts.Restarts++
	j.follows, j.seeking = false, false
	j.failure = fmt.Errorf("%w; mend: see that journalctl is there and shows the journal to this user (group systemd-journal or adm)", err)
	j.retry = j.config.Now().Add(j.backoff)
	j.backoff = min(2*j.backoff, maxBackoff)
	return j.failure
}

// busy says whether there is more to come of what was there at the start.
func (j *journal) busy() bool { return j.failure == nil && !j.follows }

func (j *journal) pause() time.Duration {
	if j.flows || j.busy() {
		return streamPause
	}
	return DefaultInterval
}

func (j *journal) block() []byte { return j.text[j.taken:] }

func (j *journal) take(n int) {
	j.done = j.place(n)
	if j.taken += n; j.taken == len(j.text) {
		j.text, j.marks, j.taken = j.text[:0], j.marks[:0], 0
	}
}

// place gives the entry of the last line in the first n bytes of the block.
func (j *journal) place(n int) journalPlace {
	if n == 0 {
		return j.done
	}
	i, _ := slices.BinarySearchFunc(j.marks, j.taken+n, func(m journalMark, end int) int { return m.text - end })
	return j.marks[i].place
}

func (j *journal) appendPosition(dst []byte, n int) []byte {
	p := j.place(n)
	if p.micros == 0 {
		return dst
	}
	dst = strconv.AppendInt(dst, p.micros, 10)
	dst = append(dst, ' ')
	return append(dst, p.cursor...)
}

// readJournalPlace reads what appendPosition wrote; of anything else, nothing.
func readJournalPlace(b []byte) journalPlace {
	micros, cursor, ok := bytes.Cut(b, []byte(" "))
	n, err := strconv.ParseInt(string(micros), 10, 64)
	if !ok || err != nil || n < 0 {
		return journalPlace{}
	}
	return journalPlace{n, bytes.Clone(cursor)}
}

func (j *journal) takeFacts() Facts {
	facts := j.facts
	j.facts = Facts{}
	return facts
}

func (j *journal) close() {
	if j.child != nil {
		j.child.stop()
		j.child = nil
	}
}
