package parser

import "bytes"

// envelope reads what the log's transport wrote before the message: stamp,
// host, tag and process id, in one of these forms:
//
//	Nov  3 09:01:02 mx postfix/smtpd[123]: message         RFC 3164 file, postlogd(8)
//	2026-11-23T13:41:21.186+01:00 mx postfix/smtpd[123]: … RFC 3339 file
//	<22>1 2026-11-23T13:41:21.18Z mx postfix/smtpd 123 - - RFC 5424
//	Nov 23 13:41:21 auth: Info: message                    Dovecot's own file
//
// The first two may follow a priority ("<22>"). It returns the message's offset;
// where there is none for the grammar, that is -1 and the outcome is set.
func (p *Parser) envelope(line []byte, ev *Event) (message int) {
	rest := line
	if len(line) > 0 && line[0] == '<' {
		var v5424, ok bool
		if rest, v5424, ok = priority(line); !ok {
			return ev.whereAbout(fail(ev, Malformed))
		}
		if v5424 {
			return ev.whereAbout(p.rfc5424(rest, ev))
		}
	}
	rest, ok := p.clock.stamp(rest, ev)
	if !ok {
		return ev.whereAbout(fail(ev, Malformed))
	}
	i := ev.offset(rest)
	if message = p.known.read(line, i, ev); 0 < message && message < len(line) && line[message] != 'm' { // as all but a few messages
		return message
	}
	return ev.whereAbout(p.tagged(line[i:], ev))
}

// whereAbout gives the offset of a message, -1 where there is none.
func (ev *Event) whereAbout(message []byte, ok bool) int {
	if !ok {
		return -1
	}
	return ev.offset(message)
}

// tagged reads "HOST TAG: " or "TAG: ".
func (p *Parser) tagged(b []byte, ev *Event) (message []byte, ok bool) {
	host, rest := word1(b)
	if n := len(host); n > 1 && host[n-1] == ':' {
		// No host before the tag: Dovecot's own file has none.
		if !isDovecotProcess(host[:n-1]) {
			return fail(ev, Foreign)
		}
		ev.Daemon, ev.Program = Dovecot, ev.span(host[:n-1])
		return rest, true
	}
	if len(host) == 0 {
		return fail(ev, Malformed)
	}
	tag, message := word1(rest)
	if n := len(tag); n < 2 || tag[n-1] != ':' {
		return repeated(rest, ev)
	}
	ev.Host = ev.span(host)
	tag = processID(tag[:len(tag)-1], ev)
	daemon, slash, ok := readTag(tag)
	if !ok {
		return foreign(tag, message, ev)
	}
	setTag(ev, tag, slash, daemon)
	if ev.PID.Len() > 0 {
		p.known.store(b, len(host), len(tag), slash, daemon)
	}
	return unrepeated(message, ev)
}

// unrepeated lets a message through, but for rsyslog's word that the one before
// came again.
func unrepeated(message []byte, ev *Event) ([]byte, bool) {
	if rest, ok := after(message, "message repeated "); ok {
		return repeatedMessage(rest, ev)
	}
	return message, true
}

// processID takes "[123]" off the end of a tag.
func processID(tag []byte, ev *Event) []byte {
	end := len(tag) - 1
	if end < 2 || tag[end] != ']' {
		return tag
	}
	i := end
	for i > 0 && tag[i-1]-'0' <= 9 {
		i--
	}
	if i == 0 || i == end || end-i > maxPID || tag[i-1] != '[' {
		return tag
	}
	ev.PID = ev.span(tag[i:end])
	return tag[:i-1]
}

// maxPID bounds a process id in digits: Linux's have seven at most, others' ten.
const maxPID = 10

// priority reads "<22>", and the "1 " after it that marks RFC 5424.
func priority(b []byte) (rest []byte, v5424, ok bool) {
	_, rest, ok = number(b[1:])
	if !ok || len(rest) == 0 || rest[0] != '>' || len(b)-len(rest) > 4 {
		return b, false, false
	}
	rest = rest[1:]
	if r, ok := after(rest, "1 "); ok {
		return r, true, true
	}
	return rest, false, true
}

// rfc5424 reads the header of RFC 5424 section 6.2 after its version.
func (p *Parser) rfc5424(b []byte, ev *Event) (message []byte, ok bool) {
	if b, ok = p.clock.stamp(b, ev); !ok {
		return fail(ev, Malformed)
	}
	var host, app, pid []byte
	host, b = word1(b)
	ev.Host = ev.span(host)
	app, b = word1(b)
	pid, b = word1(b)
	_, b = word1(b) // MSGID
	if len(app) == 0 || len(b) == 0 {
		return fail(ev, Malformed)
	}
	if _, rest, ok := number(pid); ok && len(rest) == 0 && len(pid) <= maxPID {
		ev.PID = ev.span(pid)
	}
	if b, ok = structuredData(b); !ok {
		return fail(ev, Malformed)
	}
	b, _ = after(b, "\xef\xbb\xbf") // a UTF-8 message may begin with a byte order mark
	daemon, slash, ok := readTag(app)
	if !ok {
		return foreign(app, b, ev)
	}
	setTag(ev, app, slash, daemon)
	return b, true
}

// structuredData skips "-" or "[…][…]" and the space after it.
func structuredData(b []byte) (rest []byte, ok bool) {
	if b[0] == '-' {
		b = b[1:]
	} else {
		if b[0] != '[' {
			return b, false
		}
		for len(b) > 0 && b[0] == '[' {
			end := elementEnd(b)
			if end < 0 {
				return b, false
			}
			b = b[end+1:]
		}
	}
	if len(b) > 0 && b[0] != ' ' {
		return b, false
	}
	return b[min(1, len(b)):], true
}

// elementEnd finds the ']' that ends one element; values are quoted, and escape
// '"', '\' and ']' by a backslash.
func elementEnd(b []byte) int {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			quoted = !quoted
		case ']':
			if !quoted {
				return i
			}
		}
	}
	return -1
}

func fail(ev *Event, o Outcome) ([]byte, bool) {
	ev.Outcome = o
	return nil, false
}

func setTag(ev *Event, tag []byte, slash int, d Daemon) {
	ev.Daemon = d
	ev.Program = ev.span(tag[slash+1:])
	if slash > 0 {
		ev.SyslogName = ev.span(tag[:slash])
	}
}

// readTag tells whose tag it is. Postfix's is SYSLOG_NAME/PROGRAM, or plain
// "postfix" from its scripts; a program that Postfix is not known to have
// counts as Postfix's where the syslog name says so.
func readTag(tag []byte) (d Daemon, slash int, ok bool) {
	slash = bytes.LastIndexByte(tag, '/')
	if slash < 0 {
		switch string(tag) {
		case "postfix":
			return PostfixCommand, -1, true
		case "dovecot":
			return Dovecot, -1, true
		}
		return DaemonNone, -1, false
	}
	if has(tag, "dovecot/") {
		return DaemonNone, slash, false
	}
	d, ok = daemonOf(tag[slash+1:])
	return d, slash, ok || has(tag, "postfix")
}
