package parser

import "bytes"

// Lines by which the log's own transport says that others are missing.

// repeated reads old sysklogd's "last message repeated N times", which has no
// tag, so that nobody can say whose message it was.
func repeated(b []byte, ev *Event) ([]byte, bool) {
	if b, ok := after(b, "last message repeated "); ok {
		if n, rest, ok := number(b); ok && string(rest) == " times" {
			ev.Kind, ev.Value = KindLogRepeat, n
			return fail(ev, Parsed)
		}
	}
	return fail(ev, Foreign)
}

// repeatedMessage reads rsyslog's "message repeated N times: [ <message>]",
// which stands behind the tag of the message it repeats.
func repeatedMessage(b []byte, ev *Event) ([]byte, bool) {
	n, b, ok := number(b)
	if b, ok = chain(b, ok, " times: ["); !ok {
		return fail(ev, Malformed)
	}
	b, _ = after(b, " ")
	if m := len(b); m > 0 && b[m-1] == ']' {
		b = b[:m-1]
	} else {
		ev.Cut = true
	}
	ev.Kind, ev.Value, ev.Text = KindLogRepeat, n, ev.span(b)
	return fail(ev, Parsed)
}

// chain goes on with a prefix where the step before succeeded.
func chain(b []byte, ok bool, prefix string) ([]byte, bool) {
	if !ok {
		return b, false
	}
	return after(b, prefix)
}

// foreign looks into another program's line for word of lost lines, as only
// journald and rsyslogd write it.
func foreign(tag, b []byte, ev *Event) ([]byte, bool) {
	switch {
	case string(tag) == "systemd-journald" || string(tag) == "journal":
		if n, ok := journaldNotice(b, "Suppressed ", " messages from "); ok {
			return lost(ev, LossJournaldRateLimit, n)
		}
		if n, ok := journaldNotice(b, "Forwarding to syslog missed ", " messages"); ok {
			return lost(ev, LossJournaldForward, n)
		}
	case has(tag, "rsyslogd"):
		if n, ok := rsyslogNotice(b); ok {
			return lost(ev, LossRsyslogRateLimit, n)
		}
	}
	return fail(ev, Foreign)
}

// journaldNotice reads "Suppressed N messages from UNIT" and its like.
func journaldNotice(b []byte, before, behind string) (n int64, ok bool) {
	if b, ok = after(b, before); !ok {
		return 0, false
	}
	n, b, ok = number(b)
	return n, ok && has(b, behind)
}

// rsyslogNotice reads "imjournal: N messages lost due to rate-limiting (…)",
// "imuxsock[pid: P, name: NAME]: N messages lost due to rate-limiting (…)", or the
// older "imuxsock lost N messages from pid P due to rate-limiting".
func rsyslogNotice(b []byte) (n int64, ok bool) {
	if rest, named := after(b, "imuxsock[pid: "); named {
		if _, rest, ok = number(rest); !ok {
			return 0, false
		}
		i := bytes.Index(rest, []byte("]: ")) // the first: NAME is a program's
		if i < 0 || !has(rest, ", name: ") {
			return 0, false
		}
		n, rest, ok = number(rest[i+len("]: "):])
		return n, ok && has(rest, " messages lost due to rate-limiting")
	}
	input, b := word1(b)
	if rest, older := after(b, "lost "); older {
		n, rest, ok = number(rest)
		return n, ok && has(rest, " messages from pid ")
	}
	if len(input) == 0 || input[len(input)-1] != ':' {
		return 0, false
	}
	n, b, ok = number(b)
	return n, ok && has(b, " messages lost due to rate-limiting")
}

func lost(ev *Event, cause Loss, n int64) ([]byte, bool) {
	ev.Kind, ev.Loss, ev.Value = KindLogLoss, cause, n
	return fail(ev, Parsed)
}
