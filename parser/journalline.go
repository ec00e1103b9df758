package parser

import (
	"bytes"
	"slices"
	"strconv"
	"time"
)

// JournalTrust says whose entries are Postfix's and Dovecot's own.
type JournalTrust struct {
	// UIDs are the users that their processes run as. Commands that they run for
	// a local user (pipes in .forward files) are of the same unit, and of another
	// user.
	UIDs []uint32
}

// JournalVerdict says what to make of an entry.
type JournalVerdict uint8

const (
	// JournalGenuine is of a process of Postfix or Dovecot, or of journald.
	JournalGenuine JournalVerdict = iota
	// JournalForeign is another program's, and says so.
	JournalForeign
	// JournalForged claims to be one of theirs, and isn't.
	JournalForged
)

// Judge judges the entry that d has read by fields that can't be forged.
func (t JournalTrust) Judge(d *JournalDecoder) JournalVerdict {
	tag := d.Field(JournalIdentifier)
	switch {
	case string(d.Field(JournalTransport)) == "driver":
		return JournalGenuine // journald's own word of lost messages
	case t.isUnit(d.Field(JournalUnit)) && t.isUser(d.Field(JournalUID)) && plainTag(tag, true):
		return JournalGenuine
	case !plainTag(tag, false) || has(tag, "postfix") || has(tag, "dovecot") || has(tag, "systemd-journal") || has(tag, "journal") || has(tag, "rsyslogd"):
		return JournalForged
	}
	return JournalForeign
}

// isUnit knows postfix.service, postfix@-.service and dovecot.service. A unit
// of a user's own has that of the user's manager in this field.
func (t JournalTrust) isUnit(unit []byte) bool {
	for _, name := range []string{"postfix", "dovecot"} {
		if rest, ok := after(unit, name); ok && len(rest) > 0 && (rest[0] == '.' || rest[0] == '@') {
			return true
		}
	}
	return false
}

func (t JournalTrust) isUser(uid []byte) bool {
	n, rest, ok := number(uid)
	return ok && len(rest) == 0 && n <= 1<<32-1 && slices.Contains(t.UIDs, uint32(n))
}

// plainTag says whether tag can stand in a line and mean nothing else there.
// One with a slash may name a daemon.
func plainTag(tag []byte, slashes bool) bool {
	if len(tag) == 0 || len(tag) > maxJournalValue/2 {
		return false
	}
	for _, c := range tag {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_', c == '@', c == '+':
		case c == '/' && slashes:
		default:
			return false
		}
	}
	return true
}

// AppendLine appends the entry that d has read as a line that Parse reads, with a
// newline: "2026-11-23T13:41:21.186234Z HOST TAG[PID]: MESSAGE". Control
// characters become '?'. It appends nothing where the entry has no time.
func (d *JournalDecoder) AppendLine(dst []byte) []byte {
	micros, ok := journalNumber(d.Field(JournalSourceTime))
	if !ok {
		if micros, ok = journalNumber(d.Field(JournalTime)); !ok {
			return dst
		}
	}
	dst = time.UnixMicro(micros).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z ")
	host := d.Field(JournalHost)
	if !plainTag(host, false) {
		host = []byte("-")
	}
	dst = append(dst, host...)
	dst = append(dst, ' ')
	dst = append(dst, d.Field(JournalIdentifier)...)
	pid, ok := journalNumber(d.Field(JournalPID))
	if !ok {
		pid, _ = journalNumber(d.Field(JournalSenderPID))
	}
	dst = append(dst, '[')
	dst = strconv.AppendInt(dst, pid, 10)
	dst = append(dst, "]: "...)
	for _, c := range bytes.TrimRight(d.Field(JournalMessage), "\n") {
		dst = append(dst, printable(c))
	}
	return append(dst, '\n')
}

// journalNumber reads a number of up to 16 digits: microseconds until the year
// 2286.
func journalNumber(b []byte) (n int64, ok bool) {
	n, rest, ok := number(b)
	return n, ok && len(rest) == 0 && len(b) <= 16
}

// JournalMicros gives when journald got the entry that d has read, in
// microseconds since the epoch; 0 where it doesn't say.
func (d *JournalDecoder) JournalMicros() int64 {
	n, _ := journalNumber(d.Field(JournalTime))
	return n
}
