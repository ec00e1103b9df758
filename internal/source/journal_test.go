package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"postfix_exporter/parser"
)

// fakeJournal is a journalctl that a test plays: NAME.history is what there is,
// NAME.live is a FIFO for what comes. It notes its arguments.
type fakeJournal struct {
	t       *testing.T
	name    string
	live    *os.File
	now     time.Time
	journal *journal
	follower
}

const fakeJournalctl = `#!/bin/sh
echo "$*" >>"$0.args"
case "$*" in
*--follow*) exec cat "$0.live" ;;
*--lines=1*) exec tail -n 5 "$0.history" ;;
esac
if [ -e "$0.broken" ]; then cat "$0.broken" >&2; exit 1; fi
exec cat "$0.history"
`

func newFakeJournal(t *testing.T) *fakeJournal {
	t.Helper()
	j := &fakeJournal{t: t, name: filepath.Join(t.TempDir(), "journalctl"), now: time.Unix(1795441281, 0)}
	must(t, os.WriteFile(j.name, []byte(fakeJournalctl), 0o700))
	must(t, os.WriteFile(j.name+".history", nil, 0o600))
	must(t, syscall.Mkfifo(j.name+".live", 0o600))
	live, err := os.OpenFile(j.name+".live", os.O_RDWR, 0) // both ways: neither side waits for the other
	must(t, err)
	j.live = live
	t.Cleanup(func() { _ = live.Close() })
	return j
}

func (j *fakeJournal) start(position []byte, fromEnd bool) {
	j.follower = follower{t: j.t, follower: NewFollower(), position: position}
	j.follower.follower.AddJournal(JournalConfig{
		Command: j.name, Position: position, FromEnd: fromEnd, Trust: parser.JournalTrust{UIDs: []uint32{0, 102}},
		Now:    func() time.Time { return j.now },
		Report: func(err error) { j.err = err }, Notice: func(text string) { j.notices = append(j.notices, text) },
	}, j.handle)
	j.journal = j.follower.follower.feeds[0].input.(*journal)
	j.t.Cleanup(j.journal.close)
}

// until looks again and again, as processes take their time.
func (j *fakeJournal) until(what string, holds func() bool) {
	j.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for tick := time.NewTicker(2 * time.Millisecond); ; <-tick.C {
		j.follower.follower.look(j.t.Context())
		if holds() {
			return
		}
		if time.Now().After(deadline) {
			j.t.Fatalf("not within 10 s: %s; got %q, reported %v, notices %q", what, j.got.String(), j.err, j.notices)
		}
	}
}

func (j *fakeJournal) untilGot(want string) {
	j.t.Helper()
	j.until(want, func() bool { return strings.Count(j.got.String(), "\n") >= strings.Count(want, "\n") })
	j.want(want)
}

func (j *fakeJournal) isCaughtUp() bool {
	select {
	case <-j.follower.follower.CaughtUp():
		return true
	default:
		return false
	}
}

func (j *fakeJournal) args() string {
	text, _ := os.ReadFile(j.name + ".args")
	return string(text)
}

// exported is entry n, of smtpd with these user and unit.
func exported(n int, uid, unit string) string {
	return fmt.Sprintf("__CURSOR=c%d\n__REALTIME_TIMESTAMP=%d\n_UID=%s\n_SYSTEMD_UNIT=%s\n_HOSTNAME=mx\nSYSLOG_IDENTIFIER=postfix/smtpd\n_PID=7\nMESSAGE=number %d\n\n",
		n, 1795441281000000+n, uid, unit, n)
}

func genuine(n int) string { return exported(n, "102", "postfix@-.service") }

func journalLine(n int) string {
	return fmt.Sprintf("2026-11-23T13:41:21.%06dZ mx postfix/smtpd[7]: number %d\n", n, n)
}

func TestJournalFollows(t *testing.T) {
	defer goleak.VerifyNone(t)
	j := newFakeJournal(t)
	write(t, j.name+".history", genuine(1)+exported(2, "1000", "session-1.scope")+genuine(3))
	j.start(nil, false)
	j.untilGot(journalLine(1) + journalLine(3))
	j.until("caught up", j.isCaughtUp)
	_, err := j.live.WriteString(genuine(4) + genuine(5)[:50])
	must(t, err)
	j.untilGot(journalLine(4))
	_, err = j.live.WriteString(genuine(5)[50:])
	must(t, err)
	j.untilGot(journalLine(5))
	if !strings.Contains(j.args(), "--after-cursor=c3 --follow") {
		t.Errorf("arguments: %s", j.args())
	}
	if j.facts.Forged != 1 || j.facts.Restarts != 0 || len(j.notices) != 0 {
		t.Errorf("%+v, %q", j.facts, j.notices)
	}

	// A restart goes on behind the last entry.
	j.journal.close()
	j.start(j.position, true)
	j.until("it follows", func() bool { return strings.Count(j.args(), "--follow") == 2 })
	if !strings.Contains(j.args(), "--after-cursor=c5 ") || strings.Contains(j.args(), "--lines") {
		t.Errorf("arguments: %s", j.args())
	}
	j.journal.close()
}

// Before all that there was has been read, nothing may say that it is.
func TestJournalCatchesUp(t *testing.T) {
	j := newFakeJournal(t)
	var text strings.Builder
	for n := range 20_000 {
		text.WriteString(genuine(n))
	}
	write(t, j.name+".history", text.String())
	j.start(nil, false)
	j.until("caught up", j.isCaughtUp)
	if n := strings.Count(j.got.String(), "\n"); n != 20_000 {
		t.Errorf("caught up with %d lines", n)
	}
}

func TestJournalFromEnd(t *testing.T) {
	j := newFakeJournal(t)
	write(t, j.name+".history", "__CURSOR=c9\n__REALTIME_TIMESTAMP=9\n_UID=0\nMESSAGE=x\n\n")
	j.start(nil, true)
	j.until("caught up", j.isCaughtUp)
	j.want("")
	j.until("it follows", func() bool { return strings.Contains(j.args(), "--after-cursor=c9 --follow") })
	if string(j.position) != "9 c9" {
		t.Errorf("position %q", j.position)
	}
}

// One that fails is tried again, after longer and longer pauses.
func TestJournalBackOff(t *testing.T) {
	j := newFakeJournal(t)
	write(t, j.name+".broken", "No journal files were found.\n\x1b")
	j.start(nil, false)
	j.until("a failure", func() bool { return j.err != nil })
	if !strings.Contains(j.err.Error(), "No journal files were found.") || !strings.Contains(j.err.Error(), "mend: ") {
		t.Errorf("reported %v", j.err)
	}
	starts := 1
	for pause := minBackoff; pause < 2*maxBackoff; pause *= 2 {
		j.now = j.now.Add(min(pause, maxBackoff) - time.Millisecond)
		j.follower.follower.look(t.Context())
		if got := strings.Count(j.args(), "\n"); got != starts {
			t.Fatalf("%d starts before the pause of %v is over, want %d", got, pause, starts)
		}
		j.now = j.now.Add(time.Millisecond)
		starts++
		j.until("another start", func() bool { return int(j.facts.Restarts) == starts })
	}
	must(t, os.Remove(j.name+".broken"))
	write(t, j.name+".history", genuine(1))
	j.now = j.now.Add(maxBackoff)
	j.untilGot(journalLine(1))
	j.until("no trouble", func() bool { return j.err == nil })
}

// The journal was deleted, or is another one: reading goes on by time.
func TestJournalLostCursor(t *testing.T) {
	j := newFakeJournal(t)
	write(t, j.name+".broken", "Failed to seek to cursor: Invalid argument\n")
	j.start([]byte("1795441281000002 s=gone"), false)
	j.until("a failure", func() bool { return j.err != nil })
	must(t, os.Remove(j.name+".broken"))
	write(t, j.name+".history", genuine(1)+genuine(2)+genuine(3))
	j.now = j.now.Add(minBackoff)
	j.untilGot(journalLine(3))
	if j.facts.Vanished != 1 || !strings.Contains(j.args(), "--since=@1795441281 ") {
		t.Errorf("%+v, arguments %s", j.facts, j.args())
	}
}

func TestJournalIsNotThere(t *testing.T) {
	f := NewFollower()
	var reported error
	f.AddJournal(JournalConfig{Command: "/none/journalctl", Now: time.Now, Report: func(err error) { reported = err }}, func(*Block) (int, int64) { return 0, 0 })
	f.look(t.Context())
	if !errors.Is(reported, os.ErrNotExist) {
		t.Errorf("reported %v", reported)
	}
	select {
	case <-f.CaughtUp():
	default:
		t.Error("it waits for what is not there")
	}
}

func TestStream(t *testing.T) {
	defer goleak.VerifyNone(t)
	out, in, err := os.Pipe()
	must(t, err)
	defer out.Close()
	var got strings.Builder
	var notices []string
	f := NewFollower()
	f.AddStream(out, func(b *Block) (int, int64) {
		got.Write(b.Lines)
		return len(b.Lines), 0
	}, nil, func(text string) { notices = append(notices, text) })
	f.look(t.Context())
	for _, text := range []string{"one\ntw", "o\n", "three, cut"} {
		_, err := in.WriteString(text)
		must(t, err)
		f.look(t.Context())
	}
	if got.String() != "one\ntwo\n" {
		t.Errorf("got %q", got.String())
	}
	must(t, in.Close())
	ctx, cancel := context.WithCancel(t.Context())
	f.look(ctx)
	f.look(ctx)
	cancel()
	if got.String() != "one\ntwo\nthree, cut\n" || len(notices) != 1 {
		t.Errorf("got %q, notices %q", got.String(), notices)
	}
}
