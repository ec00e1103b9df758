package parser

import "bytes"

// content reads what cleanup(8) found in a message, by header_checks(5) and
// body_checks(5), or by MIME's own grammar:
//
//	ACTION: header|body|content TEXT from ORIGIN; from=<F> to=<T> proto=P helo=<H>[: REPLY]
//	reject: mime-error DETAIL: TEXT from ORIGIN; from=<F> to=<T>
//
// TEXT is part of the message; ORIGIN is name[address] or "local".
func content(b []byte, ev *Event) Outcome {
	word, rest, ok := until(b, ':')
	if !ok || len(word) > len("reject_warning") {
		return Unknown
	}
	action := actionOf(word)
	if action == ActionNone {
		return Unknown
	}
	if !has(rest, " header ") && !has(rest, " body ") && !has(rest, " content ") && !has(rest, " mime-error ") {
		return Unknown
	}
	ev.Kind, ev.Action = KindContent, action
	text, sure := contentTail(rest[1:], ev)
	_, text = word1(text)
	ev.Text = ev.span(text)
	if i := bytes.LastIndex(text, []byte(" from ")); i >= 0 && sure {
		ev.Text = ev.span(text[:i])
		if _, ok := client(text[i+len(" from "):], ev); !ok {
			ev.Client = ev.span(text[i+len(" from "):])
		}
	}
	if action == ActionReject {
		ev.RejectReason = RejectContent
	}
	return Parsed
}
