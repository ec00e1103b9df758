package parser

import "bytes"

// parsePostscreen reads the lines of postscreen(8), whose clients are always
// "[address]:port".
func parsePostscreen(b []byte, ev *Event) Outcome {
	if ev.NoQueue {
		return postscreenReject(b, ev)
	}
	for _, form := range [...]struct {
		text  string
		event PostscreenEvent
	}{
		{"CONNECT from ", PostscreenConnect},
		{"DISCONNECT ", PostscreenDisconnect},
		{"PASS OLD ", PostscreenPassOld},
		{"PASS NEW ", PostscreenPassNew},
		{"ALLOWLISTED ", PostscreenAllowlisted},
		{"WHITELISTED ", PostscreenAllowlisted},
		{"DENYLISTED ", PostscreenDenylisted},
		{"BLACKLISTED ", PostscreenDenylisted},
		{"ALLOWLIST VETO ", PostscreenAllowlistVeto},
		{"WHITELIST VETO ", PostscreenAllowlistVeto},
		{"COMMAND PIPELINING from ", PostscreenCommandPipelining},
		{"COMMAND TIME LIMIT from ", PostscreenCommandTimeLimit},
		{"COMMAND COUNT LIMIT from ", PostscreenCommandCountLimit},
		{"COMMAND LENGTH LIMIT from ", PostscreenCommandLengthLimit},
		{"NON-SMTP COMMAND from ", PostscreenNonSMTPCommand},
		{"BARE NEWLINE from ", PostscreenBareNewline},
		{"DATA without valid RCPT from ", PostscreenDataWithoutRcpt},
		{"BDAT without valid RCPT from ", PostscreenDataWithoutRcpt},
	} {
		if rest, ok := after(b, form.text); ok {
			return screened(rest, ev, form.event)
		}
	}
	if rest, ok := after(b, "PREGREET "); ok {
		ev.Value, rest, ok = number(rest)
		if rest, ok = chain(rest, ok, " after "); !ok {
			return Malformed
		}
		if ev.Delay, rest, ok = seconds(rest); !ok {
			return Malformed
		}
		if rest, ok = after(rest, " from "); !ok {
			return Malformed
		}
		return screened(rest, ev, PostscreenPregreet)
	}
	if rest, ok := after(b, "DNSBL rank "); ok {
		rest, _ = after(rest, "-")
		ev.Value, rest, ok = number(rest)
		if rest, ok = chain(rest, ok, " for "); !ok {
			return Malformed
		}
		return screened(rest, ev, PostscreenDNSBL)
	}
	if rest, ok := after(b, "HANGUP after "); ok {
		if ev.Delay, rest, ok = seconds(rest); !ok {
			return Malformed
		}
		if rest, ok = after(rest, " from "); !ok {
			return Malformed
		}
		return screened(rest, ev, PostscreenHangup)
	}
	return postscreenState(b, ev)
}

// screened reads the client and what is said of it.
func screened(b []byte, ev *Event, e PostscreenEvent) Outcome {
	b, ok := endpoint(b, ev)
	if !ok {
		return Malformed
	}
	if rest, is := after(b, " in "); is {
		ev.Text = ev.span(rest) // the tests before or after the SMTP handshake
		b = nil
	} else if rest, is := after(b, " after "); is {
		ev.Stage, b = stage(rest)
	}
	if rest, is := after(b, ": "); is {
		ev.Text = ev.span(rest) // " to [S]:P" of a CONNECT is our own address
	}
	ev.Kind, ev.Postscreen = KindPostscreen, e
	return Parsed
}

// postscreenReject reads
//
//	reject: STAGE from [A]:P: DDD D.D.D TEXT; from=<S>, to=<R>, proto=P, helo=<H>
//	reject: CONNECT from [A]:P: too many connections|all server ports busy
func postscreenReject(b []byte, ev *Event) Outcome {
	b, ok := after(b, "reject: ")
	if !ok {
		return Unknown
	}
	ev.Stage, b = stage(b)
	if b, ok = after(b, " from "); !ok {
		return Malformed
	}
	if b, ok = endpoint(b, ev); !ok {
		return Malformed
	}
	if b, ok = after(b, ": "); !ok {
		return Malformed
	}
	if has(b, "too many connections") || bytes.HasSuffix(b, []byte(" ports busy")) {
		ev.Kind, ev.Postscreen, ev.Text = KindPostscreen, PostscreenBusy, ev.span(b)
		return Parsed
	}
	ev.Kind, ev.Action, ev.Postscreen = KindReject, ActionReject, PostscreenReject
	reply(envelopeTail(b, ev, ','), ev)
	ev.RejectReason = rejectReason(ev)
	return Parsed
}

// postscreenState reads what postscreen(8) says of itself.
func postscreenState(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "reject: connect from "); ok {
		return screened(rest, ev, PostscreenBusy)
	}
	if rest, ok := after(b, "entering STRESS mode with "); ok {
		ev.Value, _, _ = number(rest)
		ev.Kind, ev.Postscreen = KindPostscreen, PostscreenStress
		return Parsed
	}
	if rest, ok := after(b, "leaving STRESS mode with "); ok {
		ev.Value, _, _ = number(rest)
		ev.Kind, ev.Postscreen = KindPostscreen, PostscreenRelaxed
		return Parsed
	}
	switch {
	case has(b, "cache "), has(b, "connect to "), has(b, "close database "), has(b, "psc_"), has(b, "dnsblog"), has(b, "problem talking to service"),
		has(b, "getpeername: "), has(b, "cannot receive "), has(b, "haproxy"), has(b, "unexpected "):
		return Ignored
	}
	return Unknown
}

// parseDnsblog reads "addr A listed by domain D as 127.0.0.N" of dnsblog(8).
func parseDnsblog(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "addr "); ok {
		address, rest := word1(rest)
		ev.ClientAddress = ev.span(address)
		if rest, ok = after(rest, "listed by domain "); !ok {
			return Malformed
		}
		list, _ := word1(rest)
		ev.Service = ev.span(list)
		ev.Kind = KindDNSBL
		return Parsed
	}
	if has(b, "dnsblog_query: ") {
		return Ignored // lookup trouble at a list
	}
	return Unknown
}
