package ledger

import "postfix_exporter/parser"

// looped takes a delivery that ended as a mail loop: for the domain of ours whose
// alias leads into it, or that it was for. An address that is not known to be ours
// is anybody's text.
func (l *Ledger) looped(ev *parser.Event) {
	s := &l.state
	now := s.tick
	var domain []byte
	switch {
	case ev.OrigTo.Len() > 0 && l.aliased(ev):
		domain = domainOf(ev.Bytes(ev.OrigTo))
	case ev.Daemon == parser.Local, ev.Daemon == parser.Virtual, l.site.DomainsKnown:
		domain = domainOf(ev.Bytes(ev.To))
	}
	s.Loops.add(s.Loops.row(l.ownDomain(&s.Loops, domain, now)), now, Failed, 1)
}
