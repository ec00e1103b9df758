package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Bounce is what bounce(8) logs.
type Bounce struct {
	ledger  *ledger.Ledger
	bounces *Metric
}

// NewBounce makes the collector.
func NewBounce(l *ledger.Ledger) *Bounce {
	return &Bounce{
		ledger: l,
		bounces: newMetric(Counter, "postfix_bounces_total",
			"Notifications that bounce(8) made; kind failed is one that it could not make (Postfix 3.11 and later log it).", "kind"),
	}
}

// Name implements Collector.
func (c *Bounce) Name() string { return "bounce" }

// Metrics implements Collector.
func (c *Bounce) Metrics() []*Metric { return []*Metric{c.bounces} }

// Update implements Collector.
func (c *Bounce) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Bounce) collect(s *ledger.State) (all []prometheus.Metric) {
	for kind := parser.NotificationNone + 1; int(kind) < parser.NumNotifications; kind++ {
		all = append(all, c.bounces.sample(float64(s.Bounces[kind]), kind.String()))
	}
	return all
}
