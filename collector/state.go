package collector

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// StateFile is how the saving of what the exporter knows goes.
type StateFile struct {
	Saves, Failures              uint64
	Saved                        time.Time     // the last time that it succeeded; zero for never
	Size                         int           // in bytes, of the last save
	Took                         time.Duration // the last save
	Damaged, Foreign, Unreadable uint64        // files set aside at the start
}

// State shows a StateFile.
type State struct {
	read func() StateFile

	saves, failures, saved, size, took, discarded *Metric
}

// NewState makes the collector. Read may be called from any goroutine.
func NewState(read func() StateFile) *State {
	return &State{
		read:     read,
		saves:    newMetric(Counter, "postfix_state_saves_total", "How often what the exporter knows was written to its state file."),
		failures: newMetric(Counter, "postfix_state_save_failures_total", "How often it could not be; the log says why. Until it can, a restart forgets what came since."),
		saved:    newMetric(Gauge, "postfix_state_saved_timestamp_seconds", "When it was last written. It is left alone while nothing changes."),
		size:     newMetric(Gauge, "postfix_state_size_bytes", "Size of the state that was last written."),
		took:     newMetric(Gauge, "postfix_state_save_duration_seconds", "How long the last write took, to the disk."),
		discarded: newMetric(Counter, "postfix_state_discarded_total",
			"State files that were set aside at the start, as damaged (or of another version), of another host or instance, or unreadable.", "cause"),
	}
}

// Name implements Collector.
func (c *State) Name() string { return "state" }

// Metrics implements Collector.
func (c *State) Metrics() []*Metric {
	return []*Metric{c.saves, c.failures, c.saved, c.size, c.took, c.discarded}
}

// Update implements Collector.
func (c *State) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	s := c.read()
	ch <- c.saves.sample(float64(s.Saves))
	ch <- c.failures.sample(float64(s.Failures))
	if !s.Saved.IsZero() {
		ch <- c.saved.sample(float64(s.Saved.UnixNano()) / 1e9)
		ch <- c.size.sample(float64(s.Size))
		ch <- c.took.sample(s.Took.Seconds())
	}
	ch <- c.discarded.sample(float64(s.Damaged), "damaged")
	ch <- c.discarded.sample(float64(s.Foreign), "foreign")
	ch <- c.discarded.sample(float64(s.Unreadable), "unreadable")
	return nil
}
