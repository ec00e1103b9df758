package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Delivery is what smtp(8), lmtp(8), local(8) and the other delivery agents
// log. A combination of labels shows once it has occurred, but for the failures
// that rules wait for: increase() can't see a counter that is born with the attack.
type Delivery struct {
	ledger *ledger.Ledger

	deliveries, failures, delay *Metric
}

// NewDelivery makes the collector.
func NewDelivery(l *ledger.Ledger) *Delivery {
	return &Delivery{
		ledger: l,
		deliveries: newMetric(Counter, "postfix_deliveries_total",
			"Delivery attempts, one per recipient and attempt; daemon error is the queue manager's own refusal to try, not a remote answer.",
			"syslog_name", "daemon", "status", "dsn"),
		failures: newMetric(Counter, "postfix_delivery_failures_total",
			"Delivery attempts that were deferred or bounced, by reason and by who runs the remote host.",
			"status", "reason", "provider"),
		delay: newMetric(Histogram, "postfix_delivery_delay_seconds",
			"How long delivery took, by stage, at a final status only (sent or bounced).", "daemon", "stage"),
	}
}

// Name implements Collector.
func (c *Delivery) Name() string { return "delivery" }

// Metrics implements Collector.
func (c *Delivery) Metrics() []*Metric { return []*Metric{c.deliveries, c.failures, c.delay} }

// Update implements Collector.
func (c *Delivery) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Delivery) collect(s *ledger.State) (all []prometheus.Metric) {
	names := s.Names.All()
	for _, row := range s.Deliveries.All() {
		dsn := row.Key.DSN.String()
		if dsn == "" {
			dsn = "other"
		}
		all = append(all, c.deliveries.sample(float64(row.N), names[row.Key.Name], row.Key.Daemon.String(), row.Key.Status.String(), dsn))
	}
	for status := range s.Failures {
		for reason := range s.Failures[status] {
			for provider, n := range s.Failures[status][reason] {
				if n > 0 || isAwaited(parser.Status(status), parser.FailureReason(reason), parser.Provider(provider)) {
					all = append(all, c.failures.sample(float64(n),
						parser.Status(status).String(), parser.FailureReason(reason).String(), parser.Provider(provider).String()))
				}
			}
		}
	}
	stages := [ledger.NumDelayStages]string{"before_qmgr", "qmgr", "connection", "transmission"}
	for daemon := range s.Delays {
		for stage := range s.Delays[daemon] {
			if count, sum, buckets := s.Delays[daemon][stage].Cumulative(); count > 0 {
				all = append(all, c.delay.histogram(count, sum, buckets, parser.Daemon(daemon).String(), stages[stage]))
			}
		}
	}
	return all
}

// isAwaited names the failures that show at 0, too: our bad name at any provider,
// and loops.
func isAwaited(status parser.Status, reason parser.FailureReason, at parser.Provider) bool {
	return (status == parser.StatusDeferred || status == parser.StatusBounced) &&
		(reason == parser.FailureReputation || reason == parser.FailureLoop && at == parser.ProviderOther)
}
