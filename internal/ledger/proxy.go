package ledger

import "postfix_exporter/parser"

// A before-queue filter: smtpd logs the client without a queue id, and at the end
// of the message the reply of the filter, with the queue id that smtpd's back end
// gave it. The process joins the two.

// proxySlots is how many of smtpd's processes are remembered, each with the owner
// of its last message.
const proxySlots = 1 << 10

// process names the process that wrote a line.
func (s *State) process(ev *parser.Event) uint64 {
	key := s.domainKey(ev.Bytes(ev.Host))
	for _, digit := range ev.Bytes(ev.PID) {
		key = key*31 + uint64(digit)
	}
	return max(key, 1)
}

// proxied is a proxy's word that a message is in the queue: it belongs to whom
// the same process named before, else to the account in the line.
func (l *Ledger) proxied(ev *parser.Event) {
	s := &l.state
	id := queueIDOf(ev.Bytes(ev.ChildQueueID))
	if ev.Action != parser.ActionAccept || id == (queueID{}) {
		return
	}
	var o owner
	if front := s.proxies.find(s.process(ev)); front != nil {
		o = front.value
	} else if ev.SASLUsername.Len() > 0 {
		o = l.account(ev)
	} else {
		return
	}
	i, m := s.about(id, true)
	if i == 0 {
		return
	}
	if m.untold() && m.origin != OriginLocal && !m.has(flagInherits) {
		m.flags |= flagProxied
		s.tell(i, o)
	}
}
