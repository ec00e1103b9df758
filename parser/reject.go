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
	reply(envelopeTail(b, ev, ' '), ev)
	switch {
	case ev.Kind == KindMilter:
		ev.RejectReason = RejectMilter
	case has(ev.Text, "bare <LF> received"):
		ev.Violation = ViolationBareLF
	default:
		ev.RejectReason = rejectReason(ev)
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
	case "pass":
		return ActionOther
	}
	return ActionNone
}

// envelopeTail finds where TEXT ends and the envelope begins, reads the envelope
// and returns TEXT. TEXT holds the offending address as the client wrote it, so
// that it may hold a look-alike of the tail; so may a quoted address within the
// tail. The true tail is the last "; " from which everything to the line's end
// reads as envelope, with every address well-formed; an account's name with
// bytes that a look-alike needs is believed only where nothing else reads.
func envelopeTail(b []byte, ev *Event, separator byte) (text []byte) {
	for _, lenient := range [...]bool{false, true} {
		t := tail{separator: separator, lenient: lenient, reply: ev.Kind == KindContent}
		for i := bytes.LastIndexByte(b, ';'); i >= 0; i = bytes.LastIndexByte(b[:i], ';') {
			if beginsTail(b[i+1:]) && t.read(b[i+2:]) {
				ev.From, ev.To, ev.Proto, ev.Helo = t.from, t.to, t.proto, t.helo
				ev.SASLMethod, ev.SASLUsername, ev.SASLSender = t.method, t.username, t.sender
				return b[:i]
			}
		}
	}
	ev.Cut = true
	for i := bytes.LastIndexByte(b, ';'); i >= 0; i = bytes.LastIndexByte(b[:i], ';') {
		if beginsTail(b[i+1:]) {
			return b[:i]
		}
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

// tail reads an envelope; its fields of the first group say how.
type tail struct {
	separator byte // ' ', or ',' for a comma and a space
	lenient   bool // let an account's name hold anything
	reply     bool // ": text" of header_checks(5) may stand behind it

	from, to, proto, helo    []byte
	method, username, sender []byte
}

// read takes "from=<F> to=<T> proto=P helo=<H> sasl_method=M sasl_username=U
// sasl_sender=S" up to the line's end, each field optional.
func (t *tail) read(b []byte) bool {
	t.from, t.to, t.proto, t.helo, t.method, t.username, t.sender = nil, nil, nil, nil, nil, nil, nil
	ok := true
	if rest, is := after(b, "from=<"); is {
		if t.from, b, ok = strictAddress(rest); !ok {
			return false
		}
		b = t.skip(b)
	}
	if rest, is := after(b, "to=<"); is {
		if t.to, b, ok = strictAddress(rest); !ok {
			return false
		}
		b = t.skip(b)
	}
	if rest, is := after(b, "proto="); is {
		n := 0
		for n < len(rest) && 'A' <= rest[n] && rest[n] <= 'Z' {
			n++
		}
		t.proto, b = rest[:n], t.skip(rest[n:])
	}
	if rest, is := after(b, "helo=<"); is {
		if t.helo, b, ok = until(rest, '>'); !ok {
			return false
		}
		b = t.skip(b)
	}
	if rest, is := after(b, "sasl_method="); is {
		t.method, b = word1(rest)
	}
	if rest, is := after(b, "sasl_username="); is {
		return t.account(rest)
	}
	return len(b) == 0 || t.reply && has(b, ": ")
}

// account reads the name of an account, in "<>" from a Milter's line.
func (t *tail) account(b []byte) bool {
	b = cutField(b, " sasl_sender=", &t.sender)
	if n := len(b); n > 1 && b[0] == '<' && b[n-1] == '>' {
		b = b[1 : n-1]
	}
	t.username = b
	return t.lenient || bytes.IndexByte(b, '>') < 0 && bytes.IndexByte(b, '"') < 0
}

// skip takes one separator off.
func (t *tail) skip(b []byte) []byte {
	if t.separator == ',' {
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
// offending "<address>: "; they are looked at up to a bound.
func rejectReason(ev *Event) RejectReason {
	own := afterSubject(ev)
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

// afterSubject returns what follows "<SUBJECT>: " at the head of a reply. The
// subject is the recipient or the sender of the envelope, without their quotes,
// and may hold anything, also that end; where it is a host's name or address, its
// first end is the end.
func afterSubject(ev *Event) []byte {
	text, ok := after(ev.Text, "<")
	if !ok {
		return ev.Text
	}
	for _, address := range [...][]byte{ev.To, ev.From} {
		if rest, ok := afterUnquoted(text, address); ok {
			if rest, ok = after(rest, ">: "); ok {
				return rest
			}
		}
	}
	if i := bytes.Index(text, []byte(">: ")); i >= 0 {
		return text[i+len(">: "):]
	}
	return ev.Text
}

// afterUnquoted returns what follows an address at the head of b, which holds it
// without the quotes of RFC 5321.
func afterUnquoted(b, address []byte) (rest []byte, ok bool) {
	if len(address) == 0 {
		return b, false
	}
	n, quoted := 0, false
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case c == '"':
			quoted = !quoted
			continue
		case c == '\\' && quoted && i+1 < len(address):
			i++
			c = address[i]
		}
		if n == len(b) || b[n] != c {
			return b, false
		}
		n++
	}
	return b[n:], true
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
