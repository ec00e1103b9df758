package collector

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Log is the log itself: what was read of it, what is known to be missing, and
// what the ledger holds of it.
type Log struct {
	ledger *ledger.Ledger
	lag    map[string]func() int64
	now    func() time.Time

	lines, lastLine, lagBytes, lagSeconds, lost, lostBytes, gaps, rotations, restarts, forged, entries, evictions *Metric
}

// NewLog makes the collector. Lag gives, by source, how many bytes of it are
// not read yet; its functions and now may be called from any goroutine.
func NewLog(l *ledger.Ledger, lag map[string]func() int64, now func() time.Time) *Log {
	return &Log{
		ledger: l,
		lag:    lag,
		now:    now,
		lines: newMetric(Counter, "postfix_log_lines_total",
			"Log lines read, by outcome. A line that was too long counts as truncated, and what was read of it under its own outcome too.",
			"source", "outcome"),
		lastLine: newMetric(Gauge, "postfix_log_last_line_timestamp_seconds",
			"The time stamp of the last log line of any program.", "source"),
		lagBytes: newMetric(Gauge, "postfix_log_lag_bytes", "How much of the log is written but not read yet.", "source"),
		lost: newMetric(Counter, "postfix_log_lost_lines_total",
			"Log lines that never came, as far as the log says so; repeated ones were folded into one line.", "source", "cause"),
		lagSeconds: newMetric(Gauge, "postfix_log_lag_seconds",
			"How old the last line read is, while more is written than read; 0 where all is read.", "source"),
		lostBytes: newMetric(Counter, "postfix_log_lost_bytes_total",
			"Bytes of the log that were seen and never read, in the gaps of postfix_log_gaps_total. There may have been more.", "source"),
		gaps: newMetric(Counter, "postfix_log_gaps_total",
			"How often lines may be missing: the log's file was truncated (by logrotate's copytruncate, too, which loses what is written between copy and "+
				"truncation), is gone, or can't be read.",
			"source", "cause"),
		rotations: newMetric(Counter, "postfix_log_rotations_total", "How often another file took the log's name.", "source"),
		restarts:  newMetric(Counter, "postfix_log_source_restarts_total", "How often the program that the lines come from (journalctl) was started anew.", "source"),
		forged: newMetric(Counter, "postfix_log_forged_lines_total",
			"Journal entries that claim to be of Postfix or Dovecot and are of another user or unit. They are not counted otherwise.", "source"),
		entries:   newMetric(Gauge, "postfix_ledger_entries", "Entries in the ledger's tables.", "table"),
		evictions: newMetric(Counter, "postfix_ledger_evictions_total", "Entries that the ledger forgot to make room for others.", "table"),
	}
}

// Name implements Collector.
func (c *Log) Name() string { return "log" }

// Metrics implements Collector.
func (c *Log) Metrics() []*Metric {
	return []*Metric{
		c.lines, c.lastLine, c.lagBytes, c.lagSeconds, c.lost, c.lostBytes, c.gaps, c.rotations, c.restarts, c.forged, c.entries, c.evictions,
	}
}

// Update implements Collector.
func (c *Log) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	return sendState(c.ledger, ch, c.collect)
}

func (c *Log) collect(s *ledger.State) []prometheus.Metric {
	var all []prometheus.Metric
	for _, t := range s.Tables() {
		all = append(all, c.entries.sample(float64(t.Entries), t.Name), c.evictions.sample(float64(t.Evictions), t.Name))
	}
	for i := range s.Sources {
		row := &s.Sources[i]
		if !row.Open() {
			continue
		}
		for outcome, n := range row.Lines {
			all = append(all, c.lines.sample(float64(n), row.Name, parser.Outcome(outcome).String()))
		}
		all = append(all,
			c.lines.sample(float64(row.Shown.Truncated), row.Name, "truncated"),
			c.lost.sample(float64(row.Repeated), row.Name, "repeated"),
			c.lostBytes.sample(float64(row.Shown.LostBytes), row.Name),
			c.gaps.sample(float64(row.Shown.Truncations), row.Name, "truncated"),
			c.gaps.sample(float64(row.Shown.Vanished), row.Name, "vanished"),
			c.gaps.sample(float64(row.Shown.Unreadable), row.Name, "unreadable"),
			c.rotations.sample(float64(row.Shown.Rotations), row.Name),
			c.restarts.sample(float64(row.Shown.Restarts), row.Name),
			c.forged.sample(float64(row.Shown.Forged), row.Name))
		for loss := parser.LossNone + 1; int(loss) < parser.NumLosses; loss++ {
			all = append(all, c.lost.sample(float64(row.Lost[loss]), row.Name, loss.String()))
		}
		if lag := c.lag[row.Name]; lag != nil {
			bytes, seconds := lag(), 0.0
			if bytes > 0 && row.LastLine != 0 {
				seconds = max(0, c.now().Sub(time.Unix(0, row.LastLine)).Seconds())
			}
			all = append(all, c.lagBytes.sample(float64(bytes), row.Name), c.lagSeconds.sample(seconds, row.Name))
		}
		if row.LastLine != 0 {
			all = append(all, c.lastLine.sample(float64(row.LastLine)/1e9, row.Name))
		}
	}
	return all
}
