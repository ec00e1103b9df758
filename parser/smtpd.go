package parser

import (
	"bytes"
	"encoding/binary"
)

// parseSmtpd reads the lines of smtpd(8) (smtpd/smtpd.c, smtpd_check.c,
// smtpd_sasl_glue.c, smtpd_peer.c), and of qmqpd(8), which writes some of them.
func parseSmtpd(b []byte, ev *Event) Outcome {
	if len(b) == 0 {
		return Unknown
	}
	if len(ev.QueueID) > 0 || ev.NoQueue {
		return smtpdQueued(b, ev)
	}
	if ev.Severity != SeverityInfo {
		return smtpdWarning(b, ev)
	}
	switch b[0] {
	case 'c':
		if rest, ok := after(b, "connect from "); ok {
			return onlyClient(rest, ev, KindConnect)
		}
	case 'd':
		if rest, ok := after(b, "disconnect from "); ok {
			return disconnect(rest, ev)
		}
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
	if rest, ok := after(b, "client="); ok {
		return acceptedClient(rest, ev)
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
func acceptedClient(b []byte, ev *Event) Outcome {
	b, ok := client(b, ev)
	if !ok {
		return Malformed
	}
	ev.Kind = KindClient
	if rest, ok := after(b, ", sasl_method="); ok {
		if i := bytes.IndexByte(rest, ','); i >= 0 {
			ev.SASLMethod, b = rest[:i], rest[i:]
		} else {
			ev.SASLMethod, b = rest, nil
		}
	}
	if rest, ok := after(b, ", sasl_username="); ok && bytes.IndexByte(rest, ',') < 0 {
		ev.SASLUsername = rest
		return Parsed
	}
	if len(b) == 0 {
		return Parsed
	}
	b = cutField(b, ", orig_client=", &ev.OrigClient)
	b = cutField(b, ", orig_queue_id=", &ev.OrigQueueID)
	if i := bytes.Index(b, []byte(", sasl_sender=")); i >= 0 {
		b, ev.SASLSender = b[:i], b[i+len(", sasl_sender="):]
	}
	if rest, ok := after(b, ", sasl_username="); ok {
		ev.SASLUsername, b = rest, nil
	}
	if len(b) > 0 {
		return Malformed
	}
	if len(ev.OrigQueueID) > 0 && !IsQueueID(ev.OrigQueueID) {
		ev.OrigQueueID = nil // another MTA's id, or none of ours
	}
	return Parsed
}

// cutField takes a field that runs to the line's end off it.
func cutField(b []byte, name string, value *[]byte) []byte {
	if len(b) < len(name) {
		return b
	}
	if i := bytes.LastIndex(b, []byte(name)); i >= 0 {
		*value = b[i+len(name):]
		return b[:i]
	}
	return b
}

// disconnect reads " ehlo=1 rcpt=1/2 … commands=5/6" after the client; Postfix
// before 3.0 writes none of it.
func disconnect(b []byte, ev *Event) Outcome {
	b, ok := client(b, ev)
	if !ok || (len(b) > 0 && b[0] != ' ') {
		return Malformed
	}
	ev.Kind = KindDisconnect
	for len(b) > 0 {
		n := 5 // most verbs have four letters
		if len(b) <= n || b[n] != '=' {
			n = bytes.IndexByte(b, '=')
		}
		if n < 1 {
			return Malformed
		}
		name := b[1:n]
		b = b[n+1:]
		if len(b) > 0 && b[0]-'1' < 9 && (len(b) == 1 || b[1] == ' ') { // the commonest figures
			if v, ok := verbOf(name); ok {
				ev.Commands[v] = CommandCount{Accepted: uint32(b[0] - '0'), Total: uint32(b[0] - '0')}
			}
			b = b[1:]
			continue
		}
		if string(name) == "notes" {
			if has(b, "bare_lf") {
				ev.Violation = ViolationBareLF
			}
			return Parsed
		}
		accepted, rest, ok := number(b)
		if !ok {
			return Malformed
		}
		total := accepted
		if len(rest) > 0 && rest[0] == '/' {
			if total, rest, ok = number(rest[1:]); !ok {
				return Malformed
			}
		}
		if v, ok := verbOf(name); ok {
			if accepted > total || total > 1<<32-1 {
				return Malformed
			}
			ev.Commands[v] = CommandCount{Accepted: uint32(accepted), Total: uint32(total)}
		}
		if b = rest; len(b) > 0 && b[0] != ' ' {
			return Malformed
		}
	}
	return Parsed
}

func verbOf(name []byte) (Verb, bool) {
	if len(name) == 4 {
		switch binary.LittleEndian.Uint32(name) {
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
	return 0, false // "commands", the sum of the others
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
	if b, ok = client(b, ev); !ok {
		return Malformed
	}
	ev.Text, _ = after(b, ": ")
	ev.Kind, ev.Violation = KindViolation, ViolationPipelining
	return Parsed
}
