package parser

// Daemon is a program of Postfix, or Dovecot, that writes to the log.
type Daemon uint8

const (
	DaemonNone Daemon = iota
	Smtpd
	SMTP
	LMTP
	Local
	Virtual
	Pipe
	Error
	Retry
	Discard
	Qmgr
	Cleanup
	Pickup
	Bounce
	Postscreen
	Dnsblog
	Tlsproxy
	Anvil
	Scache
	Master
	Verify
	Tlsmgr
	Proxymap
	TrivialRewrite
	Flush
	Showq
	Spawn
	Postlogd
	Qmqpd
	Postsuper
	Postdrop
	Sendmail
	PostfixCommand // postfix(1), its scripts, postmap(1), postalias(1), postqueue(1) and their kin
	Dovecot
	DaemonOther // a program under Postfix's tag that this list does not know

	NumDaemons = int(DaemonOther) + 1
)

func (d Daemon) String() string {
	return word(d, []string{
		"none", "smtpd", "smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard", "qmgr", "cleanup", "pickup",
		"bounce", "postscreen", "dnsblog", "tlsproxy", "anvil", "scache", "master", "verify", "tlsmgr", "proxymap",
		"trivial-rewrite", "flush", "showq", "spawn", "postlogd", "qmqpd", "postsuper", "postdrop", "sendmail", "postfix",
		"dovecot", "other",
	})
}

// Delivers says whether the program logs delivery attempts (log_adhoc(3)).
func (d Daemon) Delivers() bool { return SMTP <= d && d <= Discard }

// daemonOf tells a program from the last part of its tag.
func daemonOf(program []byte) (Daemon, bool) {
	switch string(program) {
	case "smtpd":
		return Smtpd, true
	case "smtp":
		return SMTP, true
	case "lmtp":
		return LMTP, true
	case "local":
		return Local, true
	case "virtual":
		return Virtual, true
	case "pipe":
		return Pipe, true
	case "error":
		return Error, true
	case "retry":
		return Retry, true
	case "discard":
		return Discard, true
	case "qmgr", "nqmgr", "oqmgr":
		return Qmgr, true
	case "cleanup":
		return Cleanup, true
	case "pickup":
		return Pickup, true
	case "bounce", "defer", "trace":
		return Bounce, true
	case "postscreen":
		return Postscreen, true
	case "dnsblog":
		return Dnsblog, true
	case "tlsproxy":
		return Tlsproxy, true
	case "anvil":
		return Anvil, true
	case "scache":
		return Scache, true
	case "master":
		return Master, true
	case "verify":
		return Verify, true
	case "tlsmgr":
		return Tlsmgr, true
	case "proxymap", "proxywrite":
		return Proxymap, true
	case "trivial-rewrite":
		return TrivialRewrite, true
	case "flush":
		return Flush, true
	case "showq":
		return Showq, true
	case "spawn":
		return Spawn, true
	case "postlogd":
		return Postlogd, true
	case "qmqpd":
		return Qmqpd, true
	case "postsuper":
		return Postsuper, true
	case "postdrop":
		return Postdrop, true
	case "sendmail":
		return Sendmail, true
	case "postfix", "postfix-script", "post-install", "postfix-wrapper", "postfix-tls-script", "postmap", "postalias", "postqueue",
		"postconf", "postkick", "postlock", "postlog", "postmulti", "postmulti-script", "postcat", "postfix-files", "set-permissions":
		return PostfixCommand, true
	}
	return DaemonOther, false
}
