package parser

import "bytes"

// stage reads the name of an SMTP command as smtpd(8) writes it (smtpd.h). An
// unknown command is never named: Postfix writes UNKNOWN.
func stage(b []byte) (Stage, []byte) {
	i := bytes.IndexByte(b, ' ')
	if i < 0 {
		i = len(b)
	}
	name, rest := b[:i], b[i:]
	if len(name) > 0 && name[len(name)-1] == ':' {
		name, rest = b[:i-1], b[i-1:]
	}
	switch string(name) {
	case "CONNECT":
		return StageConnect, rest
	case "HELO":
		return StageHelo, rest
	case "EHLO":
		return StageEhlo, rest
	case "STARTTLS":
		return StageStartTLS, rest
	case "AUTH":
		return StageAuth, rest
	case "MAIL":
		return StageMail, rest
	case "RCPT":
		return StageRcpt, rest
	case "DATA":
		if r, ok := after(rest, " content"); ok {
			return StageDataContent, r
		}
		return StageData, rest
	case "BDAT":
		if r, ok := after(rest, " content"); ok {
			return StageBdatContent, r
		}
		return StageBdat, rest
	case "END-OF-MESSAGE":
		return StageEndOfMessage, rest
	case "RSET":
		return StageRset, rest
	case "NOOP":
		return StageNoop, rest
	case "VRFY":
		return StageVrfy, rest
	case "ETRN":
		return StageEtrn, rest
	case "QUIT":
		return StageQuit, rest
	case "XCLIENT":
		return StageXclient, rest
	case "XFORWARD":
		return StageXforward, rest
	case "HELP":
		return StageHelp, rest
	case "UNKNOWN", "unknown":
		return StageUnknown, rest
	}
	return StageOther, rest
}
