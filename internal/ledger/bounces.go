package ledger

import "postfix_exporter/parser"

// InboundBounces counts bounces, by their null sender, that strangers bring.
type InboundBounces struct {
	Accepted uint64 // messages
	Rejected uint64 // refused for good, for a recipient that is unknown or for what is in them
}

// bounced takes bounce(8)'s line of a notification that it made. That of a
// failure counts for the message that bounced, whose owner may be told later.
func (s *State) bounced(ev *parser.Event) {
	s.Bounces[ev.Notification]++
	s.link(queueIDOf(ev.Bytes(ev.ChildQueueID)), OriginBounce)
	if ev.Notification != parser.NotificationNonDelivery {
		return
	}
	notice := try{hand: handNotice}
	i := s.mention(queueIDOf(ev.Bytes(ev.QueueID)))
	switch {
	case i == 0:
		s.try(owner{OriginUnknown, 0}, &notice)
	case s.messages.at(i).untold():
		s.hold(i, notice)
		s.arrange(i, s.messages.at(i))
	default:
		s.try(s.messages.at(i).owner(), &notice)
	}
}

// bounceRefused takes the refusal of a mail from the null sender. A client that is
// refused for itself may be anybody, and what it brings be anything.
func (l *Ledger) bounceRefused(ev *parser.Event, reason parser.RejectReason) {
	switch reason {
	case parser.RejectUserUnknown, parser.RejectContent, parser.RejectMilter:
	default:
		return
	}
	addr, ok := parseAddr(ev.Bytes(ev.ClientAddress))
	forGood := ev.Code >= 500 || ev.Kind == parser.KindContent // which names no code
	if ok && forGood && ev.SASLUsername.Len() == 0 && !l.site.trusts(addr) {
		l.state.InboundBounces.Rejected++
	}
}
