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
	// Location is the time zone of RFC 3164 stamps; nil means UTC.
	Location *time.Location
}

// Parser reads log lines. It remembers the last time stamp and the hosts and tags
// it has met, and nothing else: no line changes what another one means, but for the
// year of a stamp that has none. It is for one goroutine.
type Parser struct {
	clock clock
	known known
}

// New makes a Parser.
func New(o Options) *Parser {
	if o.Location == nil {
		o.Location = time.UTC
	}
	return &Parser{clock: newClock(o)}
}

// Parse reads one line, with or without its line end, into ev. It never
// allocates and never panics. ev.Outcome says what became of the line.
func (p *Parser) Parse(line []byte, ev *Event) {
	ev.reset()
	line = trimEnd(line)
	message, ok := p.envelope(line, ev)
	if !ok {
		return // the envelope has set the outcome
	}
	if outcome := parseMessage(message, ev); outcome != Parsed {
		// Whatever was read of the message on the way does not stand.
		*ev = Event{
			Outcome: outcome, Daemon: ev.Daemon, Severity: ev.Severity, NoQueue: ev.NoQueue, Time: ev.Time, Host: ev.Host, PID: ev.PID,
			SyslogName: ev.SyslogName, Program: ev.Program, QueueID: ev.QueueID,
		}
	}
}

// few has the kinds whose lines set no more than few fields, those that few
// clears.
const few = 1<<KindConnect | 1<<KindMessageID | 1<<KindQueueActive | 1<<KindRemoved | 1<<KindBounce

// reset empties the event. It holds many fields, and most lines set a few of
// them: clearing all takes as long as reading some lines.
func (ev *Event) reset() {
	if few>>ev.Kind&1 == 0 {
		*ev = Event{}
		return
	}
	ev.Outcome, ev.Kind, ev.Daemon, ev.Severity, ev.Cut, ev.Notification = 0, 0, 0, 0, false, 0
	ev.Time, ev.Size, ev.Recipients = 0, 0, 0
	ev.Host, ev.PID, ev.SyslogName, ev.Program, ev.QueueID, ev.Text = nil, nil, nil, nil, nil, nil
	ev.Client, ev.ClientAddress, ev.ClientPort, ev.From, ev.MessageID, ev.ChildQueueID = nil, nil, nil, nil, nil, nil
	ev.NoQueue = false
}

func trimEnd(line []byte) []byte {
	for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
		line = line[:len(line)-1]
	}
	return line
}

// parseMessage reads what stands after the tag.
func parseMessage(b []byte, ev *Event) Outcome {
	if ev.Daemon == Dovecot {
		return parseDovecot(b, ev)
	}
	b = severity(b, ev)
	if n := queueIDLen(b); n > 0 && at(b, n, ": ") {
		ev.QueueID, b = b[:n], b[n+2:]
	} else if rest, ok := after(b, "NOQUEUE: "); ok {
		ev.NoQueue, b = true, rest
	}
	outcome := byDaemon(b, ev)
	if outcome == Unknown {
		return anyDaemon(b, ev)
	}
	return outcome
}

func byDaemon(b []byte, ev *Event) Outcome {
	switch ev.Daemon {
	case Smtpd, Qmqpd:
		return parseSmtpd(b, ev)
	case SMTP, LMTP, Local, Virtual, Pipe, Error, Retry, Discard:
		return parseAgent(b, ev)
	case Qmgr:
		return parseQmgr(b, ev)
	case Cleanup:
		return parseCleanup(b, ev)
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
