package parser

import "bytes"

// dovecotAuth reads what the auth process says of a try, to 2.3 and in 2.4:
//
//	DRIVER(USER,ADDRESS[,<SESSION>]): TEXT
//	auth(USER,ADDRESS,sasl:MECHANISM)[<SESSION>]: [DRIVER: ]TEXT
//
// USER is the client's, and so is part of some TEXT. By default Dovecot takes no
// ')' in a user name (auth_username_chars), so that the first ')' that a known
// text follows ends it.
func dovecotAuth(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "conn unix:"); ok {
		// 2.4 names the peer first: "conn unix:PATH (pid=…,uid=…): auth-worker<1>: …"
		if i := bytes.Index(rest, []byte(">: ")); i >= 0 {
			b = rest[i+3:]
		}
	}
	driver, rest, ok := until(b, '(')
	if !ok || bytes.IndexByte(driver, ' ') >= 0 {
		return Ignored
	}
	for i := 0; ; i++ {
		next := bytes.IndexByte(rest[i:], ')')
		if next < 0 {
			return Ignored
		}
		i += next
		if text, ok := authText(rest[i+1:]); ok {
			if reason, ok := authReason(text); ok {
				user, address := authUser(rest[:i])
				ev.SASLUsername, ev.ClientAddress = ev.span(user), ev.span(address)
				ev.Kind, ev.DovecotReason = KindDovecotAuthFailure, reason
				ev.Text = ev.span(cutPassword(text))
				return Parsed
			}
		}
	}
}

// authText takes "[<SESSION>]: [DRIVER: ]" off.
func authText(b []byte) (text []byte, ok bool) {
	if rest, is := after(b, "<"); is {
		if _, b, ok = until(rest, '>'); !ok {
			return b, false
		}
	}
	if b, ok = after(b, ": "); !ok {
		return b, false
	}
	if driver, rest := word1(b); len(driver) > 1 && driver[len(driver)-1] == ':' {
		b = rest
	}
	return b, true
}

func authReason(text []byte) (DovecotReason, bool) {
	for _, known := range [...]struct {
		text   string
		reason DovecotReason
	}{
		{"Password mismatch", DovecotPassword},
		{"unknown user", DovecotUnknownUser},
		{"Invalid password", DovecotPassword},
		{"pam_authenticate() failed: Authentication failure", DovecotPassword},
		{"pam_authenticate() failed: User not known", DovecotUnknownUser},
		{"pam_authenticate() failed: ", DovecotReasonOther},
		{"Username character disallowed", DovecotDisallowed},
		{"user is disabled", DovecotDisallowed},
		{"Request timed out", DovecotTimeout},
		{"Authenticating user", DovecotReasonOther},
	} {
		if has(text, known.text) {
			return known.reason, true
		}
	}
	return 0, false
}

// authUser reads "USER,ADDRESS[,<SESSION>|,sasl:MECHANISM]" from its end.
func authUser(b []byte) (user, address []byte) {
	if i := bytes.LastIndexByte(b, ','); i >= 0 && (has(b[i:], ",<") || has(b[i:], ",sasl:")) {
		b = b[:i]
	}
	if i := bytes.LastIndexByte(b, ','); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

// cutPassword leaves out the password that auth_verbose_passwords adds.
func cutPassword(text []byte) []byte {
	if i := bytes.Index(text, []byte(" (given password: ")); i >= 0 {
		return text[:i]
	}
	return text
}
