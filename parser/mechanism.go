package parser

// Mechanism is a SASL mechanism of IANA's registry, or MechanismOther: the
// client picks the word, so only a registered one may become a label value.
type Mechanism uint8

const (
	MechanismOther Mechanism = iota
	MechanismPlain
	MechanismLogin
	MechanismCramMD5
	MechanismDigestMD5
	MechanismScramSHA1
	MechanismScramSHA256
	MechanismScramSHA512
	MechanismNTLM
	MechanismGSSAPI
	MechanismOAuthBearer
	MechanismXOAuth2
	MechanismExternal
	MechanismAnonymous
	MechanismXclient // not a mechanism: Postfix logs it where a trusted proxy named the account

	NumMechanisms = int(MechanismXclient) + 1
)

func (m Mechanism) String() string {
	return word(m, []string{
		"other", "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "NTLM", "GSSAPI",
		"OAUTHBEARER", "XOAUTH2", "EXTERNAL", "ANONYMOUS", "XCLIENT",
	})
}

// MechanismOf tells a mechanism from the word in the log, whatever its case;
// channel-binding forms ("-PLUS") count as their plain form.
func MechanismOf(b []byte) Mechanism {
	if len(b) > len("SCRAM-SHA-512-PLUS") {
		return MechanismOther
	}
	var upper [len("SCRAM-SHA-512-PLUS")]byte
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	switch string(upper[:len(b)]) {
	case "PLAIN":
		return MechanismPlain
	case "LOGIN":
		return MechanismLogin
	case "CRAM-MD5":
		return MechanismCramMD5
	case "DIGEST-MD5":
		return MechanismDigestMD5
	case "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS":
		return MechanismScramSHA1
	case "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS":
		return MechanismScramSHA256
	case "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS":
		return MechanismScramSHA512
	case "NTLM":
		return MechanismNTLM
	case "GSSAPI":
		return MechanismGSSAPI
	case "OAUTHBEARER":
		return MechanismOAuthBearer
	case "XOAUTH2":
		return MechanismXOAuth2
	case "EXTERNAL":
		return MechanismExternal
	case "ANONYMOUS":
		return MechanismAnonymous
	case "XCLIENT":
		return MechanismXclient
	}
	return MechanismOther
}
