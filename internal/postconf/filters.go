package postconf

import (
	"net/netip"
	"path"
	"slices"
	"strings"

	"postfix_exporter/parser"
)

// Filter is a content filter that takes mail after it was queued: over SMTP or
// LMTP, at a host and port or a socket's path, or as the program of a pipe(8)
// service.
type Filter struct {
	Host, Port string // of a socket Host is the path
	Pipe       string // name of the service
	UID        int    // of a pipe's program; -1 = not known
}

// readFilters finds the content filters that main.cf or a service names, and the
// clients that may bring their mail back with its history (XFORWARD). A filter
// that only an access(5) or header_checks(5) table names is not found.
func (i *Instance) readFilters(o Options, values parser.Parameters) {
	named := []string{values["content_filter"]}
	clients := []string{values["smtpd_authorized_xforward_hosts"]}
	i.HandsBack = values["content_filter"]+values["smtpd_authorized_xforward_hosts"]+values["smtpd_proxy_filter"] != ""
	for _, s := range i.Services {
		named, clients = append(named, s.ContentFilter), append(clients, s.XForwardHosts)
		i.HandsBack = i.HandsBack || s.ContentFilter+s.XForwardHosts+s.ProxyFilter != ""
	}
	for _, name := range named {
		transport, nexthop, _ := strings.Cut(name, ":")
		if f, ok := i.filter(o, transport, nexthop); ok && !slices.Contains(i.Filters, f) {
			i.Filters = append(i.Filters, f)
		}
	}
	for _, f := range i.Filters {
		if addr, err := netip.ParseAddr(f.Host); err == nil && !addr.IsLoopback() {
			i.FilterClients = append(i.FilterClients, netip.PrefixFrom(addr, addr.BitLen()))
		}
	}
	for _, list := range clients {
		for _, item := range parser.SplitList(list) {
			if prefix, ok := network(item); ok && !slices.Contains(i.FilterClients, prefix) {
				i.FilterClients = append(i.FilterClients, prefix)
			}
		}
	}
}

// filter reads transport:nexthop, where a nexthop is [host]:port, host:port,
// inet:host:port or unix:path.
func (i *Instance) filter(o Options, transport, nexthop string) (Filter, bool) {
	n := slices.IndexFunc(i.Services, func(s parser.Service) bool { return s.Name == transport && s.Type == "unix" })
	if n < 0 {
		return Filter{}, false
	}
	service := i.Services[n]
	switch path.Base(service.Command) {
	case "pipe":
		user, _, _ := strings.Cut(service.User, ":")
		return Filter{Pipe: transport, UID: o.uid(user)}, true
	case "smtp", "lmtp":
		if socket, ok := strings.CutPrefix(nexthop, "unix:"); ok {
			return Filter{Host: socket, UID: -1}, true
		}
		nexthop = strings.TrimPrefix(nexthop, "inet:")
		at := strings.LastIndexByte(nexthop, ':')
		if at < 0 || strings.HasSuffix(nexthop, "]") {
			return Filter{}, false
		}
		return Filter{Host: strings.Trim(nexthop[:at], "[]"), Port: nexthop[at+1:], UID: -1}, true
	}
	return Filter{}, false
}
