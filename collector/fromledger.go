package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// sendState makes metrics of the ledger's state and sends them once the
// ledger's lock is free again: a slow scrape must not hold up the log.
func sendState(l *ledger.Ledger, ch chan<- prometheus.Metric, collect func(*ledger.State) []prometheus.Metric) error {
	var all []prometheus.Metric
	l.Read(func(s *ledger.State) { all = collect(s) })
	for _, m := range all {
		ch <- m
	}
	return nil
}
