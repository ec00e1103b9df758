package collector

import (
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Sample is one sample of a counter or a gauge. It is client_golang's constant
// metric, but that what it writes is made only where somebody asks for it.
type Sample struct {
	Metric      *Metric
	Value       float64
	LabelValues []string // in the order of Metric.Labels; valid UTF-8
}

// Desc implements prometheus.Metric.
func (s Sample) Desc() *prometheus.Desc { return s.Metric.desc }

// Write implements prometheus.Metric.
func (s Sample) Write(out *dto.Metric) error {
	if s.Metric.Type == Counter {
		out.Counter = &dto.Counter{Value: &s.Value}
	} else {
		out.Gauge = &dto.Gauge{Value: &s.Value}
	}
	out.Label = make([]*dto.LabelPair, len(s.LabelValues))
	for i := range s.LabelValues {
		out.Label[i] = &dto.LabelPair{Name: &s.Metric.Labels[i], Value: &s.LabelValues[i]}
	}
	slices.SortFunc(out.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
	return nil
}
