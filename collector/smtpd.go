package collector

import (
	"context"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Smtpd is what smtpd(8) logs. A combination of labels shows once it has
// occurred: all of them would be thousands of zeros. Only the limits, and
// recipients refused as unknown, show from the service's first client on.
type Smtpd struct {
	ledger *ledger.Ledger

	connects, disconnects, lost, commands, sasl, rejects, violations, limits, processLimit *Metric
}

// NewSmtpd makes the collector.
func NewSmtpd(l *ledger.Ledger) *Smtpd {
	return &Smtpd{
		ledger:      l,
		connects:    newMetric(Counter, "postfix_smtpd_connects_total", "Connections to smtpd(8).", "syslog_name"),
		disconnects: newMetric(Counter, "postfix_smtpd_disconnects_total", "Connections to smtpd(8) that ended.", "syslog_name"),
		lost: newMetric(Counter, "postfix_smtpd_connections_lost_total",
			"SMTP sessions that ended early, by how and after which command.", "syslog_name", "kind", "after_stage"),
		commands: newMetric(Counter, "postfix_smtpd_commands_total",
			"SMTP commands of sessions that ended, by result.", "syslog_name", "command", "result"),
		sasl: newMetric(Counter, "postfix_smtpd_sasl_authentication_failures_total",
			"Failed SASL authentications, by registered mechanism and reason.", "syslog_name", "method", "reason"),
		rejects: newMetric(Counter, "postfix_smtpd_rejects_total",
			"Commands refused by smtpd(8), postscreen(8), cleanup(8), a Milter or a before-queue proxy; warn_if_reject does not count.",
			"syslog_name", "stage", "reason", "code"),
		violations: newMetric(Counter, "postfix_smtpd_protocol_violations_total",
			"Breaches of the SMTP protocol seen by smtpd(8).", "syslog_name", "kind"),
		limits: newMetric(Counter, "postfix_smtpd_limit_exceeded_total",
			"Times a client went over a limit that anvil(8) keeps.", "syslog_name", "limit"),
		processLimit: newMetric(Counter, "postfix_process_limit_reached_total",
			"Warnings of master(8) that a service reached its process limit; at most one in 1000 s, and only for services open to the network.",
			"service_name"),
	}
}

// Name implements Collector.
func (c *Smtpd) Name() string { return "smtpd" }

// Metrics implements Collector.
func (c *Smtpd) Metrics() []*Metric {
	return []*Metric{c.connects, c.disconnects, c.lost, c.commands, c.sasl, c.rejects, c.violations, c.limits, c.processLimit}
}

// Update implements Collector.
func (c *Smtpd) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Smtpd) collect(s *ledger.State) (all []prometheus.Metric) {
	add := func(m *Metric, n uint64, labels ...string) {
		if n > 0 {
			all = append(all, m.sample(float64(n), labels...))
		}
	}
	names := s.Names.All()
	for i, name := range names {
		row := &s.Smtpd[i]
		if row.Connects+row.Disconnects > 0 {
			all = append(all, c.connects.sample(float64(row.Connects), name), c.disconnects.sample(float64(row.Disconnects), name))
		}
		for kind := range row.Lost {
			for stage, n := range row.Lost[kind] {
				add(c.lost, n, name, parser.LostKind(kind).String(), parser.Stage(stage).String())
			}
		}
		for verb, n := range row.Commands {
			add(c.commands, n.Accepted, name, parser.Verb(verb).String(), "accepted")
			add(c.commands, n.Rejected, name, parser.Verb(verb).String(), "rejected")
		}
		for method := range row.SASLFailures {
			for reason, n := range row.SASLFailures[method] {
				add(c.sasl, n, name, parser.Mechanism(method).String(), parser.SASLReason(reason).String())
			}
		}
		for kind, n := range row.Violations {
			add(c.violations, n, name, parser.Violation(kind).String())
		}
		for limit, n := range row.Limits {
			if n > 0 || row.Connects > 0 && parser.Limit(limit) != parser.LimitNone {
				all = append(all, c.limits.sample(float64(n), name, parser.Limit(limit).String()))
			}
		}
		unknown := ledger.Reject{Name: uint16(i), Stage: parser.StageRcpt, Reason: parser.RejectUserUnknown, Code: 550}
		if row.Connects > 0 && s.Rejects.Count(unknown) == 0 {
			all = append(all, c.rejects.sample(0, name, unknown.Stage.String(), unknown.Reason.String(), replyCode(unknown.Code)))
		}
	}
	for _, row := range s.Rejects.All() {
		add(c.rejects, row.N, names[row.Key.Name], row.Key.Stage.String(), row.Key.Reason.String(), replyCode(row.Key.Code))
	}
	for i, service := range s.Services.All() {
		add(c.processLimit, s.ProcessLimit[i], service)
	}
	return all
}

func replyCode(code uint32) string {
	if code == 0 {
		return "other"
	}
	return strconv.Itoa(int(code))
}
