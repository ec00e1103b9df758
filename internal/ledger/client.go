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
// counted in the session that it tells of.
func (s *State) guess(ev *parser.Event, w witness) {
	if addr, ok := parseAddr(ev.Bytes(ev.ClientAddress)); ok {
		s.guessed(addr, ev.Bytes(ev.SASLUsername), w, uint32(min(max(ev.Value, 1), maxGuesses)))
	}
}

// maxGuesses bounds what one line may count.
const maxGuesses = 1000
