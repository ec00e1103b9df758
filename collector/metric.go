package collector

import "github.com/prometheus/client_golang/prometheus"

// Type is the kind of a metric as Prometheus knows it.
type Type string

const (
	Counter   Type = "counter"
	Gauge     Type = "gauge"
	Histogram Type = "histogram"
)

// Metric is one row of the metric catalogue. It makes its own samples, so that
// its type and labels stand in one place; docs/metrics.md is made from it.
type Metric struct {
	Name   string
	Type   Type
	Help   string
	Labels []string

	desc *prometheus.Desc
}

func newMetric(t Type, name, help string, labels ...string) *Metric {
	return &Metric{Name: name, Type: t, Help: help, Labels: labels, desc: prometheus.NewDesc(name, help, labels, nil)}
}

// sample makes one sample of a counter or a gauge.
func (m *Metric) sample(v float64, labelValues ...string) prometheus.Metric {
	if len(labelValues) != len(m.Labels) {
		panic(m.Name + ": another number of labels than in its row")
	}
	return Sample{Metric: m, Value: v, LabelValues: labelValues}
}

// histogram makes one sample of a histogram; buckets are cumulative, by upper
// bound, without +Inf.
func (m *Metric) histogram(count uint64, sum float64, buckets map[float64]uint64, labelValues ...string) prometheus.Metric {
	return prometheus.MustNewConstHistogram(m.desc, count, sum, buckets, labelValues...)
}
