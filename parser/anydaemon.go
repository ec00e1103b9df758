package parser

import "bytes"

// parseQuiet reads the lines of programs that say nothing we count: the queue's
// helpers, and the commands that an administrator runs.
func parseQuiet(b []byte, ev *Event) Outcome {
	switch ev.Daemon {
	case Postdrop, Sendmail:
		if ev.Severity != SeverityInfo && (has(b, "mail_queue_enter: ") || has(b, "queue file write error") ||
			bytes.Contains(b[:min(len(b), 256)], []byte("message file too big"))) {
			ev.Kind, ev.Text = KindResource, ev.span(b)
			return Parsed
		}
	}
	return Ignored
}

// anyDaemon reads what every program of Postfix may say: the words of its
// libraries about tables, services and set-up. None of it is counted apart; a
// resource that runs out is.
func anyDaemon(b []byte, ev *Event) Outcome {
	if ev.Severity >= SeverityWarning {
		switch {
		case has(b, "mail_queue_enter: "), has(b, "queue file write error"), contains(b[:min(len(b), 512)], "No space left on device"),
			contains(b[:min(len(b), 512)], "Disk quota exceeded"):
			ev.Kind, ev.Text = KindResource, ev.span(b)
			return Parsed
		}
	}
	if ev.Severity >= SeverityError {
		// The program ends; master(8) counts it. The words are free text.
		return Ignored
	}
	for _, prefix := range [...]string{
		"using backwards-compatible default setting", "Postfix is running with backwards-compatible", "See http", "see http", "To disable backwards",
		"to disable backwards", "table ", "database ", "dict_", "open database ", "hash:", "regexp ", "pcre ", "cidr ", "texthash:", "lmdb:",
		"private/", "public/", "connect to private/", "connect to subsystem ", "connect to mysql", "connect to pgsql", "connect to ",
		"premature end-of-input", "problem talking to s", "timeout on ", "unexpected ", "read timeout", "write timeout",
		"malformed ", "unable to ", "non-null host address bits", "do not list ", "undefined parameter", "unused parameter", "group or other writable",
		"not owned by ", "symlink leaves directory", "mail system ", "inet_addr_", "inet_protocols", "smtputf8", "process id ", "watchdog",
		"refreshing the Postfix mail system", "starting the Postfix mail system", "stopping the Postfix mail system", "bogus ", "duplicate ",
		"disable ", "disabling ", "enabling ", "lookup table ", "restriction ", "support for ", "parameter ", "the Postfix ",
		"psc_", "tls_", "TLS ", "cannot load ", "No server certs available", "ignoring ", "skipping ", "proxy:", "mysql:",
		"pgsql:", "ldap:", "ldap_", "mysql_", "pgsql_", "sqlite:", "socketmap:", "memcache:", "tcp:", "inline:", "static:", "btree:", "dns_",
		"psl_", "Recursive DNS", "DNSSEC ", "idna", "chroot", "fallback", "negative ", "non-recipient", "file ", "/", "cannot get ", "cache ",
		"close database", "event_", "safe_open", "set_eugid", "setuid", "lock ", "file system clock",
		"nested ", "junk ", "found ", "mail_", "Attr", "attr_", "Host offered STARTTLS: [", "Ignoring ",
	} {
		if has(b, prefix) {
			return Ignored
		}
	}
	return Unknown
}
