package collector

import (
	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// A gauge over a window that says what somebody did is absent where it is 0: of
// hundreds of accounts few write just now, and what isn't there costs nobody
// anything. Gauges can come and go; a counter would seem to begin anew.
const absentAtZero = " Absent where it is 0."

// sendWindows sends what somebody did in each window, which is the last label.
func sendWindows(send func(prometheus.Metric), m *Metric, value func(ledger.Window) uint64, labels ...string) {
	for w := range ledger.Window(ledger.NumWindows) {
		if n := value(w); n > 0 {
			send(m.sample(float64(n), append(labels[:len(labels):len(labels)], w.String())...))
		}
	}
}
