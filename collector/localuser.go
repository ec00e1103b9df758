package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// LocalUser is what each local uid submits by sendmail(1): web scripts, cron.
type LocalUser struct {
	ledger *ledger.Ledger
	names  Names

	messages, recipients, failed *Metric
}

// NewLocalUser makes the collector.
func NewLocalUser(l *ledger.Ledger, names Names) *LocalUser {
	return &LocalUser{
		ledger: l,
		names:  names,
		messages: newMetric(Counter, "postfix_local_user_messages_total",
			"Messages submitted by the local user, each once. The loudest have series of their own; _other sums the rest.", "uid", "user"),
		recipients: newMetric(Gauge, "postfix_local_user_window_recipients",
			"Recipients of the local user's messages accepted within the window."+absentAtZero, "uid", "user", "window"),
		failed: newMetric(Gauge, "postfix_local_user_window_failed_recipients",
			"Recipients of the local user that failed for good within the window: bounced or expired."+absentAtZero, "uid", "user", "window"),
	}
}

// Name implements Collector.
func (c *LocalUser) Name() string { return "localuser" }

// Metrics implements Collector.
func (c *LocalUser) Metrics() []*Metric { return []*Metric{c.messages, c.recipients, c.failed} }

// Update implements Collector.
func (c *LocalUser) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	var shown []ledger.Principal
	var other ledger.Principal
	c.ledger.ReadNow(func(s *ledger.State, now int64) { shown, other = s.LocalUsers.Shown(now) })
	send := func(m prometheus.Metric) { ch <- m }
	one := func(p *ledger.Principal, user string) {
		send(c.messages.sample(float64(p.Messages), p.Name, user))
		sendWindows(send, c.recipients, func(w ledger.Window) uint64 { return p.Sums[w][ledger.Recipients] }, p.Name, user)
		sendWindows(send, c.failed, func(w ledger.Window) uint64 { return p.Sums[w][ledger.Failed] }, p.Name, user)
	}
	for i := range shown {
		user := ""
		if c.names.User != nil {
			user = c.names.User(shown[i].Name)
		}
		one(&shown[i], user)
	}
	one(&other, "")
	return nil
}
