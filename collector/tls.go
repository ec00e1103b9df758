package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// TLS is what smtpd(8), smtp(8) and tlsproxy(8) log of TLS sessions, at
// smtpd_tls_loglevel and smtp_tls_loglevel 1 or above.
type TLS struct {
	ledger      *ledger.Ledger
	connections *Metric
}

// NewTLS makes the collector.
func NewTLS(l *ledger.Ledger) *TLS {
	return &TLS{
		ledger: l,
		connections: newMetric(Counter, "postfix_tls_connections_total",
			"TLS sessions, by who opened the connection, trust in the peer's certificate, and protocol.",
			"direction", "syslog_name", "trust", "protocol"),
	}
}

// Name implements Collector.
func (c *TLS) Name() string { return "tls" }

// Metrics implements Collector.
func (c *TLS) Metrics() []*Metric { return []*Metric{c.connections} }

// Update implements Collector.
func (c *TLS) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *TLS) collect(s *ledger.State) (all []prometheus.Metric) {
	for i, name := range s.Names.All() {
		for direction := range s.TLS[i] {
			for trust := range s.TLS[i][direction] {
				for protocol, n := range s.TLS[i][direction][trust] {
					if n > 0 {
						all = append(all, c.connections.sample(float64(n), parser.TLSDirection(direction).String(), name,
							parser.TLSTrust(trust).String(), parser.TLSProtocol(protocol).String()))
					}
				}
			}
		}
	}
	return all
}
