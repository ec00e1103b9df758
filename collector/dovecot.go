package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Dovecot is what Dovecot logs of logins. A protocol shows, with all reasons,
// once it has occurred.
type Dovecot struct {
	ledger *ledger.Ledger

	logins, failures *Metric
}

// NewDovecot makes the collector.
func NewDovecot(l *ledger.Ledger) *Dovecot {
	return &Dovecot{
		ledger: l,
		logins: newMetric(Counter, "dovecot_logins_total", "Logins to Dovecot.", "protocol"),
		failures: newMetric(Counter, "dovecot_login_failures_total",
			"Logins that Dovecot refused. Protocol auth is the word of the auth process (auth_verbose=yes), for Postfix and for Dovecot's own "+
				"services alike: a failed IMAP login may count under imap and under auth.",
			"protocol", "reason"),
	}
}

// Name implements Collector.
func (c *Dovecot) Name() string { return "dovecot" }

// Metrics implements Collector.
func (c *Dovecot) Metrics() []*Metric { return []*Metric{c.logins, c.failures} }

// Update implements Collector.
func (c *Dovecot) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Dovecot) collect(s *ledger.State) (all []prometheus.Metric) {
	for i := range s.DovecotFailures {
		logins, failures, protocol := s.DovecotLogins[i], s.DovecotFailures[i], parser.DovecotProtocol(i).String()
		if logins == 0 && failures == [parser.NumDovecotReasons]uint64{} {
			continue
		}
		all = append(all, c.logins.sample(float64(logins), protocol))
		for reason, n := range failures {
			all = append(all, c.failures.sample(float64(n), protocol, parser.DovecotReason(reason).String()))
		}
	}
	return all
}
