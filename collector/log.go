package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Log is the log itself: what was read of it, what is known to be missing, and
// what the ledger holds of it.
type Log struct {
	ledger *ledger.Ledger
	lag    map[string]func() int64

	lines, lastLine, lagBytes, lost, entries, evictions *Metric
}

// NewLog makes the collector. Lag gives, by source, how many bytes of it are
// not read yet; its functions may be called from any goroutine.
func NewLog(l *ledger.Ledger, lag map[string]func() int64) *Log {
	return &Log{
		ledger: l,
		lag:    lag,
		lines: newMetric(Counter, "postfix_log_lines_total",
			"Log lines read, by outcome. A line that was too long counts as truncated, and what was read of it under its own outcome too.",
			"source", "outcome"),
		lastLine: newMetric(Gauge, "postfix_log_last_line_timestamp_seconds",
			"The time stamp of the last log line of any program.", "source"),
		lagBytes: newMetric(Gauge, "postfix_log_lag_bytes", "How much of the log is written but not read yet.", "source"),
		lost: newMetric(Counter, "postfix_log_lost_lines_total",
			"Log lines that never came, as far as the log says so; repeated ones were folded into one line.", "source", "cause"),
		entries:   newMetric(Gauge, "postfix_ledger_entries", "Entries in the ledger's tables.", "table"),
		evictions: newMetric(Counter, "postfix_ledger_evictions_total", "Entries that the ledger forgot to make room for others.", "table"),
	}
}

// Name implements Collector.
func (c *Log) Name() string { return "log" }

// Metrics implements Collector.
func (c *Log) Metrics() []*Metric {
	return []*Metric{c.lines, c.lastLine, c.lagBytes, c.lost, c.entries, c.evictions}
}

// Update implements Collector.
func (c *Log) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	for source, bytes := range c.lag {
		ch <- c.lagBytes.sample(float64(bytes()), source)
	}
	return sendState(c.ledger, ch, c.collect)
}

func (c *Log) collect(s *ledger.State) []prometheus.Metric {
	all := []prometheus.Metric{
		c.entries.sample(float64(s.MessageEntries()), "message"),
		c.entries.sample(float64(len(s.Accounts.All())-1), "account"),
		c.entries.sample(float64(len(s.Names.All())-1), "syslog_name"),
		c.evictions.sample(float64(s.MessageEvictions()), "message"),
	}
	for i := range s.Sources {
		row := &s.Sources[i]
		for outcome, n := range row.Lines {
			all = append(all, c.lines.sample(float64(n), row.Name, parser.Outcome(outcome).String()))
		}
		all = append(all,
			c.lines.sample(float64(row.Truncated), row.Name, "truncated"),
			c.lost.sample(float64(row.Repeated), row.Name, "repeated"))
		for loss := parser.LossNone + 1; int(loss) < parser.NumLosses; loss++ {
			all = append(all, c.lost.sample(float64(row.Lost[loss]), row.Name, loss.String()))
		}
		if row.LastLine != 0 {
			all = append(all, c.lastLine.sample(float64(row.LastLine)/1e9, row.Name))
		}
	}
	return all
}
