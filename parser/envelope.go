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
// The first two may follow a priority ("<22>"). It returns the message; where
// there is none for the grammar, ok is false and the outcome is set.
func (p *Parser) envelope(line []byte, ev *Event) (message []byte, ok bool) {
	b := line
	if len(b) > 0 && b[0] == '<' {
		rest, v5424, ok := priority(b)
		if !ok {
			return fail(ev, Malformed)
		}
		if v5424 {
			return p.rfc5424(rest, ev)
		}
		b = rest
	}
	b, ok = p.clock.stamp(b, ev)
	if !ok {
		return fail(ev, Malformed)
	}
	host, rest := word1(b)
	if n := len(host); n > 1 && host[n-1] == ':' {
		// No host before the tag: Dovecot's own file has none.
		if !isDovecotProcess(host[:n-1]) {
			return fail(ev, Foreign)
		}
		ev.Daemon, ev.Program = Dovecot, host[:n-1]
		return rest, true
	}
	if len(host) == 0 {
		return fail(ev, Malformed)
	}
	ev.Host = host
	tag, message := word1(rest)
	if n := len(tag); n < 2 || tag[n-1] != ':' {
		return repeated(rest, ev)
	}
	tag = processID(tag[:len(tag)-1], ev)
	if !p.tags.lookup(tag, ev) {
		return foreign(tag, message, ev)
	}
	if m, ok := after(message, "message repeated "); ok {
		return p.repeatedMessage(m, ev)
	}
	return message, true
}

// processID takes "[123]" off the end of a tag.
func processID(tag []byte, ev *Event) []byte {
	if len(tag) < 3 || tag[len(tag)-1] != ']' {
		return tag
	}
	pid, scale := uint32(0), uint32(1)
	for i := len(tag) - 2; i > 0; i-- {
		switch c := tag[i]; {
		case c == '[':
			ev.PID = pid
			return tag[:i]
		case c < '0' || c > '9' || scale > 1e9:
			return tag
		default:
			pid += uint32(c-'0') * scale
			scale *= 10
		}
	}
	return tag
}

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
	var app, pid []byte
	ev.Host, b = word1(b)
	app, b = word1(b)
	pid, b = word1(b)
	_, b = word1(b) // MSGID
	if len(app) == 0 || len(b) == 0 {
		return fail(ev, Malformed)
	}
	if n, rest, ok := number(pid); ok && len(rest) == 0 && n <= 1<<32-1 {
		ev.PID = uint32(n)
	}
	if b, ok = structuredData(b); !ok {
		return fail(ev, Malformed)
	}
	b, _ = after(b, "\xef\xbb\xbf") // a UTF-8 message may begin with a byte order mark
	if !p.tags.lookup(app, ev) {
		return foreign(app, b, ev)
	}
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

// tagMemory remembers how tags were understood: a log has few of them. It holds
// only tags that were Postfix's or Dovecot's, and a fixed number of bytes.
type tagMemory [32]struct {
	n      uint8 // length of text, 0 for an empty slot
	slash  int8  // of text; -1 for none
	daemon Daemon
	text   [40]byte
}

// lookup splits a tag into syslog name and program; false means that the tag is
// neither Postfix's nor Dovecot's.
func (m *tagMemory) lookup(tag []byte, ev *Event) bool {
	n := len(tag)
	if n == 0 {
		return false
	}
	slot := &m[(n*7+int(tag[n-1])*3+int(tag[n/2]))%len(m)]
	if int(slot.n) != n || string(slot.text[:n]) != string(tag) {
		daemon, slash, ok := readTag(tag)
		if !ok {
			return false
		}
		if n > len(slot.text) {
			setTag(ev, tag, slash, daemon)
			return true
		}
		slot.n, slot.slash, slot.daemon = uint8(n), int8(slash), daemon
		copy(slot.text[:], tag)
	}
	setTag(ev, tag, int(slot.slash), slot.daemon)
	return true
}

func setTag(ev *Event, tag []byte, slash int, d Daemon) {
	ev.Daemon = d
	ev.Program = tag[slash+1:]
	if slash > 0 {
		ev.SyslogName = tag[:slash]
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
