package parser

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends the event to dst as one JSON object without a line end:
// its outcome, and of the other fields those that are set. Bytes that are not
// UTF-8 become U+FFFD. It allocates only where dst must grow.
func AppendJSON(dst []byte, ev *Event) []byte {
	w := objectWriter{b: append(dst, '{')}
	w.word("outcome", ev.Outcome.String())
	if ev.Kind != KindNone {
		w.word("kind", ev.Kind.String())
	}
	if ev.Time != 0 {
		w.key("time")
		w.b = append(w.b, '"')
		w.b = time.Unix(0, ev.Time).UTC().AppendFormat(w.b, time.RFC3339Nano)
		w.b = append(w.b, '"')
	}
	w.text("host", ev.Bytes(ev.Host))
	if ev.Daemon != DaemonNone {
		w.word("daemon", ev.Daemon.String())
	}
	w.text("syslog_name", ev.Bytes(ev.SyslogName))
	w.text("program", ev.Bytes(ev.Program))
	if pid, _, ok := number(ev.Bytes(ev.PID)); ok {
		w.number("pid", pid)
	}
	if ev.Severity != SeverityInfo {
		w.word("severity", ev.Severity.String())
	}
	w.text("queue_id", ev.Bytes(ev.QueueID))
	w.flag("noqueue", ev.NoQueue)
	w.flag("cut", ev.Cut)
	w.closedLists(ev)
	w.peers(ev)
	w.message(ev)
	w.delivery(ev)
	w.text("reason", ev.Bytes(ev.Text))
	w.commands(ev)
	return append(w.b, '}')
}

type objectWriter struct{ b []byte }

func (w *objectWriter) closedLists(ev *Event) {
	w.listed("action", ev.Action != 0, ev.Action.String())
	w.listed("stage", ev.Stage != 0, ev.Stage.String())
	w.listed("lost", ev.Lost != 0, ev.Lost.String())
	if ev.Kind == KindReject || ev.Kind == KindMilter || ev.Kind == KindContent {
		w.word("reject_reason", ev.RejectReason.String())
	}
	w.listed("violation", ev.Violation != 0, ev.Violation.String())
	w.listed("limit", ev.Limit != 0, ev.Limit.String())
	w.listed("sasl_reason", ev.SASLReason != 0, ev.SASLReason.String())
	w.listed("notification", ev.Notification != 0, ev.Notification.String())
	w.listed("postscreen", ev.Postscreen != 0, ev.Postscreen.String())
	w.listed("anvil", ev.Anvil != 0, ev.Anvil.String())
	w.listed("tls_direction", ev.TLSDirection != 0, ev.TLSDirection.String())
	w.listed("tls_trust", ev.TLSTrust != 0, ev.TLSTrust.String())
	if ev.Kind == KindTLS {
		w.word("tls_protocol", ev.TLSProtocol.String())
	}
	w.listed("loss", ev.Loss != 0, ev.Loss.String())
	if ev.Daemon == Dovecot && ev.Kind != KindNone {
		w.word("dovecot_protocol", ev.DovecotProtocol.String())
		if ev.Kind != KindDovecotLogin {
			w.word("dovecot_reason", ev.DovecotReason.String())
		}
	}
}

func (w *objectWriter) peers(ev *Event) {
	w.text("client", ev.Bytes(ev.Client))
	w.text("client_address", ev.Bytes(ev.ClientAddress))
	w.text("client_port", ev.Bytes(ev.ClientPort))
	w.text("sasl_method", ev.Bytes(ev.SASLMethod))
	w.text("sasl_username", ev.Bytes(ev.SASLUsername))
	w.text("sasl_sender", ev.Bytes(ev.SASLSender))
	w.text("orig_queue_id", ev.Bytes(ev.OrigQueueID))
	w.text("orig_client", ev.Bytes(ev.OrigClient))
	w.text("child_queue_id", ev.Bytes(ev.ChildQueueID))
	if ev.Kind == KindPickup {
		w.key("uid")
		w.b = strconv.AppendUint(w.b, uint64(ev.UID), 10)
	}
}

func (w *objectWriter) message(ev *Event) {
	if ev.From.Present() {
		w.key("from") // empty for the null sender
		w.b = appendString(w.b, ev.Bytes(ev.From))
	}
	w.text("to", ev.Bytes(ev.To))
	w.text("orig_to", ev.Bytes(ev.OrigTo))
	w.text("proto", ev.Bytes(ev.Proto))
	w.text("helo", ev.Bytes(ev.Helo))
	w.text("message_id", ev.Bytes(ev.MessageID))
	w.number("size", ev.Size)
	if ev.Kind == KindQueueActive {
		w.key("nrcpt")
		w.b = strconv.AppendInt(w.b, ev.Recipients, 10)
	}
	w.number("value", ev.Value)
	w.text("service", ev.Bytes(ev.Service))
	w.text("cipher", ev.Bytes(ev.Cipher))
}

func (w *objectWriter) delivery(ev *Event) {
	w.text("relay", ev.Bytes(ev.Relay))
	w.text("relay_host", ev.Bytes(ev.RelayHost))
	w.text("relay_address", ev.Bytes(ev.RelayAddress))
	w.number("conn_use", int64(ev.ConnUse))
	if ev.Kind == KindDelivery {
		w.key("delay")
		w.b = appendSeconds(w.b, ev.Delay)
		w.key("delays")
		w.b = append(w.b, '[')
		for i, d := range ev.Delays {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.b = appendSeconds(w.b, d)
		}
		w.b = append(w.b, ']')
	} else if ev.Delay > 0 {
		w.key("delay")
		w.b = appendSeconds(w.b, ev.Delay)
	}
	w.text("tls_policy", ev.Bytes(ev.TLSPolicy))
	w.number("code", int64(ev.Code))
	if ev.DSN != (DSN{}) {
		w.key("dsn")
		w.b = append(ev.DSN.append(append(w.b, '"')), '"')
	}
	w.listed("status", ev.Status != 0, ev.Status.String())
}

func (w *objectWriter) commands(ev *Event) {
	if ev.Kind != KindDisconnect {
		return
	}
	w.key("commands")
	w.b = append(w.b, '{')
	first := true
	for v, c := range ev.Commands {
		if c.Total == 0 {
			continue
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = append(w.b, '"')
		w.b = append(w.b, Verb(v).String()...)
		w.b = append(w.b, `":[`...)
		w.b = strconv.AppendUint(w.b, uint64(c.Accepted), 10)
		w.b = append(w.b, ',')
		w.b = strconv.AppendUint(w.b, uint64(c.Total), 10)
		w.b = append(w.b, ']')
	}
	w.b = append(w.b, '}')
}

func (w *objectWriter) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// word writes one of our own words, which need no escape.
func (w *objectWriter) word(name, value string) {
	w.key(name)
	w.b = append(w.b, '"')
	w.b = append(w.b, value...)
	w.b = append(w.b, '"')
}

// listed writes a closed list's word, unless it is the list's None.
func (w *objectWriter) listed(name string, set bool, value string) {
	if set {
		w.word(name, value)
	}
}

func (w *objectWriter) text(name string, value []byte) {
	if len(value) > 0 {
		w.key(name)
		w.b = appendString(w.b, value)
	}
}

func (w *objectWriter) number(name string, n int64) {
	if n != 0 {
		w.key(name)
		w.b = strconv.AppendInt(w.b, n, 10)
	}
}

func (w *objectWriter) flag(name string, set bool) {
	if set {
		w.key(name)
		w.b = append(w.b, "true"...)
	}
}

func appendSeconds(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, d.Seconds(), 'f', -1, 64)
}

// appendString writes a JSON string (RFC 8259 section 7). Control bytes are
// escaped, DEL and the C1 controls too, so that no terminal takes them for its own.
func appendString(b, s []byte) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for len(s) > 0 {
		c := s[0]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c < ' ' || c == 0x7f:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			default:
				b = append(b, c)
			}
			s = s[1:]
			continue
		}
		r, n := utf8.DecodeRune(s)
		if 0x80 <= r && r < 0xa0 {
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		} else {
			b = utf8.AppendRune(b, r)
		}
		s = s[n:]
	}
	return append(b, '"')
}
