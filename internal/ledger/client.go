package ledger

import "postfix_exporter/parser"

// misbehave hands on what the client of a line did wrong; one without an
// address is nobody.
func (s *State) misbehave(ev *parser.Event, e ClientEvent) {
	if addr, ok := parseAddr(ev.Bytes(ev.ClientAddress)); ok {
		s.misbehaved(addr, e)
	}
}

// guess hands on a failed login.
func (s *State) guess(ev *parser.Event) {
	if addr, ok := parseAddr(ev.Bytes(ev.ClientAddress)); ok {
		s.guessed(addr, ev.Bytes(ev.SASLUsername))
	}
}
