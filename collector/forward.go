package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// Forward is what the aliases of each of our domains send elsewhere, and what of
// it comes back.
type Forward struct {
	ledger *ledger.Ledger

	recipients, failed, loops *Metric
}

// NewForward makes the collector.
func NewForward(l *ledger.Ledger) *Forward {
	return &Forward{
		ledger: l,
		recipients: newMetric(Gauge, "postfix_forward_window_recipients",
			"Recipients that the domain's aliases sent elsewhere, first tried within the window. The loudest domains have series of their own; "+
				"_other is the rest."+absentAtZero, "domain", "window"),
		failed: newMetric(Gauge, "postfix_forward_window_failed_recipients",
			"Of the recipients that the domain's aliases sent elsewhere, those that failed for good within the window."+absentAtZero, "domain", "window"),
		loops: newMetric(Gauge, "postfix_forward_window_loops",
			"Deliveries that ended as a mail loop within the window, by the server's domain that they were for or whose alias led there; "+
				"_other is the rest, and domains not known to be the server's."+absentAtZero, "domain", "window"),
	}
}

// Name implements Collector.
func (c *Forward) Name() string { return "forward" }

// Metrics implements Collector.
func (c *Forward) Metrics() []*Metric { return []*Metric{c.recipients, c.failed, c.loops} }

// Update implements Collector.
func (c *Forward) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	var shown, looping []ledger.Principal
	var other, otherLooping ledger.Principal
	c.ledger.ReadNow(func(s *ledger.State, now int64) {
		shown, other = s.Forwards.Shown(now)
		looping, otherLooping = s.Loops.Shown(now)
	})
	send := func(m prometheus.Metric) { ch <- m }
	for _, p := range append(shown, other) {
		sendWindows(send, c.recipients, func(w ledger.Window) uint64 { return p.Sums[w][ledger.Recipients] }, p.Name)
		sendWindows(send, c.failed, func(w ledger.Window) uint64 { return p.Sums[w][ledger.Failed] }, p.Name)
	}
	for _, p := range append(looping, otherLooping) {
		sendWindows(send, c.loops, func(w ledger.Window) uint64 { return p.Sums[w][ledger.Failed] }, p.Name)
	}
	return nil
}
