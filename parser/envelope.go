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
	if message, ok := p.heads.lookup(b, ev); ok {
		return unrepeated(message, ev)
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
	tag, message := word1(rest)
	if n := len(tag); n < 2 || tag[n-1] != ':' {
		return repeated(rest, ev)
	}
	ev.Host = host
	tag = processID(tag[:len(tag)-1], ev)
	daemon, slash, ok := readTag(tag)
	if !ok {
		return foreign(tag, message, ev)
	}
	setTag(ev, tag, slash, daemon)
	if ev.PID > 0 {
		p.heads.store(b[:len(host)+1+len(tag)], len(host), slash, daemon)
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

// headMemory remembers how "HOST TAG" before a process id was understood: a log
// has few of them. It holds only Postfix's and Dovecot's, and a fixed number of
// bytes; what it says is what reading them again would say.
type headMemory [64]struct {
	n      uint8 // bytes of text, 0 for an empty slot
	host   uint8 // bytes of the host
	slash  int8  // last one of the tag, counted from its beginning; -1 for none
	daemon Daemon
	text   [60]byte
}

func (m *headMemory) slot(head []byte) int {
	n := len(head)
	return (n*7 + int(head[n-1])*3 + int(head[n/2])*5 + int(head[n-4])) % len(m)
}

// lookup reads "HOST TAG[PID]: " where that host and tag are remembered.
func (m *headMemory) lookup(b []byte, ev *Event) (message []byte, ok bool) {
	n := bytes.IndexByte(b[:min(len(b), 64)], '[')
	if n < 4 || n > 60 {
		return nil, false
	}
	s := &m[m.slot(b[:n])]
	if int(s.n) != n || string(s.text[:n]) != string(b[:n]) {
		return nil, false
	}
	pid, i := uint32(0), n+1
	for i < len(b) && b[i]-'0' <= 9 && i < n+10 {
		pid = pid*10 + uint32(b[i]-'0')
		i++
	}
	if len(b) < i+3 || b[i] != ']' || b[i+1] != ':' || b[i+2] != ' ' || i == n+1 {
		return nil, false
	}
	ev.Host, ev.PID = b[:s.host], pid
	setTag(ev, b[int(s.host)+1:n], int(s.slash), s.daemon)
	return b[i+3:], true
}

func (m *headMemory) store(head []byte, host, slash int, d Daemon) {
	if len(head) < 4 || len(head) > 60 {
		return
	}
	s := &m[m.slot(head)]
	s.n, s.host, s.slash, s.daemon = uint8(len(head)), uint8(host), int8(slash), d
	copy(s.text[:], head)
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
