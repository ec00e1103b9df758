package parser

import "bytes"

// reject reads smtpd(8)'s access decisions, after the queue id or NOQUEUE:
//
//	ACTION: STAGE from CLIENT: TEXT; from=<F> to=<T> proto=P helo=<H>
//
// and a Milter's ("milter-reject: …"). Any field after the text may be absent.
func reject(b []byte, ev *Event) Outcome {
	word, rest, ok := until(b, ':')
	if !ok || len(rest) == 0 || rest[0] != ' ' || len(word) > len("milter-quarantine") {
		return Unknown
	}
	ev.Kind = KindReject
	if w, ok := after(word, "milter-"); ok {
		word, ev.Kind = w, KindMilter
	}
	if ev.Action = actionOf(word); ev.Action == ActionNone {
		return Unknown
	}
	ev.Stage, b = stage(rest[1:])
	if b, ok = after(b, " from "); !ok {
		return Malformed
	}
	if b, ok = client(b, ev); !ok {
		return Malformed
	}
	if b, ok = after(b, ": "); !ok {
		if len(b) == 0 || b[0] != ';' {
			return Malformed
		}
	}
	verdict(b, ev)
	return Parsed
}

// verdict reads "TEXT; from=<F> …" and says why.
func verdict(b []byte, ev *Event) {
	text := envelopeTail(b, ev, ' ')
	reply(text, ev)
	switch {
	case ev.Kind == KindMilter:
		ev.RejectReason = RejectMilter
	case has(text, "bare <LF> received"):
		ev.Violation = ViolationBareLF
	default:
		ev.RejectReason = rejectReason(ev.Text)
	}
}

func actionOf(word []byte) Action {
	switch string(word) {
	case "reject":
		return ActionReject
	case "reject_warning":
		return ActionRejectWarning
	case "warn", "warning":
		return ActionWarn
	case "info":
		return ActionInfo
	case "hold":
		return ActionHold
	case "discard":
		return ActionDiscard
	case "filter":
		return ActionFilter
	case "redirect":
		return ActionRedirect
	case "bcc":
		return ActionBCC
	case "delay":
		return ActionDelay
	case "hangup":
		return ActionHangup
	case "prepend":
		return ActionPrepend
	case "replace":
		return ActionReplace
	case "strip":
		return ActionStrip
	case "trigger":
		return ActionTrigger
	case "quarantine":
		return ActionQuarantine
	case "accept":
		return ActionAccept
	}
	return ActionNone
}

// tailAttempts bounds how many places of one line are tried as the beginning of
// its tail, so that a line full of them costs no more than a few.
const tailAttempts = 8

// envelopeTail finds where TEXT ends and the envelope begins, reads the envelope
// and returns TEXT. TEXT holds the offending address as the client wrote it, so
// that it may hold a look-alike of the tail; so may a quoted address within the
// tail. The true tail is the last "; " from which everything to the line's end
// reads as envelope, with every address well-formed.
func envelopeTail(b []byte, ev *Event, separator byte) (text []byte) {
	var places [tailAttempts]int
	n := 0
	for i := 0; ; {
		j := bytes.IndexByte(b[i:], ';')
		if j < 0 {
			break
		}
		i += j + 1
		if beginsTail(b[i:]) {
			places[n%tailAttempts] = i
			n++
		}
	}
	for k := 1; k <= min(n, tailAttempts); k++ {
		place := places[(n-k)%tailAttempts]
		var t tail
		if t.read(b[place+1:], separator) {
			ev.From, ev.To, ev.Proto, ev.Helo = t.from, t.to, t.proto, t.helo
			ev.SASLMethod, ev.SASLUsername, ev.SASLSender = t.method, t.username, t.sender
			return b[:place-1]
		}
	}
	ev.Cut = true
	if n > 0 {
		return b[:places[(n-1)%tailAttempts]-1]
	}
	return b
}

// beginsTail is a cheap first look at what follows a ';'.
func beginsTail(b []byte) bool {
	if len(b) < 6 || b[0] != ' ' {
		return false
	}
	switch b[1] {
	case 'f':
		return has(b, " from=<")
	case 't':
		return has(b, " to=<")
	case 'p':
		return has(b, " proto=")
	case 'h':
		return has(b, " helo=<")
	}
	return false
}

type tail struct {
	from, to, proto, helo    []byte
	method, username, sender []byte
}

// read takes "from=<F> to=<T> proto=P helo=<H> sasl_method=M sasl_username=U
// sasl_sender=S" up to the line's end, each field optional; the separator is a
// space, or for postscreen(8) a comma and a space.
func (t *tail) read(b []byte, separator byte) bool {
	ok := true
	if rest, is := after(b, "from=<"); is {
		if t.from, b, ok = strictAddress(rest); !ok {
			return false
		}
		b = skip(b, separator)
	}
	if rest, is := after(b, "to=<"); is {
		if t.to, b, ok = strictAddress(rest); !ok {
			return false
		}
		b = skip(b, separator)
	}
	if rest, is := after(b, "proto="); is {
		n := 0
		for n < len(rest) && 'A' <= rest[n] && rest[n] <= 'Z' {
			n++
		}
		t.proto, b = rest[:n], skip(rest[n:], separator)
	}
	if rest, is := after(b, "helo=<"); is {
		if t.helo, b, ok = until(rest, '>'); !ok {
			return false
		}
		b = skip(b, separator)
	}
	if rest, is := after(b, "sasl_method="); is {
		t.method, b = word1(rest)
	}
	if rest, is := after(b, "sasl_username="); is {
		t.username, b = rest, nil
		t.username = cutField(t.username, " sasl_sender=", &t.sender)
		if n := len(t.username); n > 1 && t.username[0] == '<' && t.username[n-1] == '>' {
			t.username = t.username[1 : n-1]
		}
	}
	// header_checks(5) and Milters may add ": text".
	return len(b) == 0 || (len(b) > 1 && b[0] == ':')
}

// skip takes one separator off.
func skip(b []byte, separator byte) []byte {
	if separator == ',' {
		b, _ = after(b, ",")
	}
	b, _ = after(b, " ")
	return b
}

// strictAddress reads an address in the form that Postfix gives it: quotes
// stand around whole strings only, and without them there is no '<', '>' or '"'.
func strictAddress(b []byte) (addr, rest []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '>':
			return b[:i], b[i+1:], true
		case '<', '\\':
			return nil, b, false
		case '"':
			if i > 0 && b[i-1] != '.' {
				return nil, b, false
			}
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if i+1 < len(b) && b[i+1] != '@' && b[i+1] != '.' && b[i+1] != '>' {
				return nil, b, false
			}
		}
	}
	return nil, b, false
}

// rejectReason tells the reason from Postfix's own words, which follow the
// offending "<address>: ". That address may hold anything, also those words,
// so the last ">: " counts; it and what follows are looked at up to a bound.
func rejectReason(text []byte) RejectReason {
	own := text
	if len(text) > 0 && text[0] == '<' {
		if i := lastClose(text); i >= 0 {
			own = text[i+len(">: "):]
		}
	}
	own = own[:min(len(own), 256)]
	switch {
	case has(own, "Relay access denied"):
		return RejectRelayDenied
	case has(own, "Recipient address rejected: "):
		return recipientReason(own[len("Recipient address rejected: "):])
	case has(own, "Service unavailable; "):
		return RejectDNSBL // "… blocked using LIST"
	case has(own, "Helo command rejected: "):
		return RejectHelo
	case has(own, "Sender address rejected: "):
		return senderReason(own[len("Sender address rejected: "):])
	case has(own, "Client host rejected: "):
		return policyReason(own[len("Client host rejected: "):])
	case has(own, "Message size exceeds"), has(own, "Message too large"), has(own, "message too large"):
		return RejectSize
	case has(own, "Must issue a STARTTLS"), has(own, "Session encryption is required"), has(own, "TLS"):
		return RejectTLS
	case has(own, "Error: too m"), contains(own, " Error: too m"):
		return RejectRateLimit // "too many connections", "too much mail", "too many recipients", "too many new TLS sessions"
	case has(own, "User unknown"):
		return RejectUserUnknown
	case has(own, "Message content rejected"):
		return RejectContent
	}
	return policyReason(own)
}

func recipientReason(own []byte) RejectReason {
	switch {
	case has(own, "User unknown"), has(own, "undeliverable address"):
		return RejectUserUnknown
	}
	return policyReason(own)
}

func senderReason(own []byte) RejectReason {
	switch {
	case has(own, "Domain not found"), has(own, "Domain "), has(own, "Malformed DNS server reply"),
		has(own, "need fully-qualified address"), has(own, "undeliverable address"), has(own, "unverified address"):
		return RejectSenderDomain
	case has(own, "User unknown"):
		return RejectPolicy // our own domain, a user that we don't have
	}
	return policyReason(own)
}

// policyReason sorts the words of policy services and access tables, which the
// site chose.
func policyReason(own []byte) RejectReason {
	switch {
	case contains(own, "reylist"):
		return RejectGreylist
	case contains(own, "SPF"):
		return RejectSPF
	case contains(own, "ate limit"), contains(own, "uota exceeded"):
		return RejectRateLimit
	case contains(own, "blocked using "):
		return RejectDNSBL
	case has(own, "Access denied"), has(own, "not owned by user"), has(own, "not logged in"), has(own, "Improper use of"),
		has(own, "cannot find your"), has(own, "Multi-recipient bounce"):
		return RejectPolicy
	case len(own) == 0, has(own, "Server configuration"), has(own, "Insufficient system storage"), has(own, "Temporary lookup failure"):
		return RejectOther
	}
	return RejectPolicy
}

func contains(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }

// lastClose finds the last ">: ".
func lastClose(b []byte) int {
	for i := len(b) - 3; i >= 0; i-- {
		if b[i] == '>' && b[i+1] == ':' && b[i+2] == ' ' {
			return i
		}
	}
	return -1
}

// proxy reads a before-queue filter's verdict:
//
//	proxy-accept|proxy-reject: STAGE: REPLY; from=<F> to=<T> proto=P helo=<H>[ sasl_username=<U>]
func proxy(b []byte, ev *Event) Outcome {
	ev.Kind, ev.Action = KindProxy, ActionAccept
	if has(b, "proxy-reject: ") {
		ev.Action = ActionReject
	}
	ev.Stage, b = stage(b[len("proxy-accept: "):])
	b, ok := after(b, ": ")
	if !ok {
		return Malformed
	}
	reply(envelopeTail(b, ev, ' '), ev)
	ev.ChildQueueID = queuedAs(ev.Text)
	return Parsed
}

// queuedAs reads "… queued as QUEUEID" at the end of an MTA's reply.
func queuedAs(text []byte) []byte {
	from := max(0, len(text)-MaxQueueID-1)
	i := bytes.LastIndexByte(text[from:], ' ') + from
	if i < from || !bytes.HasSuffix(text[:i], []byte("queued as")) || !IsQueueID(text[i+1:]) {
		return nil
	}
	return text[i+1:]
}
