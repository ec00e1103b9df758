package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Bounce is what bounce(8) logs, and the bounces of others that come in.
type Bounce struct {
	ledger                   *ledger.Ledger
	bounces, origin, inbound *Metric
}

// NewBounce makes the collector.
func NewBounce(l *ledger.Ledger) *Bounce {
	return &Bounce{
		ledger: l,
		bounces: newMetric(Counter, "postfix_bounces_total",
			"Notifications that bounce(8) made; kind failed is one that it could not make (Postfix 3.11 and later log it).", "kind"),
		origin: newMetric(Counter, "postfix_origin_bounces_total",
			"Non-delivery notifications made here, by how the message came that bounced. Those of inbound mail and forwards go to strangers.", "origin"),
		inbound: newMetric(Counter, "postfix_inbound_bounces_total",
			"Mail from the null sender that strangers bring, as bounces are: messages accepted, and recipients or messages rejected for good "+
				"as the user is unknown, or for their content.", "result"),
	}
}

// Name implements Collector.
func (c *Bounce) Name() string { return "bounce" }

// Metrics implements Collector.
func (c *Bounce) Metrics() []*Metric { return []*Metric{c.bounces, c.origin, c.inbound} }

// Update implements Collector.
func (c *Bounce) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Bounce) collect(s *ledger.State) (all []prometheus.Metric) {
	for kind := parser.NotificationNone + 1; int(kind) < parser.NumNotifications; kind++ {
		all = append(all, c.bounces.sample(float64(s.Bounces[kind]), kind.String()))
	}
	for _, origin := range ledger.Origins() {
		all = append(all, c.origin.sample(float64(s.OriginBounces[origin]), origin.String()))
	}
	return append(all,
		c.inbound.sample(float64(s.InboundBounces.Accepted), "accepted"),
		c.inbound.sample(float64(s.InboundBounces.Rejected), "rejected"))
}
