package main

import (
	"context"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
)

// siteOf says what the configuration of the instances tells the ledger. One log may
// tell of all of them: whom one trusts and what one takes mail for holds for each.
func siteOf(instances ...*postconf.Instance) ledger.Site {
	site := ledger.Site{RelayJudged: true, DomainsKnown: true, StrangersTag: instances[0].StrangersTag, NothingBack: true}
	for _, i := range instances {
		site.MyNetworks = append(site.MyNetworks, i.MyNetworks...)
		site.Domains = append(append(site.Domains, i.MyDestination...), i.VirtualDomains...)
		for _, domain := range i.RelayDomains {
			site.Domains = append(site.Domains, domain)
			if i.RelaySubdomains && domain[0] != '.' {
				site.Domains = append(site.Domains, "."+domain)
			}
		}
		if i.AlwaysBCC != "" {
			site.AlwaysBCC = append(site.AlwaysBCC, i.AlwaysBCC)
		}
		for _, f := range i.Filters {
			if f.Pipe == "" || f.UID >= 0 {
				site.Filters = append(site.Filters, ledger.Filter{Host: f.Host, Port: f.Port, Pipe: f.Pipe, UID: uint32(f.UID)})
			}
		}
		site.FilterClients = append(site.FilterClients, i.FilterClients...)
		site.DomainsKnown = site.DomainsKnown && i.DomainsKnown
		site.RelayJudged = site.RelayJudged && i.RelayJudged
		site.NothingBack = site.NothingBack && !i.HandsBack
		if i.StrangersTag != site.StrangersTag {
			site.StrangersTag = ""
		}
	}
	site.RelayJudged = site.RelayJudged && (site.DomainsKnown || site.StrangersTag != "")
	return site
}

// noSite is for a log whose instance is not known.
func noSite() ledger.Site { return ledger.Site{MyNetworks: loopback()} }

// siteInterval is how often the configuration is looked at: a look costs a few
// stat(2) calls, and Postfix itself takes changes in at "postfix reload" only.
const siteInterval = 10 * time.Second

// keepSite tells the ledger of changes of the configuration until ctx is done.
func (h *house) keepSite(ctx context.Context) {
	tick := time.NewTicker(siteInterval)
	defer tick.Stop()
	for last := h.configure(ctx, nil); ; last = h.configure(ctx, last) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// configure tells the ledger what the configuration says now, unless it is still
// what last said.
func (h *house) configure(ctx context.Context, last []*postconf.Instance) []*postconf.Instance {
	present := make([]*postconf.Instance, len(h.instances))
	for n, i := range h.instances {
		instance, err := i.watch.Instance(ctx)
		if last != nil && err == nil && instance != last[n] {
			level.Info(h.logger).Log(append([]any{"msg", "the configuration has changed"}, instance.LogValues()...)...)
		}
		present[n] = instance
	}
	if !slices.Equal(present, last) {
		h.ledger.Configure(siteOf(present...))
	}
	return present
}
