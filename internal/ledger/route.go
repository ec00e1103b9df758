package ledger

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"postfix_exporter/parser"
)

// Where a recipient's mail goes: to a domain of ours, elsewhere because an alias
// of ours says so, or elsewhere because the client wanted it.

// maxDomain is the longest domain that is looked up.
const maxDomain = 255

// ours says whether the server takes mail for a domain, as far as it is known.
func (l *Ledger) ours(domain []byte) bool {
	var buf [maxDomain]byte
	if len(domain) > len(buf) {
		return false
	}
	lower := buf[:copy(buf[:], domain)]
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	if l.domains[string(lower)] {
		return true
	}
	for i := bytes.IndexByte(lower, '.'); i >= 0; {
		if l.domains[string(lower[i:])] {
			return true
		}
		next := bytes.IndexByte(lower[i+1:], '.')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// aliased says whether a recipient's address is what an alias of ours stands
// for. A stranger's address that names the next host itself ("user%domain@ours")
// is no alias.
func (l *Ledger) aliased(ev *parser.Event) bool {
	alias := ev.Bytes(ev.OrigTo)
	at := bytes.LastIndexByte(alias, '@')
	switch {
	case len(alias) == 0 || bytes.EqualFold(alias, ev.Bytes(ev.To)):
		return false
	case at < 0:
		return true // without a domain it is a local name
	case bytes.ContainsAny(alias[:at], "%!@"):
		return false
	}
	return !l.site.DomainsKnown || l.ours(alias[at+1:])
}

// forwards says whether an alias of ours leads elsewhere. Where our domains are
// not all known, one that the mail leaves this host for counts as elsewhere.
func (l *Ledger) forwards(ev *parser.Event, handedOver bool) bool {
	if !carriesAway(ev.Daemon) && !handedOver || !l.aliased(ev) {
		return false
	}
	to := domainOf(ev.Bytes(ev.To))
	if len(to) == 0 || l.ours(to) {
		return false
	}
	if l.site.DomainsKnown {
		return true
	}
	return !bytes.EqualFold(to, domainOf(ev.Bytes(ev.OrigTo))) && (handedOver || ev.Daemon != parser.LMTP && !nearby(ev))
}

// elsewhere says whether a recipient is one that the server should take no
// stranger's mail for. Nothing is said where it is not certain.
func (l *Ledger) elsewhere(ev *parser.Event) bool {
	to := ev.Bytes(ev.To)
	if !l.site.RelayJudged || !carriesAway(ev.Daemon) && !l.site.toFilter(ev) || l.site.copied(to) {
		return false
	}
	domain := domainOf(to)
	if len(domain) == 0 || l.ours(domain) || l.aliased(ev) {
		return false
	}
	if l.site.DomainsKnown {
		return true
	}
	// Postfix's own choice of a transport says it, but for the way to a filter.
	return l.site.StrangersTag != "" && ev.Daemon == parser.SMTP && string(ev.Bytes(ev.SyslogName)) == l.site.StrangersTag &&
		!nearby(ev) && !l.site.toFilter(ev)
}

// carriesAway says whether a program brings mail to other hosts, or speaks for
// one that does while the next host is known to be dead.
func carriesAway(d parser.Daemon) bool {
	return d == parser.SMTP || d == parser.LMTP || d == parser.Error || d == parser.Retry
}

// domainOf gives what stands behind the last '@' of an address, nothing where
// there is none.
func domainOf(address []byte) []byte {
	end := len(address)
	for ; end >= 8; end -= 8 { // bytes.LastIndexByte takes one at a time
		if found := equalTo(binary.LittleEndian.Uint64(address[end-8:]), '@'); found != 0 {
			return address[end-bits.LeadingZeros64(found)/8:]
		}
	}
	if i := bytes.LastIndexByte(address[:end], '@'); i >= 0 {
		return address[i+1:]
	}
	return nil
}

// foreignSender says whether a message's sender is outside its account's domain:
// that of the account's name where it has one, else any that is the server's.
func (s *State) foreignSender(m *message) bool {
	if m.origin != OriginSASL || m.sender == 0 { // the null sender is nobody's
		return false
	}
	own := s.ownDomain(&s.Accounts.rows[s.Accounts.row(m.owner().account())])
	return own != m.sender && (own != noDomain || m.has(flagForeign))
}

// noDomain is the key that an account without a domain in its name has.
const noDomain = 2

// ownDomain gives the key of an account's own domain, as senderKey makes it. It
// is reckoned once; a snapshot needn't hold it.
func (s *State) ownDomain(row *principal) uint32 {
	if row.domain == 0 {
		var buf [maxNameLength]byte
		row.domain = noDomain
		if own := domainOf(buf[:copy(buf[:], row.Name)]); own != nil {
			row.domain = s.senderKey(own)
		}
	}
	return row.domain
}

// senderKey is a domain's key as entries keep it; never 0.
func (s *State) senderKey(domain []byte) uint32 { return uint32(s.domainKey(domain)) | 1 }
