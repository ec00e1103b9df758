package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// Message is how messages come into the queue and leave it.
type Message struct {
	ledger *ledger.Ledger

	messages, recipients, removed, expired *Metric
}

// NewMessage makes the collector.
func NewMessage(l *ledger.Ledger) *Message {
	return &Message{
		ledger: l,
		messages: newMetric(Counter, "postfix_messages_total",
			"Messages accepted into the queue, each once, by how they came; counted when the queue manager takes them.", "origin"),
		recipients: newMetric(Counter, "postfix_recipients_total",
			"Recipients of the messages accepted into the queue, after alias expansion.", "origin"),
		removed: newMetric(Counter, "postfix_queue_removed_total", "Messages that left the queue."),
		expired: newMetric(Counter, "postfix_queue_expired_total",
			"Messages returned to their sender after maximal_queue_lifetime, or by force."),
	}
}

// Name implements Collector.
func (c *Message) Name() string { return "message" }

// Metrics implements Collector.
func (c *Message) Metrics() []*Metric {
	return []*Metric{c.messages, c.recipients, c.removed, c.expired}
}

// Update implements Collector.
func (c *Message) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Message) collect(s *ledger.State) []prometheus.Metric {
	all := []prometheus.Metric{c.removed.sample(float64(s.Removed)), c.expired.sample(float64(s.Expired))}
	for _, origin := range ledger.Origins() {
		n := s.Origins[origin]
		all = append(all, c.messages.sample(float64(n.Messages), origin.String()), c.recipients.sample(float64(n.Recipients), origin.String()))
	}
	return all
}
