package main

import (
	"context"
	"slices"
	"time"

	"github.com/go-kit/log/level"

	"postfix_exporter/internal/postconf"
	"postfix_exporter/site"
)

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
		h.ledger.Configure(site.Of(present...))
	}
	return present
}
