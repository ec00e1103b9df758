package collector

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// OfInstance is a collector of one of several Postfix instances. All that a Set
// sends for it bears the label instance_name.
type OfInstance struct {
	Collector
	Instance string
}

// instanceOf is the label value of a collector's metrics, "" for none.
func instanceOf(c Collector) string {
	if of, ok := c.(OfInstance); ok {
		return of.Instance
	}
	return ""
}

// withInstance gives a metric the label instance_name; "" adds none.
func withInstance(m prometheus.Metric, instance string) prometheus.Metric {
	if instance == "" {
		return m
	}
	name := "instance_name"
	return ofInstance{m, &dto.LabelPair{Name: &name, Value: &instance}}
}

type ofInstance struct {
	prometheus.Metric
	label *dto.LabelPair
}

// Write writes the metric with its further label.
func (m ofInstance) Write(out *dto.Metric) error {
	if err := m.Metric.Write(out); err != nil {
		return err
	}
	// A new slice: the metric's own is shared.
	out.Label = append(slices.Clone(out.Label), m.label)
	slices.SortFunc(out.Label, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return nil
}
