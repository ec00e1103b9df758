package main

import (
	"context"
	"fmt"
	"net/netip"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/site"
)

// site gives what is known of the server: its configuration, and what the command
// line says instead. It warns of what can't be read.
func (o *options) site(ctx context.Context, warn func(problem string)) (s ledger.Site, err error) {
	s = site.Unknown()
	var instances []*postconf.Instance
	for _, directory := range o.configs {
		i, err := postconf.Discover(ctx, postconf.Options{ConfigDirectory: directory})
		if err != nil {
			return s, fmt.Errorf("--postfix.config-directory: %w", err)
		}
		for _, problem := range i.Problems {
			warn(problem)
		}
		instances = append(instances, i)
	}
	if len(instances) > 0 {
		s = site.Of(instances...)
	}
	if len(o.networks) > 0 {
		s.MyNetworks = nil
	}
	for _, text := range o.networks {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return s, fmt.Errorf("--my-networks: %w", err)
		}
		s.MyNetworks = append(s.MyNetworks, p)
	}
	if len(o.domains) > 0 {
		s.Domains, s.DomainsKnown = o.domains, true
		s.RelayJudged = s.RelayJudged || len(o.networks) > 0
	}
	return s, nil
}
