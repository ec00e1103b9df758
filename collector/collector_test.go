package collector

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// fake is a collector whose Update the test writes.
type fake struct {
	name   string
	metric *Metric
	update func(ctx context.Context, send func(v float64)) error
	calls  atomic.Int32
}

func newFake(name string, update func(ctx context.Context, send func(v float64)) error) *fake {
	return &fake{name: name, metric: newMetric(Gauge, "test_"+name, "For the test."), update: update}
}

func (f *fake) Name() string       { return f.name }
func (f *fake) Metrics() []*Metric { return []*Metric{f.metric} }
func (f *fake) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	f.calls.Add(1)
	return f.update(ctx, func(v float64) { ch <- f.metric.sample(v) })
}

// expect compares what a set gave with an exposition, durations apart.
func expect(t *testing.T, got []prometheus.Metric, want string) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(constant(got))
	names := []string{"postfix_scrape_collector_success", "test_good", "test_bad", "test_hanging"}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

func TestOneFailingCollectorLeavesTheOthersWhole(t *testing.T) {
	good := newFake("good", func(_ context.Context, send func(float64)) error { send(1); return nil })
	bad := newFake("bad", func(_ context.Context, send func(float64)) error {
		send(2)
		return errors.New("no queue; mend: join group postdrop")
	})
	panicking := newFake("panicking", func(context.Context, func(float64)) error { panic("a bug") })
	var logged bytes.Buffer
	set := NewSet(log.NewLogfmtLogger(log.NewSyncWriter(&logged)), good, bad, panicking)
	for range 3 {
		expect(t, set.Update(t.Context()), `
# HELP postfix_scrape_collector_success Whether the collector succeeded in this scrape; the log says why not.
# TYPE postfix_scrape_collector_success gauge
postfix_scrape_collector_success{collector="bad"} 0
postfix_scrape_collector_success{collector="good"} 1
postfix_scrape_collector_success{collector="panicking"} 0
# HELP test_bad For the test.
# TYPE test_bad gauge
test_bad 2
# HELP test_good For the test.
# TYPE test_good gauge
test_good 1
`)
	}
	if n := strings.Count(logged.String(), "join group postdrop"); n != 1 {
		t.Errorf("a lasting failure was logged %d times in three scrapes, want once", n)
	}
	bad.update = func(context.Context, func(float64)) error { return nil }
	set.Update(t.Context())
	if !strings.Contains(logged.String(), `msg="collector works again" collector=bad`) {
		t.Errorf("nothing says that the collector works again: %s", logged.String())
	}
}

func TestACollectorThatWaitsToItsDeadlineIsStillHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waiting := newFake("good", func(ctx context.Context, send func(float64)) error {
			<-ctx.Done()
			send(1)
			return errors.New("showq hangs")
		})
		var logged bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		expect(t, NewSet(log.NewLogfmtLogger(&logged), waiting).Update(ctx), `
# HELP postfix_scrape_collector_success Whether the collector succeeded in this scrape; the log says why not.
# TYPE postfix_scrape_collector_success gauge
postfix_scrape_collector_success{collector="good"} 0
# HELP test_good For the test.
# TYPE test_good gauge
test_good 1
`)
		if ctx.Err() != nil || !strings.Contains(logged.String(), "showq hangs") {
			t.Errorf("not in time, or not in its own words: %v, %s", ctx.Err(), logged.String())
		}
	})
}

func TestAHangingCollectorIsNotWaitedForAndNotCalledTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hanging := newFake("hanging", func(context.Context, func(float64)) error { <-release; return nil })
		good := newFake("good", func(_ context.Context, send func(float64)) error { send(1); return nil })
		set := NewSet(log.NewNopLogger(), hanging, good)
		const want = `
# HELP postfix_scrape_collector_success Whether the collector succeeded in this scrape; the log says why not.
# TYPE postfix_scrape_collector_success gauge
postfix_scrape_collector_success{collector="good"} 1
postfix_scrape_collector_success{collector="hanging"} 0
# HELP test_good For the test.
# TYPE test_good gauge
test_good 1
`
		for range 3 {
			begin := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			expect(t, set.Update(ctx), want)
			cancel()
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("a scrape took %v, its deadline was 3 s", took)
			}
		}
		if n := hanging.calls.Load(); n != 1 {
			t.Errorf("the hanging collector was called %d times", n)
		}
		close(release)
		synctest.Wait()
		set.Update(t.Context())
		if n := hanging.calls.Load(); n != 2 {
			t.Errorf("a collector that came back was called %d times, want 2", n)
		}
	})
}
