package ledger

import (
	"bytes"
	"net/netip"
	"strings"

	"postfix_exporter/parser"
)

// Site is what the server's configuration says of whom it trusts and what it
// takes mail for. It is no part of the state: it may change while the log goes
// on, and lines are judged by the one of the time at which they are read.
type Site struct {
	// MyNetworks are the client networks that may relay (Postfix's mynetworks).
	MyNetworks []netip.Prefix
	// Domains are those that the server takes mail for: local, virtual and relay
	// domains, in lower case. One that begins with a dot stands for its subdomains.
	Domains []string
	// RelayJudged says whether mail relayed for strangers can be told at all: not
	// without all of MyNetworks.
	RelayJudged bool
	// DomainsKnown says that Domains are all; else some stand in a table.
	DomainsKnown bool
	// StrangersTag is, where domains stand in a table, the syslog_name under which
	// smtp(8) delivers only to domains that are none of the server's; "" where it
	// delivers to others under that name, too.
	StrangersTag string
	// AlwaysBCC are addresses that get a copy of everything.
	AlwaysBCC []string
	// Filters are the content filters.
	Filters []Filter
	// FilterClients are the networks from which filters hand messages back,
	// besides 127.0.0.1 and ::1.
	FilterClients []netip.Prefix
	// NothingBack says that no filter or proxy is configured: mail from this host
	// is its programs' own, and need not wait for a line that says otherwise.
	NothingBack bool
}

// Filter is a content filter: one that takes mail by SMTP or LMTP, at an address
// and port or at a socket's path, or the program of a pipe(8) service.
type Filter struct {
	Host, Port string // a socket has its path as Host, and no Port
	Pipe       string // name of the service, with the user of its program
	UID        uint32
}

// Configure sets what the configuration says from now on.
func (l *Ledger) Configure(site Site) {
	domains := make(map[string]bool, len(site.Domains))
	for _, domain := range site.Domains {
		domains[strings.ToLower(domain)] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.site, l.domains = site, domains
}

// RelayJudged says whether the configuration tells whom the server relays for.
func (l *Ledger) RelayJudged() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.site.RelayJudged
}

// copied says whether an address gets a copy of everything.
func (c *Site) copied(address []byte) bool {
	for _, bcc := range c.AlwaysBCC {
		if string(address) == bcc {
			return true
		}
	}
	return false
}

func (c *Site) trusts(client netip.Addr) bool { return within(c.MyNetworks, client) }

// handsBack says whether a client may be a content filter, or a before-queue
// proxy's back end, that brings a message a second time.
func (c *Site) handsBack(client netip.Addr) bool {
	if c.NothingBack {
		return false
	}
	return client == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || client == netip.IPv6Loopback() || within(c.FilterClients, client)
}

func within(networks []netip.Prefix, addr netip.Addr) bool {
	for _, network := range networks {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// filterUser says whether a uid is that of a filter's program.
func (c *Site) filterUser(uid uint32) bool {
	for i := range c.Filters {
		if f := &c.Filters[i]; f.Pipe != "" && f.UID == uid {
			return true
		}
	}
	return false
}

// pipes says whether there is a filter that only a message's Message-ID passes.
func (c *Site) pipes() bool {
	for i := range c.Filters {
		if c.Filters[i].Pipe != "" {
			return true
		}
	}
	return false
}

// toFilter says whether a delivery went to a configured content filter.
func (c *Site) toFilter(ev *parser.Event) bool {
	for i := range c.Filters {
		f := &c.Filters[i]
		switch {
		case f.Pipe != "":
			if ev.Daemon == parser.Pipe && string(ev.Bytes(ev.RelayHost)) == f.Pipe {
				return true
			}
		case ev.Daemon != parser.SMTP && ev.Daemon != parser.LMTP:
		case f.Port == "":
			if string(ev.Bytes(ev.RelayAddress)) == f.Host {
				return true
			}
		case string(ev.Bytes(ev.RelayHost)) == f.Host || string(ev.Bytes(ev.RelayAddress)) == f.Host:
			relay := ev.Bytes(ev.Relay)
			if i := bytes.LastIndexByte(relay, ':'); i > 0 && relay[i-1] == ']' && string(relay[i+1:]) == f.Port {
				return true
			}
		}
	}
	return false
}

// nearby says whether a delivery went to this host.
func nearby(ev *parser.Event) bool {
	address := ev.Bytes(ev.RelayAddress)
	if len(address) == 0 {
		return false
	}
	addr, ok := parseAddr(address)
	return ok && addr.IsLoopback() || bytes.IndexByte(address, '/') >= 0
}
