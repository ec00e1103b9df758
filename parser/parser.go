// Package parser reads what Postfix and Dovecot write: a log line into an
// Event, a showq(8) stream into queue entries, master.cf and main.cf into
// services and parameters. It is pure: bytes in, values out.
//
// Log lines hold text of strangers (addresses, replies, user names), so that
// every line is read left to right from fixed anchors, never searched for a
// key. The grammar follows Postfix's source from 3.1 to 3.12.
package parser

import "time"

// Options say what the log lines themselves do not.
type Options struct {
	// Reference is a time not long after the first line was written (now, or
	// when the file was last changed). It gives RFC 3164 stamps their year; from
	// then on each line's year follows from the line before it.
	Reference time.Time
	// Last is the time of the line before the first one, where that is known: the
	// years go on from there, and Reference counts nothing.
	Last time.Time
	// Location is the time zone of RFC 3164 stamps; nil means UTC.
	Location *time.Location
}

// Parser reads log lines. It remembers the last time stamp and the hosts and tags
// it has met, and nothing else: no line changes what another one means, but for the
// year of a stamp that has none. It is for one goroutine.
type Parser struct {
	clock    clock
	known    known
	commands Commands // of the last line that has some
}

// New makes a Parser.
func New(o Options) *Parser {
	if o.Location == nil {
		o.Location = time.UTC
	}
	return &Parser{clock: newClock(o)}
}

// maxLine is the longest line in bytes that is read: what a Span can hold. The
// exporter's sources cut lines long before.
const maxLine = 1<<16 - 1

// Parse reads one line, with or without its line end, into ev. It never
// allocates and never panics. ev.Outcome says what became of the line.
func (p *Parser) Parse(line []byte, ev *Event) {
	line = trimEnd(line)
	if len(line) > maxLine {
		line = line[:maxLine:maxLine]
	}
	ev.reset(line)
	i := p.known.read(line, p.clock.again(line, ev), ev) // most lines begin as one before them did
	if i < 0 || i < len(line) && line[i] == 'm' {
		if i = p.envelope(line, ev); i < 0 {
			return // the envelope has set the outcome
		}
	}
	switch end := plainIDEnd(line, i); {
	case ev.Daemon == Dovecot: // knows no queue ids
	case end > 0: // as in most messages
		ev.QueueID = spanOf(i, end)
		i = end + len(": ")
	default:
		i = ev.offset(prefix(line[i:], ev))
	}
	outcome := p.byDaemon(line, i, ev)
	if outcome == Unknown {
		outcome = anyDaemon(line[i:], ev)
	}
	if outcome != Parsed {
		ev.empty(outcome)
	}
}

// reset makes the event a new line's.
func (ev *Event) reset(line []byte) {
	*ev = Event{line: line}
}

// empty leaves the envelope alone: whatever was read of the message on the way
// does not stand.
func (ev *Event) empty(o Outcome) {
	*ev = Event{
		line: ev.line, Outcome: o, Daemon: ev.Daemon, Severity: ev.Severity, NoQueue: ev.NoQueue, Time: ev.Time, Host: ev.Host, PID: ev.PID,
		SyslogName: ev.SyslogName, Program: ev.Program, QueueID: ev.QueueID,
	}
}

// trimEnd takes the line's end off, and what the buffer holds behind it too.
func trimEnd(line []byte) []byte {
	n := len(line)
	if n > 0 && line[n-1] > '\r' { // as from a splitter
		return line[:n:n]
	}
	for n > 0 && (line[n-1] == '\n' || line[n-1] == '\r') {
		n--
	}
	return line[:n:n]
}

// byDaemon reads the message at offset i. The shapes that most lines have are read
// on such offsets (words.go), the others on slices (scan.go).
func (p *Parser) byDaemon(b []byte, i int, ev *Event) Outcome {
	switch ev.Daemon {
	case Smtpd, Qmqpd:
		return parseSmtpd(b, i, ev, &p.commands)
	case SMTP, LMTP, Local, Virtual, Pipe, Error, Retry, Discard:
		return parseAgent(b, i, ev)
	case Qmgr:
		return parseQmgr(b, i, ev)
	case Cleanup:
		return parseCleanup(b, i, ev)
	case Dovecot:
		return parseDovecot(b[i:], ev)
	}
	return byRareDaemon(b[i:], ev)
}

func byRareDaemon(b []byte, ev *Event) Outcome {
	switch ev.Daemon {
	case Pickup:
		return parsePickup(b, ev)
	case Bounce:
		return parseBounce(b, ev)
	case Postsuper:
		return parsePostsuper(b, ev)
	case Postscreen:
		return parsePostscreen(b, ev)
	case Dnsblog:
		return parseDnsblog(b, ev)
	case Tlsproxy:
		return parseTlsproxy(b, ev)
	case Anvil:
		return parseAnvil(b, ev)
	case Master:
		return parseMaster(b, ev)
	case Scache, Verify, Tlsmgr, Proxymap, TrivialRewrite, Flush, Showq, Spawn, Postlogd, Postdrop, Sendmail, PostfixCommand:
		return parseQuiet(b, ev)
	}
	return Unknown
}

// prefix reads "SEVERITY: QUEUEID: ", either of them optional.
func prefix(b []byte, ev *Event) []byte {
	b = severity(b, ev)
	if n := queueIDLen(b); n > 0 && past(b, n, ": ") > 0 {
		ev.QueueID, b = ev.span(b[:n]), b[n+2:]
	} else if rest, ok := after(b, "NOQUEUE: "); ok {
		ev.NoQueue, b = true, rest
	}
	return b
}

// severity takes Postfix's marker off the message (util/msg_syslog.c).
func severity(b []byte, ev *Event) []byte {
	if len(b) == 0 {
		return b
	}
	switch b[0] {
	case 'w':
		if rest, ok := after(b, "warning: "); ok {
			ev.Severity = SeverityWarning
			return rest
		}
	case 'e':
		if rest, ok := after(b, "error: "); ok {
			ev.Severity = SeverityError
			return rest
		}
	case 'f':
		if rest, ok := after(b, "fatal: "); ok {
			ev.Severity = SeverityFatal
			return rest
		}
	case 'p':
		if rest, ok := after(b, "panic: "); ok {
			ev.Severity = SeverityPanic
			return rest
		}
	}
	return b
}
