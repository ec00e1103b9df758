package parser

import (
	"bytes"
	"encoding/binary"
)

// parseSmtpd reads the lines of smtpd(8) (smtpd/smtpd.c, smtpd_check.c,
// smtpd_sasl_glue.c, smtpd_peer.c), and of qmqpd(8), which writes some of them.
func parseSmtpd(b []byte, i int, ev *Event, room *Commands) Outcome {
	if ev.QueueID.Len() > 0 || ev.NoQueue {
		if from := past(b, i, "client="); from > 0 {
			return acceptedClient(b, from, ev)
		}
		return smtpdQueued(b[i:], ev)
	}
	if ev.Severity != SeverityInfo {
		return smtpdWarning(b[i:], ev)
	}
	if from := past(b, past(b, i, "connect "), "from "); from > 0 {
		return connect(b, from, ev)
	}
	if from := past(b, past(b, i, "disconne"), "ct from "); from > 0 {
		return disconnect(b, from, ev, room)
	}
	return smtpdRare(b[i:], ev)
}

// smtpdRare reads the rarer lines that name no queue id.
func smtpdRare(b []byte, ev *Event) Outcome {
	if len(b) == 0 {
		return Unknown
	}
	switch b[0] {
	case 'l', 't':
		return connectionLost(b, ev)
	case 'i':
		if rest, ok := after(b, "improper command pipelining after "); ok {
			return pipelining(rest, ev)
		}
	case 'S':
		if rest, ok := after(b, "SSL_accept error from "); ok {
			return tlsError(rest, ev, TLSInbound)
		}
	case 'p':
		if has(b, "proxy-accept: ") || has(b, "proxy-reject: ") {
			return proxy(b, ev)
		}
	case 'r':
		if rest, ok := after(b, "reject: ETRN "); ok {
			return refusedETRN(rest, ev)
		}
	}
	if o := parseTLS(b, ev); o != Unknown {
		return o
	}
	_, text := word1(b)
	if has(b, "discarding EHLO keywords: ") || has(text, "replacing command ") {
		return Ignored
	}
	return Unknown
}

// smtpdQueued reads what follows a queue id or NOQUEUE.
func smtpdQueued(b []byte, ev *Event) Outcome {
	if len(b) == 0 {
		return Unknown
	}
	if b[0] == 'p' && (has(b, "proxy-accept: ") || has(b, "proxy-reject: ")) {
		return proxy(b, ev)
	}
	if o := connectionLost(b, ev); o != Unknown {
		return o
	}
	if rest, ok := after(b, "abort: TLS from "); ok {
		return tlsError(rest, ev, TLSInbound)
	}
	if ev.Severity != SeverityInfo {
		return queuedTrouble(b, ev)
	}
	return reject(b, ev)
}

func connect(b []byte, i int, ev *Event) Outcome {
	if clientAt(b, i, ev) != len(b) {
		return Malformed
	}
	ev.Kind = KindConnect
	return Parsed
}

func onlyClient(b []byte, ev *Event, k Kind) Outcome {
	rest, ok := client(b, ev)
	if !ok || len(rest) > 0 {
		return Malformed
	}
	ev.Kind = k
	return Parsed
}

// acceptedClient reads the line that says whose message this is:
//
//	CLIENT[, sasl_method=M][, sasl_username=U][, sasl_sender=S][, orig_queue_id=Q][, orig_client=C]
//
// U is an account that the SASL server knows and may hold any byte but a look-alike
// of the field behind it. S is the client's word (AUTH= of MAIL FROM): it may look
// like that field again, so that U ends at the first.
func acceptedClient(line []byte, i int, ev *Event) Outcome {
	if i = clientAt(line, i, ev); i < 0 {
		return Malformed
	}
	ev.Kind = KindClient
	if i == len(line) {
		return Parsed
	}
	b := line[i:]
	if rest, ok := after(b, ", sasl_method="); ok {
		if i := bytes.IndexByte(rest, ','); i >= 0 {
			ev.SASLMethod, b = ev.span(rest[:i]), rest[i:]
		} else {
			ev.SASLMethod, b = ev.span(rest), nil
		}
	}
	if rest, ok := after(b, ", sasl_username="); ok && bytes.IndexByte(rest, ',') < 0 {
		ev.SASLUsername = ev.span(rest)
		return Parsed
	}
	if len(b) == 0 {
		return Parsed
	}
	b = cutField(b, ", orig_client=", ev, &ev.OrigClient)
	b = cutField(b, ", orig_queue_id=", ev, &ev.OrigQueueID)
	if i := bytes.Index(b, []byte(", sasl_sender=")); i >= 0 {
		b, ev.SASLSender = b[:i], ev.span(b[i+len(", sasl_sender="):])
	}
	if rest, ok := after(b, ", sasl_username="); ok {
		ev.SASLUsername, b = ev.span(rest), nil
	}
	if len(b) > 0 {
		return Malformed
	}
	if ev.OrigQueueID.Len() > 0 && !IsQueueID(ev.Bytes(ev.OrigQueueID)) {
		ev.OrigQueueID = Span{} // another MTA's id, or none of ours
	}
	return Parsed
}

// cutField takes a field that runs to the line's end off it.
func cutField(b []byte, name string, ev *Event, value *Span) []byte {
	if len(b) < len(name) {
		return b
	}
	if i := bytes.LastIndex(b, []byte(name)); i >= 0 {
		*value = ev.span(b[i+len(name):])
		return b[:i]
	}
	return b
}

// disconnect reads " ehlo=1 rcpt=1/2 … commands=5/6" after the client; Postfix
// before 3.0 writes none of it.
func disconnect(b []byte, i int, ev *Event, room *Commands) Outcome {
	if i = clientAt(b, i, ev); i < 0 {
		return Malformed
	}
	ev.Kind, ev.Commands, *room = KindDisconnect, room, Commands{}
	if i < len(b) && b[i] != ' ' {
		return Malformed
	}
	for i >= 0 && i < len(b) {
		// Most are a verb of four letters and one digit: " rcpt=1 ".
		const frame = 0xff | 0xff<<40 | 0xff<<56
		w := word8(b, i)
		if n := uint32(w>>48&0xff - '0'); w&frame == ' '|'='<<40|' '<<56 && n-1 < 9 {
			if v, ok := shortVerb(uint32(w >> 8)); ok {
				room[v] = CommandCount{Accepted: n, Total: n}
				i += len(" rcpt=1")
				continue
			}
		}
		if sum := past(b, past(b, i, " command"), "s="); sum > 0 { // of the others
			_, _, i = counts(b, sum)
			continue
		}
		i = command(b, i, ev)
	}
	if i < 0 {
		return Malformed
	}
	return Parsed
}

// command reads " VERB=N" or " VERB=N/M" at offset i and returns the offset
// behind, which is the line's end or a space, or -1.
func command(b []byte, i int, ev *Event) (end int) {
	equals := index(b, i, '=')
	if equals <= i {
		return -1
	}
	name := b[i+1 : equals]
	i = equals + 1
	if string(name) == "notes" {
		if past(b, i, "bare_lf") > 0 {
			ev.Violation = ViolationBareLF
		}
		return len(b)
	}
	accepted, total, i := counts(b, i)
	if i < 0 {
		return -1
	}
	if v, ok := verbOf(name); ok {
		if accepted > total || total > 1<<32-1 {
			return -1
		}
		ev.Commands[v] = CommandCount{Accepted: uint32(accepted), Total: uint32(total)}
	}
	return i
}

// counts reads "N" or "N/M" at offset i and returns the offset behind, which is the
// line's end or a space, or -1.
func counts(b []byte, i int) (accepted, total int64, end int) {
	accepted, end = integerAt(b, i)
	total = accepted
	if end >= 0 && end < len(b) && b[end] == '/' {
		total, end = integerAt(b, end+1)
	}
	if end < 0 || end < len(b) && b[end] != ' ' {
		return 0, 0, -1
	}
	return accepted, total, end
}

// shortVerb knows the commonest verbs of four letters, the first one in the lowest
// byte.
func shortVerb(name uint32) (Verb, bool) {
	switch name {
	case 'e' | 'h'<<8 | 'l'<<16 | 'o'<<24:
		return VerbEhlo, true
	case 'm' | 'a'<<8 | 'i'<<16 | 'l'<<24:
		return VerbMail, true
	case 'r' | 'c'<<8 | 'p'<<16 | 't'<<24:
		return VerbRcpt, true
	case 'd' | 'a'<<8 | 't'<<16 | 'a'<<24:
		return VerbData, true
	case 'q' | 'u'<<8 | 'i'<<16 | 't'<<24:
		return VerbQuit, true
	case 'a' | 'u'<<8 | 't'<<16 | 'h'<<24:
		return VerbAuth, true
	}
	return 0, false
}

func verbOf(name []byte) (Verb, bool) {
	if len(name) == 4 {
		if v, ok := shortVerb(binary.LittleEndian.Uint32(name)); ok {
			return v, true
		}
	}
	switch string(name) {
	case "starttls":
		return VerbStartTLS, true
	case "rset":
		return VerbRset, true
	case "helo":
		return VerbHelo, true
	case "bdat":
		return VerbBdat, true
	case "noop":
		return VerbNoop, true
	case "vrfy":
		return VerbVrfy, true
	case "etrn":
		return VerbEtrn, true
	case "help":
		return VerbHelp, true
	case "xclient":
		return VerbXclient, true
	case "xforward":
		return VerbXforward, true
	case "unknown":
		return VerbUnknown, true
	}
	return 0, false
}

// connectionLost reads "lost connection after STAGE[ (N bytes)] from CLIENT"
// and its kin; from Postfix 3.10 on a queue id or NOQUEUE stands before it.
func connectionLost(b []byte, ev *Event) Outcome {
	var ok bool
	if b, ok = after(b, "lost connection after "); ok {
		ev.Lost = LostConnection
	} else if b, ok = after(b, "timeout after "); ok {
		ev.Lost = LostTimeout
	} else if b, ok = after(b, "too many errors after "); ok {
		ev.Lost = LostTooManyErrors
	} else {
		return Unknown
	}
	ev.Stage, b = stage(b)
	if rest, ok := after(b, " ("); ok {
		if ev.Size, rest, ok = number(rest); ok {
			b, _ = after(rest, " bytes)")
		}
	}
	if b, ok = after(b, " from "); !ok {
		return Malformed
	}
	return onlyClient(b, ev, KindConnectionLost)
}

func pipelining(b []byte, ev *Event) Outcome {
	ev.Stage, b = stage(b)
	b, ok := after(b, " from ")
	if !ok {
		return Malformed
	}
	return violation(b, ev, ViolationPipelining)
}
