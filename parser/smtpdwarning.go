package parser

import "bytes"

// smtpdWarning reads smtpd(8)'s warnings and errors that name no queue id.
func smtpdWarning(b []byte, ev *Event) Outcome {
	if i := bytes.IndexByte(b, '['); i > 0 && bytes.IndexByte(b[:i], ' ') < 0 {
		if rest, ok := client(b, ev); ok {
			if rest, ok = after(rest, ": "); ok {
				return clientWarning(rest, ev)
			}
		}
	}
	if rest, ok := after(b, "hostname "); ok {
		// A forged or broken reverse name; it is in DNS, says nothing of the client.
		if bytes.Contains(rest, []byte(" does not resolve to address ")) ||
			bytes.Contains(rest, []byte(" verification failed: ")) {
			return Ignored
		}
	}
	if rest, ok := after(b, "non-SMTP command from "); ok {
		return violation(rest, ev, ViolationNonSMTP)
	}
	if rest, ok := after(b, "Illegal address syntax from "); ok {
		if rest, ok = client(rest, ev); !ok {
			return Malformed
		}
		if rest, ok = after(rest, " in "); !ok {
			return Malformed
		}
		ev.Stage, rest = stage(rest)
		rest, _ = after(rest, " command: ")
		ev.Text = ev.span(rest)
		ev.Kind, ev.Violation = KindViolation, ViolationAddressSyntax
		return Parsed
	}
	if limit, rest, ok := limitOf(b); ok {
		n, rest, ok := number(rest)
		if rest, ok = chain(rest, ok, " from "); !ok {
			return Malformed
		}
		ev.Value = n
		return limited(rest, ev, limit)
	}
	for _, form := range [...]string{"Refusing STARTTLS request from ", "Refusing TLS service request from "} {
		if rest, ok := after(b, form); ok { // over the limit already
			return limited(rest, ev, LimitNewTLSRate)
		}
	}
	if rest, ok := after(b, "Wrapper-mode request dropped from "); ok {
		if _, ok = client(rest, ev); !ok {
			return Malformed
		}
		ev.Kind, ev.TLSDirection, ev.Text = KindTLSError, TLSInbound, ev.span(b)
		return Parsed
	}
	if o := serviceTrouble(b, ev); o != Unknown {
		return o
	}
	return setupWarning(b)
}

// setupWarning knows the warnings about DNS, tables, filters and proxies that
// nothing counts: what they did to a client stands in the client's own line.
func setupWarning(b []byte) Outcome {
	if name, rest := word1(b); len(name) > 1 && name[len(name)-1] == ':' { // "NAME: TEXT"
		switch {
		case has(rest, "RBL lookup error: "), has(rest, "TXT lookup error: "), has(rest, "MX or address lookup error: "),
			has(rest, "address or MX lookup error: "), has(rest, "MX server address count limit "), has(rest, "NS server address count limit "):
			return Ignored
		}
	}
	for _, prefix := range [...]string{
		"Unable to look up ", "lost connection with proxy ", "timeout talking to proxy ", "proxy ", "received garbage from proxy ",
		"bad IPv4 ", "bad IPv6 ", "bad TCP ", "access table ", "unknown smtpd restriction: ", "bad ETRN ", "mapping DSN status ", "don't know ",
	} {
		if has(b, prefix) {
			return Ignored
		}
	}
	return Unknown
}

// clientWarning reads what follows "CLIENT: ".
func clientWarning(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "SASL "); ok {
		return saslFailure(rest, ev)
	}
	if rest, ok := after(b, "request longer than "); ok {
		ev.Kind, ev.Violation = KindViolation, ViolationLongRequest
		ev.Value, rest, _ = number(rest)
		rest, _ = after(rest, ": ")
		ev.Text = ev.span(rest)
		return Parsed
	}
	return Unknown
}

func violation(b []byte, ev *Event, v Violation) Outcome {
	if !clientText(b, ev) {
		return Malformed
	}
	ev.Kind, ev.Violation = KindViolation, v
	return Parsed
}

// saslFailure reads
//
//	METHOD authentication failed: REASON[, sasl_username=U]
//	METHOD authentication aborted
//
// The user name is the client's word and runs from the first ", sasl_username="
// to the line's end, whatever it holds; Postfix logs it from 3.9 on.
func saslFailure(b []byte, ev *Event) Outcome {
	method, b := word1(b)
	ev.SASLMethod = ev.span(method)
	b, ok := after(b, "authentication ")
	if !ok {
		return Malformed
	}
	ev.Kind = KindSASLFailure
	if has(b, "aborted") {
		ev.SASLReason = SASLAborted
		return Parsed
	}
	if b, ok = after(b, "failed:"); !ok {
		return Malformed
	}
	b, _ = after(b, " ")
	ev.Text = ev.span(b)
	if i := bytes.Index(b, []byte(", sasl_username=")); i >= 0 {
		ev.Text, ev.SASLUsername = ev.span(b[:i]), ev.span(b[i+len(", sasl_username="):])
	}
	ev.SASLReason = saslReason(ev.Bytes(ev.Text))
	if ev.SASLReason != SASLCredentials || string(ev.Bytes(ev.SASLUsername)) == "(unavailable)" {
		// None, or the try came to nothing: the name is the one of the try before it.
		ev.SASLUsername = Span{}
	}
	return Parsed
}

func saslReason(text []byte) SASLReason {
	switch {
	case has(text, "Connection lost to authentication server"),
		has(text, "Temporary authentication failure"),
		has(text, "generic failure"),
		has(text, "internal error"):
		return SASLBackendDown
	case has(text, "Invalid authentication mechanism"),
		has(text, "no mechanism available"):
		return SASLMechanism
	}
	return SASLCredentials
}

func limitOf(b []byte) (l Limit, rest []byte, ok bool) {
	what, rest, ok := cutString(b, " limit exceeded: ")
	if !ok {
		return LimitNone, b, false
	}
	switch string(what) {
	case "Connection concurrency":
		return LimitConnectionConcurrency, rest, true
	case "Connection rate":
		return LimitConnectionRate, rest, true
	case "Message delivery request rate":
		return LimitMessageRate, rest, true
	case "Recipient address rate":
		return LimitRecipientRate, rest, true
	case "New TLS session rate":
		return LimitNewTLSRate, rest, true
	case "AUTH command rate":
		return LimitAuthRate, rest, true
	}
	return LimitNone, b, false
}

// cutString splits b at the first s within its first 64 bytes.
func cutString(b []byte, s string) (head, rest []byte, ok bool) {
	if i := bytes.Index(b[:min(len(b), 64)], []byte(s)); i >= 0 {
		return b[:i], b[i+len(s):], true
	}
	return nil, b, false
}

// limited reads "CLIENT for service SVC".
func limited(b []byte, ev *Event, l Limit) Outcome {
	b, ok := client(b, ev)
	if !ok {
		return Malformed
	}
	b, _ = after(b, " for service ")
	ev.Service = ev.span(b)
	ev.Kind, ev.Limit = KindLimit, l
	return Parsed
}

// serviceTrouble reads warnings about what smtpd(8) leans on: SASL server,
// policy service, Milter, disk.
func serviceTrouble(b []byte, ev *Event) Outcome {
	switch {
	case has(b, "problem talking to server "):
		ev.Kind = KindPolicyError
	case has(b, "connect to Milter service "), has(b, "milter "), has(b, "can't read SMFIC_"), has(b, "lost connection with Milter "),
		has(b, "cannot send milters "), has(b, "cannot receive milters "):
		ev.Kind = KindMilterError
	case has(b, "SASL: "), has(b, "SASL authentication failure: cannot connect to saslauthd"),
		has(b, "no SASL authentication mechanisms"), has(b, "SASL per-process initialization failed"),
		has(b, "xsasl_"):
		ev.Kind = KindSASLBackend
	case has(b, "SASL authentication "):
		return Ignored // the SASL library's own words; smtpd's line follows
	case has(b, "not enough free space in mail queue"), has(b, "mail_queue_enter: "), has(b, "queue file write error"):
		ev.Kind = KindResource
	case has(b, "TLS library problem"):
		ev.Kind, ev.TLSDirection = KindTLSError, TLSInbound
	case has(b, "expected maptype:mapname"):
		return Ignored
	default:
		return Unknown
	}
	ev.Text = ev.span(b)
	return Parsed
}

// queuedTrouble reads warnings that name a queue id.
func queuedTrouble(b []byte, ev *Event) Outcome {
	switch {
	case has(b, "queue file size limit exceeded"), has(b, "queue file write error"), has(b, "message too large"),
		has(b, "write queue file: "):
		ev.Kind = KindResource
	case has(b, "BDAT request from ") && bytes.HasSuffix(b, []byte(" exceeds message size limit")):
		ev.Kind = KindResource
	case has(b, "too much BDAT content"), has(b, "malformed BDAT"), has(b, "null BDAT request"):
		ev.Kind, ev.Violation = KindViolation, ViolationBDAT
	default:
		return Unknown
	}
	ev.Text = ev.span(b)
	return Parsed
}
