package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Milter is what Postfix logs of Milters and policy services.
type Milter struct {
	ledger *ledger.Ledger

	events, errors, policyErrors *Metric
}

// NewMilter makes the collector.
func NewMilter(l *ledger.Ledger) *Milter {
	return &Milter{
		ledger: l,
		events: newMetric(Counter, "postfix_milter_events_total", "What Milters made Postfix do.", "action"),
		errors: newMetric(Counter, "postfix_milter_errors_total",
			"Times a Milter could not be reached or broke the protocol; milter_default_action then decides."),
		policyErrors: newMetric(Counter, "postfix_policy_errors_total",
			"Times a policy service could not be reached; smtpd_policy_service_default_action then decides."),
	}
}

// Name implements Collector.
func (c *Milter) Name() string { return "milter" }

// Metrics implements Collector.
func (c *Milter) Metrics() []*Metric { return []*Metric{c.events, c.errors, c.policyErrors} }

// Update implements Collector.
func (c *Milter) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Milter) collect(s *ledger.State) []prometheus.Metric {
	all := []prometheus.Metric{c.errors.sample(float64(s.MilterErrors)), c.policyErrors.sample(float64(s.PolicyErrors))}
	for action := parser.ActionNone + 1; int(action) < parser.NumActions; action++ {
		switch n := s.Milter[action]; {
		case n > 0, action == parser.ActionReject, action == parser.ActionHold, action == parser.ActionDiscard, action == parser.ActionQuarantine:
			all = append(all, c.events.sample(float64(n), action.String()))
		}
	}
	return all
}
