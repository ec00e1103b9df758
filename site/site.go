// Package site brings two rooms together that don't know each other: what
// postconf reads of a server's configuration becomes what the ledger judges by.
package site

import (
	"net/netip"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
)

// Of says what the configuration of the instances tells the ledger. One log may
// tell of all of them: whom one trusts and what one takes mail for holds for each.
func Of(instances ...*postconf.Instance) ledger.Site {
	s := ledger.Site{RelayJudged: true, DomainsKnown: true, StrangersTag: instances[0].StrangersTag, NothingBack: true}
	for _, i := range instances {
		s.MyNetworks = append(s.MyNetworks, i.MyNetworks...)
		s.Domains = append(append(s.Domains, i.MyDestination...), i.VirtualDomains...)
		for _, domain := range i.RelayDomains {
			s.Domains = append(s.Domains, domain)
			if i.RelaySubdomains && domain[0] != '.' {
				s.Domains = append(s.Domains, "."+domain)
			}
		}
		if i.AlwaysBCC != "" {
			s.AlwaysBCC = append(s.AlwaysBCC, i.AlwaysBCC)
		}
		for _, f := range i.Filters {
			if f.Pipe == "" || f.UID >= 0 {
				s.Filters = append(s.Filters, ledger.Filter{Host: f.Host, Port: f.Port, Pipe: f.Pipe, UID: uint32(f.UID)})
			}
		}
		s.FilterClients = append(s.FilterClients, i.FilterClients...)
		s.DomainsKnown = s.DomainsKnown && i.DomainsKnown
		s.RelayJudged = s.RelayJudged && i.RelayJudged
		s.NothingBack = s.NothingBack && !i.HandsBack
		if i.StrangersTag != s.StrangersTag {
			s.StrangersTag = ""
		}
	}
	s.RelayJudged = s.RelayJudged && (s.DomainsKnown || s.StrangersTag != "")
	return s
}

// Unknown is for a log whose configuration is not known: this host's own
// addresses are trusted, and nothing is said of relaying.
func Unknown() ledger.Site {
	return ledger.Site{MyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}}
}
