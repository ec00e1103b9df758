package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Message is how messages come into the queue and leave it.
type Message struct {
	ledger *ledger.Ledger

	messages, recipients, deliveries, removed, expired *Metric
	relayed, forwarded, handedOver                     *Metric
}

// NewMessage makes the collector.
func NewMessage(l *ledger.Ledger) *Message {
	return &Message{
		ledger: l,
		messages: newMetric(Counter, "postfix_messages_total",
			"Messages accepted into the queue, each once, by how they came; counted when the queue manager takes them.", "origin"),
		recipients: newMetric(Counter, "postfix_recipients_total",
			"Recipients of the messages accepted into the queue, after alias expansion.", "origin"),
		deliveries: newMetric(Counter, "postfix_origin_deliveries_total",
			"Delivery attempts, one per recipient, by how the message came; the hand-over to a content filter is none.", "origin", "status"),
		relayed: newMetric(Counter, "postfix_relayed_recipients_total",
			"Recipients, at their first attempt, of strangers' mail for a domain that is none of the server's. An open relay if above 0. "+
				"Absent where the configuration does not tell strangers from others."),
		forwarded: newMetric(Counter, "postfix_forwarded_recipients_total",
			"Recipients, at their first attempt, that an alias of the server's sent elsewhere."),
		handedOver: newMetric(Counter, "postfix_content_filter_recipients_total",
			"Recipients handed to a content filter. The second pass is the same message."),
		removed: newMetric(Counter, "postfix_queue_removed_total", "Messages that left the queue."),
		expired: newMetric(Counter, "postfix_queue_expired_total",
			"Messages returned to their sender after maximal_queue_lifetime, or by force."),
	}
}

// Name implements Collector.
func (c *Message) Name() string { return "message" }

// Metrics implements Collector.
func (c *Message) Metrics() []*Metric {
	return []*Metric{c.messages, c.recipients, c.deliveries, c.relayed, c.forwarded, c.handedOver, c.removed, c.expired}
}

// Update implements Collector.
func (c *Message) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	judged := c.ledger.RelayJudged()
	return sendState(c.ledger, ch, func(s *ledger.State) []prometheus.Metric {
		all := c.collect(s)
		if judged {
			all = append(all, c.relayed.sample(float64(s.Relayed)))
		}
		return all
	})
}

func (c *Message) collect(s *ledger.State) []prometheus.Metric {
	all := []prometheus.Metric{
		c.removed.sample(float64(s.Removed)), c.expired.sample(float64(s.Expired)),
		c.forwarded.sample(float64(s.Forwarded)), c.handedOver.sample(float64(s.HandedOver)),
	}
	for _, origin := range ledger.Origins() {
		n := s.Origins[origin]
		for i, n := range s.OriginDeliveries[origin] {
			switch status := parser.Status(i); {
			case n > 0, status == parser.StatusSent, status == parser.StatusDeferred, status == parser.StatusBounced:
				all = append(all, c.deliveries.sample(float64(n), origin.String(), status.String()))
			}
		}
		all = append(all, c.messages.sample(float64(n.Messages), origin.String()), c.recipients.sample(float64(n.Recipients), origin.String()))
	}
	return all
}
