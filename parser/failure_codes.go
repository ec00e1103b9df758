package parser

// certainReason gives the reason for those enhanced status codes (RFC 3463, its
// registry, and Microsoft's own in 5.7.5xx to 5.7.7xx) that mean one thing
// whatever the text says.
func certainReason(d DSN) (FailureReason, bool) {
	switch d.Subject {
	case 1:
		switch d.Detail {
		case 1, 6:
			return FailureUserUnknown, d.Class == 5
		case 2, 10:
			return FailureDNS, true
		}
	case 2:
		return FailureMailboxFull, d.Detail == 2
	case 4:
		switch d.Detail {
		case 3, 4:
			return FailureDNS, true
		case 6, 14:
			return FailureLoop, true
		}
	case 5:
		return FailureRateLimit, d.Detail == 3 // too many recipients
	case 7:
		switch n := d.Detail; {
		case n == 4, n == 5, n == 10:
			return FailureTLS, true
		case 20 <= n && n <= 27, n == 29: // SPF, DKIM, reverse DNS, ARC
			return FailurePolicy, true
		case 501 <= n && n <= 503, 606 <= n && n <= 649, n == 511, n == 708: // banned sender or address
			return FailureReputation, d.Class == 5
		}
	}
	return FailureOther, false
}

// likelyReason gives the reason where the text said nothing.
func likelyReason(code uint16, d DSN) FailureReason {
	switch d.Subject {
	case 1:
		if d.Detail == 7 || d.Detail == 8 { // the sender's address
			return FailurePolicy
		}
		if d.Detail != 0 {
			return FailureUserUnknown
		}
	case 2:
		switch d.Detail {
		case 1:
			return FailureUserUnknown
		case 3:
			return FailurePolicy
		}
	case 3:
		if d.Detail == 4 { // message too big
			return FailurePolicy
		}
	case 4:
		switch d.Detail {
		case 1, 2:
			return FailureNetwork
		case 5: // congestion
			return FailureRateLimit
		case 7: // delivery time expired
			return FailureTimeout
		}
	case 6:
		return FailurePolicy
	case 7:
		if d.Detail == 28 { // mail flood
			return FailureRateLimit
		}
		return FailurePolicy
	}
	switch code {
	case 530, 538:
		return FailureTLS
	case 552:
		return FailureMailboxFull
	}
	return FailureOther
}
