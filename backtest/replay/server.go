package replay

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

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
// of it. It belongs to the goroutine that reads the log.
type server struct {
	ledger     *ledger.Ledger
	now        time.Time // of the scrape
	collectors []collector.Collector
	up         *collector.Metric // what Prometheus itself says of a scrape
	metrics    chan prometheus.Metric
	wanted     map[*collector.Metric]bool
	known      map[string]*row // those of the last scrape
	shown      int64           // counts scrapes
	key        []byte
	changed    []change
}

// row is a series of the last scrape.
type row struct {
	labels labels.Labels
	value  float64
	shown  int64 // the last scrape that showed it

	series *series.Series // belongs to the watcher
}

// change is what a scrape says otherwise than the one before.
type change struct {
	row   *row
	value float64
}

// newServer makes the exporter. Its collectors are those whose metrics are
// wanted.
func newServer(config ledger.Config, site ledger.Site, wants func(name string) bool) (*server, error) {
	s := &server{
		up: &collector.Metric{Name: "up"}, metrics: make(chan prometheus.Metric, 1<<17), wanted: map[*collector.Metric]bool{}, known: map[string]*row{},
	}
	s.wanted[s.up] = wants(s.up.Name)
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
			if wants(m.Name) {
				s.wanted[m] = true
			}
		}
		if len(s.wanted) > before {
			s.collectors = append(s.collectors, c)
		}
	}
	return s, nil
}

// scrape gives what /metrics says at a time, as far as it is not what it said
// the time before.
func (s *server) scrape(ctx context.Context, at time.Time) ([]change, error) {
	s.now = at
	s.shown++
	s.changed = nil
	s.take(collector.Sample{Metric: s.up, Value: 1})
	for _, c := range s.collectors {
		if err := c.Update(ctx, s.metrics); err != nil {
			return nil, fmt.Errorf("collector %s: %w", c.Name(), err)
		}
		for len(s.metrics) > 0 {
			s.take(<-s.metrics)
		}
	}
	s.bury()
	return s.changed, nil
}

// take notes a metric's sample. Histograms are left out: no rule reads them.
func (s *server) take(m prometheus.Metric) {
	sample, ok := m.(collector.Sample)
	if !ok || !s.wanted[sample.Metric] {
		return
	}
	s.key = append(s.key[:0], sample.Metric.Name...)
	for _, value := range sample.LabelValues {
		s.key = append(append(s.key, 0), value...)
	}
	r := s.known[string(s.key)]
	if r == nil {
		r = &row{labels: labelsOf(sample), value: math.NaN()}
		s.known[string(s.key)] = r
	}
	r.shown = s.shown
	if r.value != sample.Value {
		r.value = sample.Value
		s.changed = append(s.changed, change{r, r.value})
	}
}

func labelsOf(sample collector.Sample) labels.Labels {
	b := labels.NewScratchBuilder(len(sample.LabelValues) + 3)
	b.Add(model.MetricNameLabel, sample.Metric.Name)
	b.Add("job", jobName)
	b.Add("instance", instanceName)
	for i, label := range sample.Metric.Labels {
		if sample.LabelValues[i] != "" { // as in a scrape
			b.Add(label, sample.LabelValues[i])
		}
	}
	b.Sort()
	return b.Labels()
}

// bury marks the series that the last scrape showed and this one did not.
func (s *server) bury() {
	for key, r := range s.known {
		if r.shown != s.shown {
			s.changed = append(s.changed, change{r, series.Stale})
			delete(s.known, key)
		}
	}
}
