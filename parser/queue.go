package parser

import "bytes"

// parseQmgr reads the lines of qmgr(8) (global/opened.c, qmgr/*.c).
func parseQmgr(b []byte, i int, ev *Event) Outcome {
	if ev.QueueID.Len() == 0 {
		return qmgrWarning(b[i:], ev)
	}
	if from := past(b, i, "from=<"); from > 0 {
		return queueActive(b, from, ev)
	}
	if past(b, i, "removed") == len(b) {
		ev.Kind = KindRemoved
		return Parsed
	}
	b = b[i:]
	if has(b, "status=deferred (bounce failed)") || // its notification was not made; the attempts have lines of their own
		has(b, "skipped, still being delivered") || has(b, "message rejected: ") || has(b, "timeout receiving delivery status ") {
		return Ignored
	}
	return Unknown
}

// queueActive reads "F>, size=N, nrcpt=N (queue active)" or "F>, status=expired, …".
func queueActive(b []byte, i int, ev *Event) Outcome {
	var end int
	ev.From, end = addressAt(b, i)
	ev.Size, i = integerAt(b, past(b, end, ", size="))
	ev.Recipients, i = integerAt(b, past(b, i, ", nrcpt="))
	if i < 0 {
		return expired(b, end, ev)
	}
	ev.Kind = KindQueueActive
	ev.Cut = past(b, past(b, i, " (queue "), "active)") != len(b)
	return Parsed
}

func expired(b []byte, i int, ev *Event) Outcome {
	if past(b, i, ", status=expired") < 0 && past(b, i, ", status=force-expired") < 0 {
		return Malformed
	}
	ev.Kind, ev.Status = KindExpired, StatusExpired
	return Parsed
}

func qmgrWarning(b []byte, ev *Event) Outcome {
	switch {
	case has(b, "saving corrupt file "):
		ev.Kind, ev.Value, ev.Text = KindCorrupt, 1, ev.span(b)
		return Parsed
	case has(b, "mail for "), has(b, "you may need "), has(b, "please avoid "), has(b, "you can "), has(b, "this may "),
		has(b, "so that Postfix "), has(b, "lots of deferred mail"), has(b, "to turn off these "), has(b, "timeout connecting to transport: "),
		has(b, "connect to transport "), has(b, "transport "), has(b, "qmgr_"), has(b, "unable to look up"), has(b, "problem talking to service "),
		has(b, "private/"), has(b, "active/"), has(b, "deferred/"), has(b, "incoming/"), has(b, "fixing "), has(b, "resetting "):
		return Ignored
	}
	return Unknown
}

// parseCleanup reads the lines of cleanup(8).
func parseCleanup(b []byte, i int, ev *Event) Outcome {
	if ev.QueueID.Len() == 0 && !ev.NoQueue {
		return cleanupTrouble(b[i:], ev)
	}
	if id := past(b, past(b, i, "message-"), "id="); id > 0 {
		ev.Kind = KindMessageID
		ev.MessageID = unbracketed(b, id)
		return Parsed
	}
	return cleanupRare(b[i:], ev)
}

// unbracketed is what runs from offset i to the line's end without "<>", which a
// message id may lack.
func unbracketed(b []byte, i int) Span {
	end := len(b)
	if end-i > 1 && b[i] == '<' && b[end-1] == '>' {
		i, end = i+1, end-1
	}
	return spanOf(i, end)
}

// cleanupRare reads the rarer lines of cleanup(8) that name a message.
func cleanupRare(b []byte, ev *Event) Outcome {
	switch {
	case has(b, "resent-message-id="):
		return Ignored
	case has(b, "removed ("):
		ev.Kind = KindCanceled
		return Parsed
	case has(b, "milter-header-"): // milter_header_checks: the site's table, on what a Milter wrote
		return content(b[len("milter-header-"):], ev)
	case has(b, "milter-"):
		return reject(b, ev)
	}
	if ev.Severity != SeverityInfo {
		return cleanupWarning(b, ev)
	}
	return content(b, ev)
}

func cleanupWarning(b []byte, ev *Event) Outcome {
	switch {
	case has(b, "message rejected: hopcount exceeded"), has(b, "unreasonable "):
		ev.Kind, ev.Text = KindLoop, ev.span(b)
		return Parsed
	case has(b, "milter "):
		ev.Kind, ev.Text = KindMilterError, ev.span(b)
		return Parsed
	case has(b, "write queue file: "), has(b, "queue file size limit exceeded"), has(b, "queue file write error"), has(b, "write error "),
		has(b, "mail_queue_enter: "):
		ev.Kind, ev.Text = KindResource, ev.span(b)
		return Parsed
	case bytes.Contains(b[:min(len(b), 256)], []byte(" map lookup problem")), has(b, "read "), has(b, "unexpected "), has(b, "canonical"),
		has(b, "message rejected: "), has(b, "message not accepted"), has(b, "Milter "):
		return Ignored
	}
	return Unknown
}

// cleanupTrouble reads warnings of cleanup(8) that name no message: about what it
// leans on, and the faults of a header_checks(5) table.
func cleanupTrouble(b []byte, ev *Event) Outcome {
	if ev.Severity == SeverityInfo {
		return Unknown
	}
	switch {
	case has(b, "resetting file time stamps"), has(b, "unknown command in "), has(b, "missing FILTER command"), has(b, "PREPEND "), has(b, "REPLACE "),
		has(b, "bad ") && contains(b[:min(len(b), 512)], " -- need "):
		return Ignored
	}
	return serviceTrouble(b, ev)
}

// parsePickup reads "uid=N from=<F>[ orig_id=Q]": mail from sendmail(1).
func parsePickup(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "uid="); ok && ev.QueueID.Len() > 0 && ev.Severity == SeverityInfo {
		uid, rest, ok := number(rest)
		if rest, ok = chain(rest, ok, " from=<"); !ok || uid > 1<<32-1 {
			return Malformed
		}
		from, rest, ok := address(rest)
		if !ok {
			return Malformed
		}
		ev.From = ev.span(from)
		if id, ok := after(rest, " orig_id="); ok && IsQueueID(id) {
			ev.OrigQueueID = ev.span(id)
		}
		ev.Kind, ev.UID = KindPickup, uint32(uid)
		return Parsed
	}
	if ev.Severity != SeverityInfo {
		return pickupWarning(b, ev)
	}
	return Unknown
}

// pickupWarning reads "[FILE: ][uid=N: ]TEXT": sendmail(1)'s mail that pickup(8)
// finds odd, or that cleanup(8) refuses.
func pickupWarning(b []byte, ev *Event) Outcome {
	rest := b
	if word, tail := word1(b); len(word) > 1 && word[len(word)-1] == ':' {
		rest = tail
	}
	switch {
	case has(rest, "error writing ") && (bytes.HasSuffix(rest, []byte("queue file write error")) || bytes.HasSuffix(rest, []byte("message size exceeds limit"))):
		ev.Kind, ev.Text = KindResource, ev.span(b)
		return Parsed
	case has(rest, "error writing "), has(rest, "message dated "), has(rest, "message has been queued for "), has(rest, "no envelope sender"),
		has(rest, "uid="), has(rest, "unexpected or malformed record type "), has(b, "if this file was created by "), has(b, "open input file "):
		return Ignored
	}
	return serviceTrouble(b, ev)
}

// parseBounce reads the lines of bounce(8) and its kin defer and trace.
func parseBounce(b []byte, ev *Event) Outcome {
	if ev.QueueID.Len() == 0 {
		return bounceWarning(b, ev)
	}
	for _, form := range [...]struct {
		text string
		kind Notification
	}{
		{"sender non-delivery notification: ", NotificationNonDelivery},
		{"sender delay notification: ", NotificationDelay},
		{"sender delivery status notification: ", NotificationSuccess},
		{"postmaster non-delivery notification: ", NotificationPostmaster},
		{"postmaster delay notification: ", NotificationPostmasterDelay},
	} {
		if id, ok := after(b, form.text); ok {
			if !IsQueueID(id) {
				return Malformed
			}
			ev.Kind, ev.Notification, ev.ChildQueueID = KindBounce, form.kind, ev.span(id)
			return Parsed
		}
	}
	switch {
	case has(b, "sender notification failed"), has(b, "postmaster notification failed"), has(b, "postmaster notice failed"):
		ev.Kind, ev.Notification, ev.Text = KindBounce, NotificationFailed, ev.span(b)
		return Parsed
	case has(b, "undeliverable postmaster notification discarded"), has(b, "not sending trace/success notification"), has(b, "no trace file"):
		return Ignored // no notification was asked for, or this was one already
	}
	return Unknown
}

// bounceWarning reads what bounce(8) says of the site's own templates (bounce(5)).
func bounceWarning(b []byte, ev *Event) Outcome {
	if ev.Severity != SeverityInfo && (contains(b[:min(len(b), 256)], " template") || has(b, "for instructions see the bounce(5) manual")) {
		return Ignored
	}
	return Unknown
}

// parsePostsuper reads the lines of postsuper(1).
func parsePostsuper(b []byte, ev *Event) Outcome {
	if ev.QueueID.Len() == 0 {
		for _, sum := range [...]string{"Deleted: ", "Requeued: ", "Placed on hold: ", "Released from hold: ", "Expired: ", "Force-expired: ", "Renamed to match inode number: "} {
			if has(b, sum) {
				return Ignored
			}
		}
		return Unknown
	}
	switch string(b) {
	case "removed":
		ev.Kind = KindRemoved
	case "requeued":
		ev.Kind = KindRequeued
	case "placed on hold":
		ev.Kind = KindHeld
	case "released from hold":
		ev.Kind = KindReleased
	default:
		if !has(b, "expired") {
			return Unknown
		}
		ev.Kind = KindExpired
	}
	return Parsed
}
