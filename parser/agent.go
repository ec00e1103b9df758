package parser

import (
	"bytes"
	"math"
)

// parseAgent reads the lines of the delivery agents: smtp(8), lmtp(8),
// local(8), virtual(8), pipe(8), error(8) and discard(8).
func parseAgent(b []byte, i int, ev *Event) Outcome {
	if ev.QueueID.Len() == 0 {
		return agentTrouble(b[i:], ev)
	}
	if to := past(b, i, "to=<"); to > 0 {
		return delivery(b, to, ev)
	}
	return attempt(b[i:], ev)
}

// agentTrouble reads what the agents say of no message.
func agentTrouble(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "connect to "); ok {
		return remoteTrouble(rest, ev)
	}
	if rest, ok := after(b, "SSL_connect error to "); ok {
		return outboundTLSError(rest, ev)
	}
	if ev.Severity != SeverityInfo {
		return agentWarning(b, ev)
	}
	switch {
	case has(b, "discarding EHLO keywords: "), has(b, "certificate verification failed for "),
		has(b, "server certificate verification failed for "), has(b, "host "), has(b, "enabling PIX"), has(b, "unexpected "):
		return Ignored
	}
	return parseTLS(b, ev)
}

// delivery reads one delivery attempt for one recipient (global/log_adhoc.c),
// the fields always in this order:
//
//	to=<R>[, orig_to=<O>], relay=RELAY[, conn_use=N], delay=D, delays=a/b/c/d[, tls=POLICY], dsn=x.y.z, status=STATUS (REASON)
//
// R and O may hold anything within quotes, REASON anything at all.
func delivery(b []byte, i int, ev *Event) Outcome {
	ev.Kind = KindDelivery
	var end int
	ev.To, end = addressAt(b, i)
	if i = past(b, end, ", relay="); i < 0 {
		ev.OrigTo, end = addressAt(b, past(b, end, ", orig_to=<"))
		i = past(b, end, ", relay=")
	}
	ev.Delay, i = decimalAt(b, relay(b, i, ev))
	i = past(b, i, ", delays")
	ev.Delays[0], i = decimalAt(b, past(b, i, "="))
	ev.Delays[1], i = decimalAt(b, past(b, i, "/"))
	ev.Delays[2], i = decimalAt(b, past(b, i, "/"))
	ev.Delays[3], end = decimalAt(b, past(b, i, "/"))
	if i = past(b, end, ", dsn="); i < 0 {
		i = past(b, end, ", tls=")
		end = index(b, i, ',')
		ev.TLSPolicy = spanOf(i, end)
		i = past(b, end, ", dsn=")
	}
	ev.DSN, i = dsnAt(b, i)
	i = past(b, i, ", status")
	if i = past(b, i, "="); i < 0 {
		return Malformed
	}
	ev.Status, i = statusAt(b, i)
	return deliveryReason(b, i, ev)
}

// relay reads "RELAY[, conn_use=N], delay=" at offset begin and returns the offset
// behind it, or -1. RELAY is "none", a transport's name, "host[address]:port" or
// "host[/path]"; its parts are the host or name and the address or path.
func relay(b []byte, begin int, ev *Event) (delay int) {
	host := indexOf(b, begin, ',', '[')
	end := index(b, host, ',')
	for ; end >= 0; end = index(b, end+1, ',') { // a path may hold a comma
		if delay = past(b, end, ", delay="); delay > 0 {
			break
		}
		if n := past(b, past(b, end, ", conn_"), "use="); n > 0 {
			uses, behind := integerAt(b, n)
			ev.ConnUse = uint32(min(uses, math.MaxUint32))
			delay = past(b, behind, ", delay=")
			break
		}
	}
	if end < 0 {
		return -1
	}
	if b[host] == ',' && host < end { // the name holds a comma
		if host = index(b[:end], host, '['); host < 0 {
			host = end
		}
	}
	if b[host] == '[' {
		if shut := index(b, host, ']'); 0 < shut && shut < end {
			ev.RelayAddress = spanOf(host+1, shut)
		}
	}
	ev.Relay, ev.RelayHost = spanOf(begin, end), spanOf(begin, host)
	return delay
}

// statusAt reads "STATUS " at offset i and returns the offset behind it, or the
// line's end.
func statusAt(b []byte, i int) (s Status, end int) {
	if end = past(b, i, "sent "); end > 0 {
		return StatusSent, end
	}
	if end = past(b, past(b, i, "deferred"), " "); end > 0 {
		return StatusDeferred, end
	}
	if end = past(b, i, "bounced "); end > 0 {
		return StatusBounced, end
	}
	word, rest := word1(b[i:])
	return statusOf(word), len(b) - len(rest)
}

func statusOf(b []byte) Status {
	switch string(b) {
	case "sent":
		return StatusSent
	case "deferred":
		return StatusDeferred
	case "bounced":
		return StatusBounced
	case "deliverable":
		return StatusDeliverable
	case "undeliverable":
		return StatusUndeliverable
	case "SOFTBOUNCE":
		return StatusSoftBounce
	case "expired":
		return StatusExpired
	}
	return StatusOther
}

// deliveryReason reads "(REASON)", which is the line's end.
func deliveryReason(b []byte, i int, ev *Event) Outcome {
	if i >= len(b) || b[i] != '(' {
		ev.Cut = true
		return Parsed
	}
	if b[len(b)-1] == ')' && i+1 < len(b) {
		b = b[:len(b)-1]
	} else {
		ev.Cut = true
	}
	ev.Text = spanOf(i+1, len(b))
	reason := b[i+1:]
	if id, ok := after(reason, "forwarded as "); ok {
		if IsQueueID(id) {
			ev.ChildQueueID = ev.span(id)
		}
		return Parsed
	}
	if ev.Status == StatusSent {
		ev.Code, _, _ = replyCode(reason)
		ev.ChildQueueID = ev.span(queuedAs(reason))
		return Parsed
	}
	ev.Code = saidCode(reason)
	return Parsed
}

// saidCode reads the reply code out of "host H[IP] said: DDD …" and "host H[IP]
// refused to talk to me: DDD …".
func saidCode(b []byte) uint16 {
	b, ok := after(b, "host ")
	if !ok {
		return 0
	}
	if _, b, ok = until(b, ']'); !ok {
		return 0
	}
	if b, ok = said(b); !ok {
		return 0
	}
	code, _, _ := replyCode(b)
	return code
}

func said(b []byte) (rest []byte, ok bool) {
	if rest, ok = after(b, " said: "); ok {
		return rest, true
	}
	if rest, ok = after(b, " refused to talk to me: "); ok {
		return rest, true
	}
	return b, false
}

// attempt reads what smtp(8) says of a queue id before the last word: a host
// that refused (the next one follows), a connection that broke.
func attempt(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, "host "); ok {
		if rest, ok = relayPeer(rest, ev); !ok {
			return Malformed
		}
		if rest, ok = said(rest); !ok {
			return Malformed
		}
		reply(rest, ev)
		ev.Kind = KindRemote
		return Parsed
	}
	for _, prefix := range [...]string{"lost connection with ", "conversation with "} {
		if rest, ok := after(b, prefix); ok {
			if _, ok = relayPeer(rest, ev); !ok {
				return Malformed
			}
			ev.Kind, ev.Text = KindRemote, ev.span(b)
			return Parsed
		}
	}
	switch {
	case has(b, "passing <"), has(b, "enabling PIX"), has(b, "Cannot start TLS: "), has(b, "breaking line"), has(b, "server no longer supports"),
		has(b, "TLS is required"), has(b, "server dropped connection"), has(b, "SASL"), oddReply(b):
		return Ignored
	case has(b, "mail forwarding loop"), has(b, "alias database loop"):
		ev.Kind, ev.Text = KindLoop, ev.span(b)
		return Parsed
	}
	return Unknown
}

// remoteTrouble reads "HOST[ADDRESS]:PORT: TEXT" after "connect to "; a
// transport's socket stands there too, and a service of our own.
func remoteTrouble(b []byte, ev *Event) Outcome {
	rest, ok := relayPeer(b, ev)
	if !ok {
		return Ignored // "connect to private/SERVICE: …", one of our own daemons
	}
	if rest, ok = after(rest, ": "); !ok {
		return Malformed
	}
	ev.Text = ev.span(rest)
	ev.Kind = KindRemote
	return Parsed
}

func outboundTLSError(b []byte, ev *Event) Outcome {
	rest, ok := relayPeer(b, ev)
	if !ok {
		return Malformed
	}
	rest, _ = after(rest, ": ")
	ev.Text = ev.span(rest)
	ev.Kind, ev.TLSDirection = KindTLSError, TLSOutbound
	return Parsed
}

// oddReply says whether a warning is about the words of a remote host, which the
// delivery's own line judges: "[HOST[ADDRESS]:PORT: ]TEXT".
func oddReply(b []byte) bool {
	if peer, rest := word1(b); bytes.IndexByte(peer, '[') >= 0 {
		b = rest
	}
	return has(b, "response longer than ") || has(b, "multi-line response longer than ") || has(b, "non-SMTP response from ") ||
		has(b, "non-LMTP response from ") || has(b, "offered no supported AUTH mechanisms") || has(b, "offered null AUTH mechanism list")
}

func agentWarning(b []byte, ev *Event) Outcome {
	switch {
	case oddReply(b):
		return Ignored
	case has(b, "mail forwarding loop"), has(b, "alias database loop"):
		ev.Kind, ev.Text = KindLoop, ev.span(b)
		return Parsed
	case has(b, "TLS library problem"):
		ev.Kind, ev.TLSDirection, ev.Text = KindTLSError, TLSOutbound, ev.span(b)
		return Parsed
	case has(b, "host "), has(b, "SASL authentication "), has(b, "no MX host for "), has(b, "numeric domain name"),
		has(b, "valid_hostname: "), has(b, "valid_ipv4_hostaddr: "), has(b, "malformed domain name"), has(b, "relayhost configuration problem"),
		has(b, "mailer loop"), has(b, "no DANE"), has(b, "DANE"), has(b, "TLS policy lookup"), has(b, "smtp_connect_wrapper"),
		has(b, "maildir access problem"), has(b, "perhaps you need to create"), has(b, "file system clock"),
		has(b, "to prevent loss of mail, "), has(b, "bad EHLO SIZE limit "), has(b, "no @ in recipient address: "), has(b, "error looking up passwd info "),
		has(b, "destination "), has(b, "specify "), has(b, "cannot find "), has(b, ":include:"):
		return Ignored
	}
	return Unknown
}
