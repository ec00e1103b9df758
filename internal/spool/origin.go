package spool

import (
	"net/netip"
	"unicode"
	"unicode/utf8"

	"postfix_exporter/parser"
)

// Origin is how a message came into the queue. The words are the ledger's.
type Origin uint8

const (
	OriginUnknown Origin = iota // not read yet, or nothing in the file tells
	OriginSASL                  // an authenticated account
	OriginLocal                 // sendmail(1), by a local uid
	OriginNetwork               // a client in mynetworks, without authentication
	OriginInbound               // a stranger
	OriginBounce                // a notice of this server's own
	OriginForward               // local(8), for an alias or a .forward file

	NumOrigins = int(OriginForward) + 1
)

func (o Origin) String() string {
	return [NumOrigins]string{"unknown", "sasl", "local", "network", "inbound", "bounce", "forward"}[o]
}

// Site is what must be known of the instance to tell whose a message is.
type Site struct {
	MailOwner  uint32 // uid of mail_owner
	MyNetworks []netip.Prefix
}

func (s *Site) trusted(client []byte) bool {
	address, err := netip.ParseAddr(string(client))
	if err != nil {
		return false
	}
	address = address.Unmap().WithZone("")
	for _, network := range s.MyNetworks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// origin tells how a message came by what its queue file says, but for the uid
// of a local one, for which local says that its content must be asked. A
// message whose client was named by XFORWARD comes out of a content filter: how
// it came in at first is not in the file, unless its first client is trusted.
func (s *Site) origin(f *parser.QueueFile) (origin Origin, local bool) {
	switch {
	case !f.Whole:
		return OriginUnknown, false
	case len(f.Client) == 0 && (len(f.LogClient) > 0 || len(f.Ident) > 0):
		return OriginForward, false
	case len(f.Account) > 0:
		return OriginSASL, false
	case len(f.Client) == 0 && f.Notice:
		return OriginBounce, false
	case len(f.Client) == 0:
		return OriginForward, true
	case len(f.LogClient) > 0 && string(f.LogClient) != string(f.Client):
		if s.trusted(f.LogClient) {
			return OriginNetwork, false
		}
		return OriginUnknown, false
	case s.trusted(f.Client):
		return OriginNetwork, false
	}
	return OriginInbound, false
}

// maxAccount is the longest account name that gets a row of its own, in bytes.
const maxAccount = 256

// cleanAccount says whether a name may become a label value: valid UTF-8 that a
// terminal shows as it is, and not the name of the row of the others.
func cleanAccount(name []byte) bool {
	if len(name) > maxAccount || !utf8.Valid(name) || string(name) == "_other" {
		return false
	}
	for _, r := range string(name) {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
