package parser

import "bytes"

// rejectReason tells the reason from Postfix's own words, which follow the
// offending "<address>: "; they are looked at up to a bound. Other words are a
// policy's: of an access table or a policy service.
func rejectReason(ev *Event) RejectReason {
	own := afterSubject(ev)
	own = own[:min(len(own), 256)]
	switch {
	case has(own, "Relay access denied"):
		return RejectRelayDenied
	case has(own, "Recipient address rejected: "):
		return recipientReason(own[len("Recipient address rejected: "):])
	case has(own, "Service unavailable; "):
		return RejectDNSBL // "… blocked using LIST"
	case has(own, "Helo command rejected: "):
		return RejectHelo
	case has(own, "Sender address rejected: "):
		return senderReason(own[len("Sender address rejected: "):])
	case has(own, "Client host rejected: "):
		return policyReason(own[len("Client host rejected: "):])
	case has(own, "Message size exceeds"), has(own, "Message too large"), has(own, "message too large"):
		return RejectSize
	case has(own, "Must issue a STARTTLS"), has(own, "Session encryption is required"), has(own, "TLS"):
		return RejectTLS
	case has(own, "Error: too m"), contains(own, " Error: too m"):
		return RejectRateLimit // "too many connections", "too much mail", "too many recipients", "too many new TLS sessions"
	case has(own, "User unknown"):
		return RejectUserUnknown
	case has(own, "message content rejected"), has(own, "Message content rejected"):
		return RejectContent
	}
	return policyReason(own)
}

func recipientReason(own []byte) RejectReason {
	switch {
	case has(own, "User unknown"), has(own, "undeliverable address"):
		return RejectUserUnknown
	case has(own, "Domain "), has(own, "Malformed DNS server reply"), has(own, "need fully-qualified address"):
		return RejectOther // what senderReason calls RejectSenderDomain
	}
	return policyReason(own)
}

func senderReason(own []byte) RejectReason {
	switch {
	case has(own, "Domain "), has(own, "Malformed DNS server reply"),
		has(own, "need fully-qualified address"), has(own, "undeliverable address"), has(own, "unverified address"):
		return RejectSenderDomain
	case has(own, "User unknown"):
		return RejectPolicy // our own domain, a user that we don't have
	}
	return policyReason(own)
}

// policyReason sorts the words of policy services and access tables, which the
// site chose, and first Postfix's own, behind which another host's may stand.
func policyReason(own []byte) RejectReason {
	switch {
	case len(own) == 0, has(own, "Server configuration"), has(own, "Insufficient system storage"), has(own, "Temporary lookup failure"),
		has(own, "unverified address"), has(own, "address verification problem"), has(own, "Unable to look up"), has(own, "Service currently unavailable"),
		has(own, "Protocol error"), bytes.HasSuffix(own, []byte(" Server local data error")):
		return RejectOther // Postfix's own trouble, or the other side's DNS
	case has(own, "Access denied"), has(own, "not owned by user"), has(own, "not logged in"), has(own, "Improper use of"),
		has(own, "cannot find your"), has(own, "Multi-recipient bounce"):
		return RejectPolicy
	case contains(own, "reylist"):
		return RejectGreylist
	case contains(own, "SPF"):
		return RejectSPF
	case contains(own, "ate limit"), contains(own, "uota exceeded"):
		return RejectRateLimit
	case contains(own, "blocked using "):
		return RejectDNSBL
	}
	return RejectPolicy
}

func contains(b []byte, s string) bool { return bytes.Contains(b, []byte(s)) }

// afterSubject returns what follows "<SUBJECT>: " at the head of a reply. The
// subject is the recipient or the sender of the envelope, without their quotes,
// and may hold anything, also that end; where it is a host's name or address, its
// first end is the end.
func afterSubject(ev *Event) []byte {
	whole := ev.Bytes(ev.Text)
	text, ok := after(whole, "<")
	if !ok {
		return whole
	}
	for _, address := range [...]Span{ev.To, ev.From} {
		if rest, ok := afterUnquoted(text, ev.Bytes(address)); ok {
			if rest, ok = after(rest, ">: "); ok {
				return rest
			}
		}
	}
	if i := bytes.Index(text, []byte(">: ")); i >= 0 {
		return text[i+len(">: "):]
	}
	return whole
}

// afterUnquoted returns what follows an address at the head of b, which holds it
// without the quotes of RFC 5321.
func afterUnquoted(b, address []byte) (rest []byte, ok bool) {
	if len(address) == 0 {
		return b, false
	}
	n, quoted := 0, false
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case c == '"':
			quoted = !quoted
			continue
		case c == '\\' && quoted && i+1 < len(address):
			i++
			c = address[i]
		}
		if n == len(b) || b[n] != c {
			return b, false
		}
		n++
	}
	return b[n:], true
}
