package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Anvil is what anvil(8) logs.
type Anvil struct {
	ledger *ledger.Ledger
	peak   *Metric
}

// NewAnvil makes the collector.
func NewAnvil(l *ledger.Ledger) *Anvil {
	return &Anvil{
		ledger: l,
		peak: newMetric(Gauge, "postfix_anvil_peak",
			"The highest figure of one client in the last report of anvil(8), which comes every anvil_status_update_time (600 s) and at its exit; "+
				"rates are per anvil_rate_time_unit (60 s).",
			"statistic", "syslog_name"),
	}
}

// Name implements Collector.
func (c *Anvil) Name() string { return "anvil" }

// Metrics implements Collector.
func (c *Anvil) Metrics() []*Metric { return []*Metric{c.peak} }

// Update implements Collector.
func (c *Anvil) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Anvil) collect(s *ledger.State) (all []prometheus.Metric) {
	for i, name := range s.Names.All() {
		for statistic, peak := range s.Anvil[i] {
			if peak != 0 {
				all = append(all, c.peak.sample(float64(peak), parser.AnvilStatistic(statistic).String(), name))
			}
		}
	}
	return all
}
