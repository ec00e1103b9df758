package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// sendWindows sends a gauge for every window, which is its last label.
func sendWindows(send func(prometheus.Metric), m *Metric, value func(ledger.Window) uint64, labels ...string) {
	for w := range ledger.Window(ledger.NumWindows) {
		send(m.sample(float64(value(w)), append(labels[:len(labels):len(labels)], w.String())...))
	}
}
