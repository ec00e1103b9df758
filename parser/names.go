package parser

// The words of the closed lists, in the order of their constants.

func (o Outcome) String() string {
	return word(o, []string{"parsed", "ignored", "unknown", "malformed", "foreign"})
}

func (k Kind) String() string {
	return word(k, []string{
		"none", "connect", "disconnect", "connection_lost", "client", "reject", "milter", "proxy", "sasl_failure", "violation",
		"limit", "policy_error", "milter_error", "sasl_backend", "resource", "tls", "tls_error", "delivery", "remote", "loop",
		"queue_active", "removed", "canceled", "expired", "held", "released", "requeued", "message_id", "content", "pickup",
		"bounce", "corrupt", "postscreen", "dnsbl", "anvil", "process_limit", "master", "dovecot_login",
		"dovecot_login_failure", "dovecot_auth_failure", "log_loss", "log_repeat",
	})
}

func (s Severity) String() string {
	return word(s, []string{"info", "warning", "error", "fatal", "panic"})
}

func (s Stage) String() string {
	return word(s, []string{
		"none", "connect", "helo", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "bdat", "data_content", "bdat_content",
		"end_of_message", "rset", "noop", "vrfy", "etrn", "quit", "xclient", "xforward", "help", "unknown", "other",
	})
}

func (v Verb) String() string {
	return word(v, []string{
		"helo", "ehlo", "xclient", "xforward", "starttls", "auth", "mail", "rcpt", "data", "bdat", "rset", "noop", "vrfy", "etrn",
		"quit", "help", "unknown",
	})
}

func (l LostKind) String() string {
	return word(l, []string{"none", "lost_connection", "timeout", "too_many_errors"})
}

func (a Action) String() string {
	return word(a, []string{
		"none", "reject", "reject_warning", "warn", "info", "hold", "discard", "filter", "redirect", "bcc", "delay", "hangup",
		"prepend", "replace", "strip", "accept", "trigger", "quarantine", "other",
	})
}

func (r RejectReason) String() string {
	return word(r, []string{
		"other", "relay_denied", "user_unknown", "dnsbl", "helo", "sender_domain", "rate_limit", "greylist", "policy", "spf",
		"milter", "content", "size", "tls",
	})
}

func (v Violation) String() string {
	return word(v, []string{"none", "pipelining", "non_smtp", "bare_lf", "address_syntax", "bdat", "long_request", "pregreet"})
}

func (l Limit) String() string {
	return word(l, []string{
		"none", "connection_concurrency", "connection_rate", "message_rate", "recipient_rate", "new_tls_rate", "auth_rate", "other",
	})
}

func (r SASLReason) String() string {
	return word(r, []string{"none", "credentials", "backend", "mechanism", "aborted"})
}

func (s Status) String() string {
	return word(s, []string{
		"none", "sent", "deferred", "bounced", "expired", "deliverable", "undeliverable", "soft_bounce", "other",
	})
}

func (n Notification) String() string {
	return word(n, []string{"none", "non_delivery", "delay", "success", "postmaster", "postmaster_delay", "failed"})
}

func (e PostscreenEvent) String() string {
	return word(e, []string{
		"none", "connect", "pass_new", "pass_old", "allowlisted", "denylisted", "allowlist_veto", "pregreet", "dnsbl", "hangup",
		"command_pipelining", "command_time_limit", "command_count_limit", "command_length_limit", "non_smtp_command",
		"bare_newline", "data_without_rcpt", "disconnect", "reject", "busy", "stress", "relaxed",
	})
}

func (s AnvilStatistic) String() string {
	return word(s, []string{
		"none", "connection_rate", "connection_count", "message_rate", "recipient_rate", "new_tls_rate", "auth_rate",
		"tls_trace_rate", "cache_size",
	})
}

func (d TLSDirection) String() string { return word(d, []string{"none", "inbound", "outbound"}) }

func (t TLSTrust) String() string {
	return word(t, []string{"none", "anonymous", "untrusted", "trusted", "verified"})
}

func (p TLSProtocol) String() string {
	return word(p, []string{"other", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"})
}

func (l Loss) String() string {
	return word(l, []string{"none", "journald_rate_limit", "rsyslog_rate_limit", "journald_forward"})
}

func (p DovecotProtocol) String() string {
	return word(p, []string{"other", "imap", "pop3", "submission", "managesieve", "auth"})
}

func (r DovecotReason) String() string {
	return word(r, []string{
		"other", "auth_failed", "no_auth", "aborted", "tls", "password", "unknown_user", "disallowed", "backend", "timeout", "limit",
	})
}

// word is the one lookup behind every String method; a value outside its list
// is "invalid" and can only come from a programming error.
func word[E ~uint8](e E, words []string) string {
	if int(e) < len(words) {
		return words[e]
	}
	return "invalid"
}
