package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// Auth is how wide an attack on passwords is.
type Auth struct {
	ledger *ledger.Ledger

	clients, users *Metric
}

// NewAuth makes the collector.
func NewAuth(l *ledger.Ledger) *Auth {
	return &Auth{
		ledger: l,
		clients: newMetric(Gauge, "postfix_auth_failure_window_clients",
			"Distinct client networks (/24 or /48) with failed logins within the window, Dovecot's among them: near exact for dozens, "+
				"within some percent for any number. The window moves on by a sixth of its length.", "window"),
		users: newMetric(Gauge, "postfix_auth_failure_window_users",
			"Distinct user names in failed logins within the window, where the log names them.", "window"),
	}
}

// Name implements Collector.
func (c *Auth) Name() string { return "auth" }

// Metrics implements Collector.
func (c *Auth) Metrics() []*Metric { return []*Metric{c.clients, c.users} }

// Update implements Collector.
func (c *Auth) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	var clients, users [ledger.NumWindows]uint64
	c.ledger.ReadNow(func(s *ledger.State, now int64) {
		for w := range clients {
			clients[w], users[w] = s.Attackers.Count(now, ledger.Window(w))
		}
	})
	for w := range clients { // also where they are 0: they name nobody
		window := ledger.Window(w).String()
		ch <- c.clients.sample(float64(clients[w]), window)
		ch <- c.users.sample(float64(users[w]), window)
	}
	return nil
}
