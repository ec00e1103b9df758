package parser

import "bytes"

// parseTLS reads what the TLS library of Postfix logs at the default level:
//
//	TRUST TLS connection established|reused from CLIENT[ to SNI]: PROTOCOL with cipher C (…)
//	TRUST TLS connection established|reused to HOST[ADDRESS]:PORT: PROTOCOL with cipher C (…)
func parseTLS(b []byte, ev *Event) Outcome {
	trust, rest := word1(b)
	switch string(trust) {
	case "Anonymous":
		ev.TLSTrust = TrustAnonymous
	case "Untrusted":
		ev.TLSTrust = TrustUntrusted
	case "Trusted":
		ev.TLSTrust = TrustTrusted
	case "Verified":
		ev.TLSTrust = TrustVerified
	default:
		return Unknown
	}
	rest, ok := after(rest, "TLS connection ")
	if !ok {
		return Unknown
	}
	if _, rest = word1(rest); len(rest) == 0 {
		return Malformed
	}
	if r, ok := after(rest, "from "); ok {
		ev.TLSDirection, rest = TLSInbound, r
		if rest, ok = client(rest, ev); !ok {
			return Malformed
		}
	} else if r, ok := after(rest, "to "); ok {
		ev.TLSDirection = TLSOutbound
		if rest, ok = relayPeer(r, ev); !ok {
			return Malformed
		}
	} else {
		return Malformed
	}
	// The name that the client asked for stands here as " to NAME".
	i := bytes.Index(rest, []byte(": "))
	if i < 0 {
		return Malformed
	}
	server, _ := after(rest[:i], " to ")
	ev.Service = ev.span(server)
	protocol, rest := word1(rest[i+2:])
	ev.TLSProtocol = tlsProtocol(protocol)
	if rest, ok := after(rest, "with cipher "); ok {
		cipher, _ := word1(rest)
		ev.Cipher = ev.span(cipher)
	}
	ev.Kind = KindTLS
	return Parsed
}

func tlsProtocol(b []byte) TLSProtocol {
	switch string(b) {
	case "TLSv1.3":
		return TLSv13
	case "TLSv1.2":
		return TLSv12
	case "TLSv1.1":
		return TLSv11
	case "TLSv1":
		return TLSv1
	case "SSLv3":
		return SSLv3
	}
	return TLSOther
}

// tlsError reads "CLIENT: TEXT" after an error's fixed words.
func tlsError(b []byte, ev *Event, d TLSDirection) Outcome {
	if !clientText(b, ev) {
		return Malformed
	}
	ev.Kind, ev.TLSDirection = KindTLSError, d
	return Parsed
}

// relayPeer reads "HOST[ADDRESS]" or "HOST[ADDRESS]:PORT" of a host that we
// deliver to, or "HOST[/path]" of a socket.
func relayPeer(b []byte, ev *Event) (rest []byte, ok bool) {
	name, rest, ok := until(b, '[')
	if !ok || bytes.IndexByte(name, ' ') >= 0 {
		return b, false
	}
	addr, rest, ok := until(rest, ']')
	if !ok {
		return b, false
	}
	ev.RelayHost, ev.RelayAddress = ev.span(name), ev.span(addr)
	if len(rest) > 1 && rest[0] == ':' && rest[1]-'0' <= 9 {
		n := 1
		for n < len(rest) && rest[n]-'0' <= 9 {
			n++
		}
		rest = rest[n:]
	}
	ev.Relay = ev.span(b[:len(b)-len(rest)])
	return rest, true
}

// parseTlsproxy reads the lines of tlsproxy(8).
func parseTlsproxy(b []byte, ev *Event) Outcome {
	switch {
	case has(b, "CONNECT "), has(b, "DISCONNECT "):
		return Ignored // postscreen(8) and smtp(8) say it too
	}
	if rest, ok := after(b, "TLS handshake failed for service="); ok {
		ev.TLSDirection = TLSOutbound
		if has(rest, "smtpd") {
			ev.TLSDirection = TLSInbound
		}
		ev.Kind = KindTLSError
		service, rest := word1(rest)
		ev.Service = ev.span(service)
		if rest, ok = after(rest, "peer="); ok {
			if _, ok = endpoint(rest, ev); !ok {
				return Malformed
			}
		}
		return Parsed
	}
	if rest, ok := after(b, "SSL_accept error from "); ok {
		return tlsError(rest, ev, TLSInbound)
	}
	if ev.Severity != SeverityInfo && has(b, "TLS library problem") {
		ev.Kind, ev.TLSDirection, ev.Text = KindTLSError, TLSInbound, ev.span(b)
		return Parsed
	}
	return parseTLS(b, ev)
}
