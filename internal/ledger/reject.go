package ledger

import "postfix_exporter/parser"

// Reject is the key of a refusal. Its eight bytes have no gap, so that the map
// hashes it as one word.
type Reject struct {
	Name   uint16 // of Names
	Stage  parser.Stage
	Reason parser.RejectReason
	Code   uint32 // SMTP reply code 200…599, 0 for none or another
}

func (r Reject) word() uint64 {
	return uint64(r.Name) | uint64(r.Stage)<<16 | uint64(r.Reason)<<24 | uint64(r.Code)<<32
}

// reject counts what was refused: by smtpd's restrictions, a Milter, a
// before-queue proxy, cleanup's header and body checks, or postscreen. A
// warning (warn_if_reject), a hold or a silent discard refuses nothing.
func (l *Ledger) reject(ev *parser.Event) {
	s := &l.state
	if ev.Action != parser.ActionReject {
		return
	}
	name := s.Names.index(ev.Bytes(ev.SyslogName))
	if ev.Violation != parser.ViolationNone { // bare <LF>
		s.Smtpd[name].Violations[ev.Violation]++
		s.misbehave(ev, ClientProtocolViolation)
	}
	if ev.Daemon == parser.Postscreen {
		s.Postscreen[parser.PostscreenReject]++
	}
	reason := ev.RejectReason
	switch reason {
	case parser.RejectRelayDenied:
		s.misbehave(ev, ClientRelayDenied)
	case parser.RejectUserUnknown:
		s.misbehave(ev, ClientUserUnknown)
	}
	if reason == parser.RejectOther {
		switch ev.Kind {
		case parser.KindMilter:
			reason = parser.RejectMilter
		case parser.KindContent:
			reason = parser.RejectContent
		}
	}
	if ev.From.Present() && ev.From.Len() == 0 {
		l.bounceRefused(ev, reason)
	}
	code := uint32(ev.Code)
	if code < 200 || code > 599 {
		code = 0
	}
	key := Reject{Name: uint16(name), Stage: ev.Stage, Reason: reason, Code: code}
	if word := key.word(); !s.Rejects.again(word) {
		s.Rejects.add(word, key, Reject{Stage: parser.StageOther, Reason: reason})
	}
}

func (r *Reject) walk(c *codec) {
	rowNumber(c, &r.Name, MaxNames+1)
	rowNumber(c, &r.Stage, parser.NumStages)
	rowNumber(c, &r.Reason, parser.NumRejectReasons)
	number(c, &r.Code)
}
