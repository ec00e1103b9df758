package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Account is what each authenticated account is responsible for. The names are
// those of accepted messages; a failed login never makes a series.
type Account struct {
	ledger *ledger.Ledger

	messages, recipients, deliveries *Metric
}

// NewAccount makes the collector.
func NewAccount(l *ledger.Ledger) *Account {
	return &Account{
		ledger: l,
		messages: newMetric(Counter, "postfix_account_messages_total",
			"Messages of the account accepted into the queue, each once; _other sums the accounts beyond the limit.", "sasl_username"),
		recipients: newMetric(Counter, "postfix_account_recipients_total",
			"Recipients of the account's messages, after alias expansion.", "sasl_username"),
		deliveries: newMetric(Counter, "postfix_account_deliveries_total",
			"Delivery attempts for the account's messages, one per recipient and attempt; the hand-over to a content filter is none.", "sasl_username", "status"),
	}
}

// Name implements Collector.
func (c *Account) Name() string { return "account" }

// Metrics implements Collector.
func (c *Account) Metrics() []*Metric { return []*Metric{c.messages, c.recipients, c.deliveries} }

// Update implements Collector.
func (c *Account) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Account) collect(s *ledger.State) (all []prometheus.Metric) {
	for _, a := range s.Accounts.All() {
		all = append(all, c.messages.sample(float64(a.Messages), a.Name), c.recipients.sample(float64(a.Recipients), a.Name))
		for i, n := range a.Deliveries {
			switch status := parser.Status(i); {
			case n > 0, status == parser.StatusSent, status == parser.StatusDeferred, status == parser.StatusBounced:
				all = append(all, c.deliveries.sample(float64(n), a.Name, status.String()))
			}
		}
	}
	return all
}
