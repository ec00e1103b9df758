package replay

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"postfix_exporter/backtest/series"
	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
)

// sourceName is the label of the one log that all files are.
const sourceName = "log"

// The labels that Prometheus gives what it scrapes.
const (
	jobName      = "postfix"
	instanceName = "server"
)

// server is the exporter as Prometheus sees it: a ledger, and what /metrics says
// of it.
type server struct {
	ledger     *ledger.Ledger
	now        time.Time // of the scrape
	collectors []collector.Collector
	window     *series.Window
	metrics    chan prometheus.Metric
	wanted     map[*collector.Metric]bool
	known      map[string]*scraped
	shown      int64 // counts scrapes
	key        []byte
}

// scraped is a series and the last scrape that showed it.
type scraped struct {
	series *series.Series
	shown  int64
}

// newServer makes the exporter. Its collectors are those whose metrics the window
// wants.
func newServer(config ledger.Config, site ledger.Site, window *series.Window) (*server, error) {
	s := &server{
		window: window, metrics: make(chan prometheus.Metric, 1<<17), known: map[string]*scraped{},
		wanted: map[*collector.Metric]bool{},
	}
	config.Clock = func() time.Time { return s.now }
	book, err := ledger.New(config)
	if err != nil {
		return nil, err
	}
	book.Configure(site)
	s.ledger = book
	names := collector.Names{Account: collector.PlainNames}
	lag := map[string]func() int64{sourceName: func() int64 { return 0 }}
	for _, c := range []collector.Collector{
		collector.NewSmtpd(book), collector.NewPostscreen(book), collector.NewAnvil(book), collector.NewTLS(book), collector.NewMilter(book),
		collector.NewMessage(book), collector.NewAccount(book, names), collector.NewLocalUser(book, names), collector.NewForward(book),
		collector.NewClient(book), collector.NewAuth(book), collector.NewDelivery(book), collector.NewBounce(book),
		collector.NewDovecot(book), collector.NewLog(book, lag, func() time.Time { return s.now }),
	} {
		before := len(s.wanted)
		for _, m := range c.Metrics() {
			if window.Wants(m.Name) {
				s.wanted[m] = true
			}
		}
		if len(s.wanted) > before {
			s.collectors = append(s.collectors, c)
		}
	}
	return s, nil
}

// scrape appends what /metrics says at a time.
func (s *server) scrape(ctx context.Context, at time.Time) error {
	s.now = at
	s.shown++
	t := at.UnixMilli()
	if err := s.append(t, "up", nil, nil, 1); err != nil {
		return err
	}
	for _, c := range s.collectors {
		if err := c.Update(ctx, s.metrics); err != nil {
			return fmt.Errorf("collector %s: %w", c.Name(), err)
		}
		for len(s.metrics) > 0 {
			if err := s.take(t, <-s.metrics); err != nil {
				return err
			}
		}
	}
	return s.bury(t)
}

// take appends a metric's sample. Histograms are left out: no rule reads them.
func (s *server) take(t int64, m prometheus.Metric) error {
	sample, ok := m.(collector.Sample)
	if !ok || !s.wanted[sample.Metric] {
		return nil
	}
	return s.append(t, sample.Metric.Name, sample.Metric.Labels, sample.LabelValues, sample.Value)
}

func (s *server) append(t int64, name string, labelNames, labelValues []string, v float64) error {
	s.key = append(s.key[:0], name...)
	for _, value := range labelValues {
		s.key = append(append(s.key, 0), value...)
	}
	row := s.known[string(s.key)]
	if row == nil || row.series.Gone() {
		b := labels.NewScratchBuilder(len(labelNames) + 3)
		b.Add(model.MetricNameLabel, name)
		b.Add("job", jobName)
		b.Add("instance", instanceName)
		for i, label := range labelNames {
			if labelValues[i] != "" { // as in a scrape
				b.Add(label, labelValues[i])
			}
		}
		b.Sort()
		one := s.window.Series(b.Labels())
		if one == nil {
			return nil
		}
		row = &scraped{series: one}
		s.known[string(s.key)] = row
	}
	row.shown = s.shown
	return row.series.Append(t, v)
}

// bury marks the series that the last scrape showed and this one did not.
func (s *server) bury(t int64) error {
	for key, row := range s.known {
		switch {
		case row.shown == s.shown-1:
			if err := row.series.Append(t, math.Float64frombits(value.StaleNaN)); err != nil {
				return err
			}
		case row.series.Gone():
			delete(s.known, key)
		}
	}
	return nil
}
