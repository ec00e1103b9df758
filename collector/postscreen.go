package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Postscreen is what postscreen(8) logs.
type Postscreen struct {
	ledger *ledger.Ledger
	events *Metric
}

// NewPostscreen makes the collector.
func NewPostscreen(l *ledger.Ledger) *Postscreen {
	return &Postscreen{
		ledger: l,
		events: newMetric(Counter, "postfix_postscreen_events_total", "What postscreen(8) saw and decided.", "event"),
	}
}

// Name implements Collector.
func (c *Postscreen) Name() string { return "postscreen" }

// Metrics implements Collector.
func (c *Postscreen) Metrics() []*Metric { return []*Metric{c.events} }

// Update implements Collector.
func (c *Postscreen) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Postscreen) collect(s *ledger.State) (all []prometheus.Metric) {
	for event := parser.PostscreenNone + 1; int(event) < parser.NumPostscreenEvents; event++ {
		all = append(all, c.events.sample(float64(s.Postscreen[event]), event.String()))
	}
	return all
}
