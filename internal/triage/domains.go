package triage

import "strings"

// Domains are those that the server takes mail for.
type Domains struct {
	Names map[string]bool // in lower case; ".example.org" stands for all below it
	Known bool            // they are all
}

// has says whether a domain is known to be one of them.
func (d Domains) has(domain string) bool {
	for name := domain; ; {
		if d.Names[name] {
			return true
		}
		i := strings.IndexByte(name[min(1, len(name)):], '.')
		if i < 0 {
			return false
		}
		name = name[i+1:]
	}
}

// elsewhere says whether an address is surely none of this server's.
func (d Domains) elsewhere(address []byte) bool {
	domain := DomainOf(string(address))
	return d.Known && domain != "" && !d.has(domain)
}
