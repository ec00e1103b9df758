package collector

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestState(t *testing.T) {
	compareGolden(t, NewState(func() StateFile {
		return StateFile{Saves: 3, Failures: 1, Saved: time.Unix(1795441281, 0), Size: 4096, Took: 5 * time.Millisecond, Foreign: 1}
	}))
}

// What was never written has no time.
func TestStateNeverSaved(t *testing.T) {
	c := NewState(func() StateFile { return StateFile{} })
	samples := make(chan prometheus.Metric, 10)
	if err := c.Update(t.Context(), samples); err != nil || len(samples) != 5 {
		t.Errorf("%d samples, want 5; error %v", len(samples), err)
	}
}
