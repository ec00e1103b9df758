package parser

import "bytes"

// parseDovecot reads Dovecot's lines that are evidence of logins, from 2.2 to
// 2.4, through syslog ("dovecot: imap-login: …") or from its own file
// ("imap-login: Info: …"). All its other lines are ignored.
func parseDovecot(b []byte, ev *Event) Outcome {
	if string(ev.Bytes(ev.Program)) == "dovecot" { // through syslog: the process stands in the message
		if has(b, "auth(") && !isWorker(b[len("auth("):]) { // 2.4: "auth(USER,ADDRESS,sasl:MECHANISM): TEXT"
			ev.Program, ev.DovecotProtocol = ev.span(b[:len("auth")]), DovecotAuth
			return dovecotAuth(b, ev)
		}
		name, rest := word1(b)
		if n := len(name); n < 2 || name[n-1] != ':' || !isDovecotProcess(name[:n-1]) {
			return Ignored
		}
		ev.Program, b = ev.span(name[:len(name)-1]), rest
	}
	process, _, _ := untilAny(ev.Bytes(ev.Program), '(')
	ev.Program = ev.span(process)
	b = dovecotSeverity(b, ev)
	switch string(process) {
	case "imap-login":
		ev.DovecotProtocol = DovecotIMAP
	case "pop3-login":
		ev.DovecotProtocol = DovecotPOP3
	case "submission-login":
		ev.DovecotProtocol = DovecotSubmission
	case "managesieve-login":
		ev.DovecotProtocol = DovecotManageSieve
	case "auth", "auth-worker":
		ev.DovecotProtocol = DovecotAuth
		return dovecotAuth(b, ev)
	default:
		return Ignored
	}
	return dovecotLogin(b, ev)
}

// untilAny is until, but for the whole of b where c is not in it.
func untilAny(b []byte, c byte) (head, rest []byte, ok bool) {
	if head, rest, ok = until(b, c); ok {
		return head, rest, true
	}
	return b, nil, false
}

// isWorker reads "PID): " of an auth process that says which one it is.
func isWorker(b []byte) bool {
	_, rest, ok := number(b)
	return ok && has(rest, "): ")
}

// isDovecotProcess says whether a name before a colon is one of Dovecot's
// processes, with "(user)" or "(pid)" behind it or not.
func isDovecotProcess(b []byte) bool {
	name, _, _ := untilAny(b, '(')
	switch string(name) {
	case "auth", "auth-worker", "imap-login", "pop3-login", "submission-login", "managesieve-login", "imap", "pop3", "lmtp", "lda", "submission",
		"managesieve", "master", "log", "config", "anvil", "stats", "dict", "indexer", "indexer-worker", "director", "doveadm",
		"dns-client", "ssl-params", "replicator", "quota-status", "imap-hibernate", "imap-urlauth-login", "imap-urlauth", "old-stats":
		return true
	}
	return false
}

func dovecotSeverity(b []byte, ev *Event) []byte {
	for _, marker := range [...]struct {
		text     string
		severity Severity
	}{
		{"Info: ", SeverityInfo},
		{"Debug: ", SeverityInfo},
		{"Warning: ", SeverityWarning},
		{"Error: ", SeverityError},
		{"Fatal: ", SeverityFatal},
		{"Panic: ", SeverityPanic},
	} {
		if rest, ok := after(b, marker.text); ok {
			ev.Severity = marker.severity
			return rest
		}
	}
	return b
}

// dovecotLogin reads the lines of the login processes:
//
//	Login|Logged in: user=<U>, method=M, rip=A, lip=A, …
//	Disconnected|Aborted login|Login aborted: … (REASON): user=<U>, method=M, rip=A, …
func dovecotLogin(b []byte, ev *Event) Outcome {
	for _, login := range [...]string{"Login: ", "Logged in: "} { // to 2.3, and 2.4
		if rest, ok := after(b, login); ok {
			ev.Kind = KindDovecotLogin
			return loginFields(rest, ev)
		}
	}
	if !has(b, "Disconnected") && !has(b, "Aborted login") && !has(b, "Login aborted") && !has(b, "Maximum number of connections") {
		return Ignored
	}
	head, fields := b, []byte(nil)
	if i := bytes.Index(b, []byte("user=<")); i >= 0 {
		head, fields = b[:i], b[i:]
	} else if i := bytes.Index(b, []byte("rip=")); i >= 0 {
		head, fields = b[:i], b[i:]
	}
	ev.Kind = KindDovecotLoginFailure
	ev.DovecotReason = loginReason(head)
	ev.Text = ev.span(head)
	if i := bytes.Index(head, []byte("auth failed, ")); i >= 0 {
		ev.Value, _, _ = number(head[i+len("auth failed, "):])
	}
	return loginFields(fields, ev)
}

func loginReason(head []byte) DovecotReason {
	switch {
	case contains(head, "auth failed"), contains(head, "(auth_failed)"):
		return DovecotAuthFailed
	case contains(head, "no auth attempts"):
		return DovecotNoAuth
	case contains(head, "Maximum number of connections"), contains(head, "Too many"):
		return DovecotLimit
	case contains(head, "TLS"), contains(head, "SSL"):
		return DovecotTLS
	case contains(head, "disabled"), contains(head, "disallowed"):
		return DovecotDisallowed
	case contains(head, "Inactivity"), contains(head, "timed out"):
		return DovecotTimeout
	case contains(head, "nternal error"), contains(head, "auth service"), contains(head, "auth process"):
		return DovecotBackend
	case contains(head, "tried to use"), contains(head, "client didn't finish"), contains(head, "Connection closed"), contains(head, "disconnected"),
		contains(head, "waited to finish"):
		return DovecotAborted
	}
	return DovecotReasonOther
}

// loginFields reads "user=<U>, method=M, rip=A, …". Dovecot refuses or escapes
// control bytes in user names, but not '>': the name runs to the last ">, " that
// the next field follows.
func loginFields(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "user=<"); ok {
		end := bytes.LastIndex(rest, []byte(">, method="))
		if end < 0 {
			end = bytes.LastIndex(rest, []byte(">, rip="))
		}
		if end < 0 {
			ev.Cut = true
			return Parsed
		}
		ev.SASLUsername, b = ev.span(rest[:end]), rest[end+3:]
	}
	if rest, ok := after(b, "method="); ok {
		rest, b, _ = untilAny(rest, ',')
		ev.SASLMethod = ev.span(rest)
		b, _ = after(b, " ")
	}
	if rest, ok := after(b, "rip="); ok {
		rest, _, _ = untilAny(rest, ',')
		ev.ClientAddress = ev.span(rest)
	}
	return Parsed
}
