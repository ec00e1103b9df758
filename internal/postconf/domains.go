package postconf

import (
	"slices"
	"strings"

	"postfix_exporter/parser"
)

// domains reads a list of domains, in lower case; known says that it is whole.
// Of an exclusion, and of what stands in a table whose text can't be read, it
// makes a problem.
func (i *Instance) domains(o Options, values parser.Parameters, name string) (out []string, known bool) {
	items, known := i.expand(o, name, values[name], func(key string) bool { return !strings.Contains(key, "@") })
	for _, item := range items {
		if strings.HasPrefix(item, "!") {
			i.problem("%s: the exclusion %.60q is not understood and left out; mend: list the domains without it", name, item)
			known = false
			continue
		}
		out = append(out, strings.ToLower(item))
	}
	return out, known
}

// readDomains reads for which domains the instance takes mail.
func (i *Instance) readDomains(o Options, values parser.Parameters) {
	i.DomainsKnown = true
	read := func(name string) []string {
		list, known := i.domains(o, values, name)
		i.DomainsKnown = i.DomainsKnown && known
		return list
	}
	i.MyDestination = read("mydestination")
	i.VirtualDomains = append(read("virtual_alias_domains"), read("virtual_mailbox_domains")...)
	i.RelayDomains = read("relay_domains")
	i.RelaySubdomains = slices.Contains(parser.SplitList(values["parent_domain_matches_subdomains"]), "relay_domains")
}
