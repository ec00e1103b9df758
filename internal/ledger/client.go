package ledger

import "postfix_exporter/parser"

// misbehave hands on what the client of a line did wrong; one without an
// address is nobody.
func (s *State) misbehave(ev *parser.Event, e ClientEvent) {
	if addr, ok := parseAddr(ev.Bytes(ev.ClientAddress)); ok {
		s.misbehaved(addr, e)
	}
}

// guess hands on what a line says of failed logins: one, or as many as Dovecot
// counted in the session that it tells of. misbehaved says that it is an event
// of the client too, and not only another witness of one.
func (s *State) guess(ev *parser.Event, w witness, misbehaved bool) {
	addr, ok := parseAddr(ev.Bytes(ev.ClientAddress))
	if !ok {
		return
	}
	if misbehaved {
		s.misbehaved(addr, ClientAuthFailure)
	}
	s.guessed(addr, ev.Bytes(ev.SASLUsername), w, uint32(min(max(ev.Value, 1), maxGuesses)))
}

// maxGuesses bounds what one line may count.
const maxGuesses = 1000
