package parser

import "fmt"

// FailureReason is why a delivery attempt failed.
type FailureReason uint8

const (
	FailureOther       FailureReason = iota
	FailureTimeout                   // no answer in time
	FailureRefused                   // connection refused
	FailureNetwork                   // no route, connection lost
	FailureDNS                       // destination not found, or accepts no mail
	FailureGreylist                  // told to come back later
	FailureRateLimit                 // too much, too fast
	FailureReputation                // blocked for what our address or domain did
	FailureMailboxFull               // recipient's quota
	FailureUserUnknown               // no such recipient
	FailurePolicy                    // refused by the remote site's rules
	FailureTLS                       // no TLS where it is needed, or bad certificate
	FailureSuspended                 // not tried: the queue manager had given up on the destination
	FailureLoop                      // mail loop, too many hops

	NumFailureReasons = int(FailureLoop) + 1
)

func (r FailureReason) String() string {
	return word(r, []string{
		"other", "timeout", "refused", "network", "dns", "greylist", "rate_limit", "reputation", "mailbox_full", "user_unknown",
		"policy", "tls", "suspended", "loop",
	})
}

// maxReplyScan bounds how much of a remote reply is looked at, in bytes: the
// remote host chooses its length, and what matters stands at its head.
const maxReplyScan = 256

// Classifier tells why a delivery failed from the reason that Postfix logs or
// keeps in the queue, and who runs the host that mail was to go to. It never
// changes and is safe for concurrent use.
type Classifier struct {
	phrases   *phraseTable
	providers map[string]Provider
}

// NewClassifier builds the tables: own lines first, then the built-in ones. An
// error names the line.
func NewClassifier(own Tables) (*Classifier, error) {
	phrases, err := newPhraseTable(own.Reasons, builtinReasons)
	if err != nil {
		return nil, fmt.Errorf("failure reasons: %w", err)
	}
	providers, err := newProviders(own.Providers, builtinProviders)
	if err != nil {
		return nil, fmt.Errorf("providers: %w", err)
	}
	return &Classifier{phrases: phrases, providers: providers}, nil
}

// Reason classifies the text in "status=deferred (text)" or in a showq(8)
// reason. Code and dsn may be zero: then they are read from the remote reply in
// the text. What Postfix itself says comes first, then status codes that mean
// one thing only, then the phrases in the first 256 bytes of the reply, and at
// last the class of the code. It doesn't allocate, and takes no longer for a
// long text than for one of 256 bytes.
func (c *Classifier) Reason(code uint16, dsn DSN, text []byte) FailureReason {
	if r, ok := ownReason(text); ok {
		return r
	}
	words, remote := remoteReply(text)
	if remote || code != 0 {
		replied, rest, ok := replyCode(words)
		if ok {
			words = rest
		}
		if code == 0 {
			code = replied
		}
		if d, rest, ok := parseDSN(words); ok {
			words = rest
			if dsn == (DSN{}) {
				dsn = d
			}
		}
	}
	if r, ok := certainReason(dsn); ok {
		return r
	}
	if r, ok := c.phrases.find(words, maxReplyScan); ok {
		return r
	}
	return likelyReason(code, dsn)
}

// ownReason reads what Postfix says in its own words (smtp/smtp_connect.c,
// smtp_addr.c, smtp_trouble.c, smtp_proto.c, qmgr/qmgr_error.c), from the left,
// so that a host's name can't pose as a phrase.
func ownReason(b []byte) (FailureReason, bool) {
	if len(b) == 0 {
		return FailureOther, false
	}
	switch b[0] {
	case 'c':
		if rest, ok := after(b, "connect to "); ok {
			return connectReason(rest)
		}
		if has(b, "conversation with ") {
			return FailureTimeout, true
		}
	case 'd':
		return FailureSuspended, has(b, "delivery temporarily suspended: ")
	case 'l':
		return FailureNetwork, has(b, "lost connection with ")
	case 'm':
		if rest, ok := after(b, "mail for "); ok {
			_, rest = word1(rest)
			return FailureLoop, has(rest, "loops back to myself")
		}
		return FailureLoop, has(b, "mail forwarding loop for ")
	case 'u':
		return FailureDNS, has(b, "unable to look up host ") || has(b, "unable to find primary relay for ")
	case 'D':
		if rest, ok := after(b, "Domain "); ok {
			_, rest = word1(rest)
			return FailureDNS, has(rest, "does not accept mail (nullMX)")
		}
	case 'H':
		return FailureDNS, has(b, "Host or domain name not found")
	case 'N':
		return FailureDNS, has(b, "Name service error for ")
	case 'C', 'S', 'T':
		return FailureTLS, has(b, "Cannot start TLS") || has(b, "Server certificate not ") || has(b, "TLS is required") ||
			has(b, "TLSA lookup error for ")
	}
	return FailureOther, false
}

// connectReason reads "HOST[ADDRESS]:PORT: ERROR" and "HOST[/PATH]: ERROR".
func connectReason(b []byte) (FailureReason, bool) {
	_, b, ok := until(b, ']')
	if !ok {
		return FailureNetwork, true
	}
	if port, isPort := after(b, ":"); isPort {
		if _, rest, isNumber := number(port); isNumber {
			b = rest
		}
	}
	b, _ = after(b, ": ")
	switch {
	case has(b, "Connection timed out"), has(b, "Operation timed out"):
		return FailureTimeout, true
	case has(b, "Connection refused"):
		return FailureRefused, true
	}
	return FailureNetwork, true
}

// remoteReply takes the reply out of "host H[IP] said: REPLY (in reply to …)"
// and "host H[IP] refused to talk to me: REPLY". Other text comes back whole.
func remoteReply(text []byte) (reply []byte, remote bool) {
	b, ok := after(text, "host ")
	if !ok {
		return text, false
	}
	if _, b, ok = until(b, ']'); !ok {
		return text, false
	}
	if b, ok = said(b); !ok {
		return text, false
	}
	return b, true
}
