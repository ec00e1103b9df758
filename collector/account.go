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
	names  Names

	messages, recipients, deliveries *Metric

	sums                     [ledger.NumMeasures]*Metric
	networks, domains, prior *Metric
}

// NewAccount makes the collector.
func NewAccount(l *ledger.Ledger, names Names) *Account {
	window := func(name, help string) *Metric {
		return newMetric(Gauge, "postfix_account_window_"+name, help+absentAtZero, "sasl_username", "window")
	}
	return &Account{
		ledger: l,
		names:  names,
		messages: newMetric(Counter, "postfix_account_messages_total",
			"Messages of the account accepted into the queue, each once. The loudest accounts have series of their own; "+
				"_other sums what accounts did while they had none.", "sasl_username"),
		recipients: newMetric(Counter, "postfix_account_recipients_total",
			"Recipients of the account's messages, after alias expansion.", "sasl_username"),
		deliveries: newMetric(Counter, "postfix_account_deliveries_total",
			"Delivery attempts for the account's messages, one per recipient and attempt; the hand-over to a content filter is none.", "sasl_username", "status"),
		sums: [ledger.NumMeasures]*Metric{
			ledger.Messages: window("messages",
				"Messages of the account accepted within the window; _other is the rest of all accounts."),
			ledger.Recipients: window("recipients", "Recipients of the account's messages accepted within the window."),
			ledger.Failed: window("failed_recipients",
				"Recipients of the account that failed for good within the window: bounced or expired."),
			ledger.Deferred: window("deferred_recipients",
				"Recipients of the account whose first attempt was deferred within the window, as by greylisting or a dead host."),
			ledger.Foreign: window("foreign_sender_messages",
				"Messages of the account within the window with an envelope sender outside its own domain."),
			ledger.Strange: window("new_network_messages",
				"Messages of the account within the window from a /16 (IPv6: /32) in which it had used no network until two days before, "+
					"or less; where the log is known for a day longer. The exporter remembers 64 networks of an account."),
		},
		networks: window("client_networks",
			"Distinct client networks (/24 or /48) with an accepted message of the account within the window, at most 64."),
		domains: window("recipient_domains", "Distinct domains of recipients that the account's messages were tried for within the window, at most 128."),
		prior: window("prior_failures",
			"The most failed logins that a network new to the account had made on it in the hour before its first accepted message within the "+
				"window; where the log names no user on failures, the network's own."),
	}
}

// Name implements Collector.
func (c *Account) Name() string { return "account" }

// Metrics implements Collector.
func (c *Account) Metrics() []*Metric {
	return append([]*Metric{c.messages, c.recipients, c.deliveries, c.networks, c.domains, c.prior}, c.sums[:]...)
}

// Update implements Collector.
func (c *Account) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	var shown []ledger.Principal
	var other ledger.Principal
	c.ledger.ReadNow(func(s *ledger.State, now int64) {
		if c.names.Account == nil {
			other = s.Accounts.Everything(now)
			return
		}
		shown, other = s.Accounts.Shown(now)
	})
	send := func(m prometheus.Metric) { ch <- m }
	for i := range shown {
		c.one(&shown[i], c.names.Account(shown[i].Name), send)
	}
	c.one(&other, ledger.Other, send)
	return nil
}

func (c *Account) one(p *ledger.Principal, label string, send func(prometheus.Metric)) {
	send(c.messages.sample(float64(p.Messages), label))
	send(c.recipients.sample(float64(p.Recipients), label))
	for i, n := range p.Deliveries {
		switch status := parser.Status(i); {
		case n > 0, status == parser.StatusSent, status == parser.StatusDeferred, status == parser.StatusBounced:
			send(c.deliveries.sample(float64(n), label, status.String()))
		}
	}
	for m, metric := range c.sums {
		sendWindows(send, metric, func(w ledger.Window) uint64 { return p.Sums[w][m] }, label)
	}
	sendWindows(send, c.networks, func(w ledger.Window) uint64 { return uint64(p.Networks[w]) }, label)
	sendWindows(send, c.domains, func(w ledger.Window) uint64 { return uint64(p.Domains[w]) }, label)
	sendWindows(send, c.prior, func(w ledger.Window) uint64 { return uint64(p.Prior[w]) }, label)
}
