// Package collector is what Prometheus sees: one small file per concern, each
// turning the state of a lower room into metrics. It states facts; what is too
// much is for the alert rules to say.
package collector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
)

// Collector is one concern: the queue, the processes, smtpd's log lines…
type Collector interface {
	// Name is the label value of the collector's own metrics and part of its
	// flag, --[no-]collector.NAME.
	Name() string
	// Metrics lists all metrics that Update may send.
	Metrics() []*Metric
	// Update sends the metrics as they stand now. It comes back once ctx is
	// done, and what it has sent by then stands. Its error is one line that
	// says what is wrong and how to mend it.
	Update(ctx context.Context, ch chan<- prometheus.Metric) error
}

// Set runs its collectors side by side, each under the scrape's deadline. One
// that fails, panics or overruns leaves the others whole.
type Set struct {
	collectors []Collector
	logger     log.Logger
	duration   *Metric
	success    *Metric

	mu     sync.Mutex
	failed map[Collector]string // the error that was logged last, so that a lasting one is logged once
	busy   map[Collector]bool   // those that still hang in an earlier scrape
}

// NewSet makes a set of collectors. Their names must differ, but for those of
// several instances (OfInstance).
func NewSet(logger log.Logger, collectors ...Collector) *Set {
	return &Set{
		collectors: collectors,
		logger:     logger,
		duration: newMetric(Gauge, "postfix_scrape_collector_duration_seconds",
			"How long the collector took in this scrape.", "collector"),
		success: newMetric(Gauge, "postfix_scrape_collector_success",
			"Whether the collector succeeded in this scrape; the log says why not.", "collector"),
		failed: map[Collector]string{},
		busy:   map[Collector]bool{},
	}
}

// Metrics lists the metrics of the set itself and of all its collectors.
func (s *Set) Metrics() []*Metric {
	all := []*Metric{s.duration, s.success}
	for _, c := range s.collectors {
		all = append(all, c.Metrics()...)
	}
	return all
}

var errBusy = errors.New("still busy with an earlier scrape")

// Update gathers all collectors. When ctx ends it waits no longer: a collector
// that hangs is reported as failed, what it sends later is thrown away, and it
// is not called again before it has come back.
func (s *Set) Update(ctx context.Context) []prometheus.Metric {
	results := make(chan result, len(s.collectors))
	begin := time.Now()
	early, cancel := endEarlier(ctx, begin)
	defer cancel()
	for _, c := range s.collectors {
		go func() { results <- s.run(early, c) }()
	}
	var all []prometheus.Metric
	open := make(map[Collector]bool, len(s.collectors))
	for _, c := range s.collectors {
		open[c] = true
	}
	for len(open) > 0 {
		select {
		case r := <-results:
			delete(open, r.collector)
			all = append(append(all, r.metrics...), s.report(r)...)
		case <-ctx.Done():
			for c := range open {
				all = append(all, s.report(result{
					collector: c, took: time.Since(begin),
					err: fmt.Errorf("no answer before the scrape's deadline: %w", context.Cause(ctx)),
				})...)
			}
			return all
		}
	}
	return all
}

// endEarlier gives a context that ends a little before ctx: a collector that
// waited as long as it might still brings what it has, and its own words for
// what is wrong.
func endEarlier(ctx context.Context, now time.Time) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	left := deadline.Sub(now)
	return context.WithTimeout(ctx, left-min(left/10, 100*time.Millisecond))
}

// result is what one collector gave in one scrape.
type result struct {
	collector Collector
	metrics   []prometheus.Metric
	took      time.Duration
	err       error
}

// run calls one collector and takes in what it sends.
func (s *Set) run(ctx context.Context, c Collector) (r result) {
	r.collector = c
	if !s.claim(c) {
		r.err = errBusy
		return r
	}
	defer s.release(c)
	begin := time.Now()
	ch := make(chan prometheus.Metric, 64)
	done := make(chan error, 1)
	go func() {
		defer close(ch)
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("panic: %v (a bug: please report it)", p)
			}
		}()
		done <- c.Update(ctx, ch)
	}()
	for m := range ch {
		r.metrics = append(r.metrics, withInstance(m, instanceOf(c)))
	}
	r.took, r.err = time.Since(begin), <-done
	return r
}

func (s *Set) claim(c Collector) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[c] {
		return false
	}
	s.busy[c] = true
	return true
}

func (s *Set) release(c Collector) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.busy, c)
}

// report turns a result into the set's own two metrics, and logs a change from
// success to failure or back.
func (s *Set) report(r result) []prometheus.Metric {
	success := 1.0
	text := ""
	if r.err != nil {
		success, text = 0, r.err.Error()
	}
	s.mu.Lock()
	before, changed := s.failed[r.collector], s.failed[r.collector] != text
	s.failed[r.collector] = text
	s.mu.Unlock()
	name, instance := r.collector.Name(), instanceOf(r.collector)
	logger := s.logger
	if instance != "" {
		logger = log.With(logger, "instance_name", instance)
	}
	switch {
	case changed && text != "":
		level.Error(logger).Log("msg", "collector failed", "collector", name, "err", text)
	case changed && before != "":
		level.Info(logger).Log("msg", "collector works again", "collector", name)
	}
	return []prometheus.Metric{
		withInstance(s.duration.sample(r.took.Seconds(), name), instance), withInstance(s.success.sample(success, name), instance),
	}
}
