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
	case ev.Action != ActionReject && ev.Action != ActionRejectWarning: // nothing was refused
	case ev.Kind == KindMilter:
		ev.RejectReason = RejectMilter
	case has(ev.Bytes(ev.Text), "bare <LF> received"):
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
	ev.ChildQueueID = ev.span(queuedAs(ev.Bytes(ev.Text)))
	return Parsed
}

// refusedETRN reads "DOMAIN... from CLIENT" after "reject: ETRN ": a domain that
// fast_flush_domains does not list. The domain is the client's word.
func refusedETRN(b []byte, ev *Event) Outcome {
	i := bytes.LastIndex(b, []byte("... from "))
	if i < 0 {
		return Malformed
	}
	ev.Action, ev.Stage, ev.RejectReason = ActionReject, StageEtrn, RejectPolicy
	return onlyClient(b[i+len("... from "):], ev, KindReject)
}

// queuedAs reads "… queued as QUEUEID" at the end of an MTA's reply.
func queuedAs(text []byte) []byte {
	from := max(0, len(text)-MaxQueueID-1)
	i := bytes.LastIndexByte(text[from:], ' ') + from
	if i < from || i < len("queued as") || string(text[i-len("queued as"):i]) != "queued as" || !IsQueueID(text[i+1:]) {
		return nil
	}
	return text[i+1:]
}
