package main

import (
	"context"
	"time"

	"github.com/go-kit/log/level"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
)

// siteOf says what an instance's configuration tells the ledger.
func siteOf(i *postconf.Instance) ledger.Site {
	site := ledger.Site{
		MyNetworks:    i.MyNetworks,
		RelayJudged:   i.RelayJudged,
		DomainsKnown:  i.DomainsKnown,
		StrangersTag:  i.StrangersTag,
		AlwaysBCC:     i.AlwaysBCC,
		FilterClients: i.FilterClients,
		NothingBack:   !i.HandsBack,
	}
	site.Domains = append(append(site.Domains, i.MyDestination...), i.VirtualDomains...)
	for _, domain := range i.RelayDomains {
		site.Domains = append(site.Domains, domain)
		if i.RelaySubdomains && domain[0] != '.' {
			site.Domains = append(site.Domains, "."+domain)
		}
	}
	for _, f := range i.Filters {
		if f.Pipe == "" || f.UID >= 0 {
			site.Filters = append(site.Filters, ledger.Filter{Host: f.Host, Port: f.Port, Pipe: f.Pipe, UID: uint32(f.UID)})
		}
	}
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
func (h *house) configure(ctx context.Context, last *postconf.Instance) *postconf.Instance {
	instance, err := h.instances[0].watch.Instance(ctx)
	if instance == last {
		return last
	}
	h.ledger.Configure(siteOf(instance))
	if last != nil && err == nil {
		level.Info(h.logger).Log(append([]any{"msg", "the configuration has changed"}, instance.LogValues()...)...)
	}
	return instance
}
