//go:build live

package replay

import (
	"fmt"
	"maps"
	"net/textproto"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/rules"
	"go.yaml.in/yaml/v2"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/pager"
	"postfix_exporter/dashboards"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/source"
	"postfix_exporter/lab"
	"postfix_exporter/lab/attacks"
	"postfix_exporter/lab/watch"
	"postfix_exporter/site"
)

// liveStep is longer than what a stamp in whole seconds and a busy machine may
// shift a line by.
const liveStep = 5 * time.Second

// fired is when alerts began to fire, by name and what they name.
type fired map[string]time.Time

// TestSameAsLive plays attacks on a real Postfix, which the real exporter and a
// real Prometheus watch, and backtests its log: the same alerts name the same
// culprits, and begin within a step. The steps are those of the real scrapes.
func TestSameAsLive(t *testing.T) {
	t.Parallel() // it mostly waits
	dir := t.TempDir()
	exporter := filepath.Join(dir, "postfix_exporter")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "../..", "-o", exporter, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	l, err := lab.Start(t.Context(), lab.Options{MainCF: lab.NoRetries()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	}()
	w, err := watch.Start(t.Context(), filepath.Join(dir, "watch"), watch.Options{
		Rules: oneGroup(t, dashboards.Rules()), Alertmanager: dashboards.Alertmanager(), Interval: liveStep,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	e, err := watch.StartExporter(t.Context(), exporter, filepath.Join(dir, "exporter"), l.Postfix.ConfigDir)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if err := w.Add(t.Context(), instanceName, e.URL); err != nil {
		t.Fatalf("%v\n%s", err, e.Said())
	}

	var playing sync.WaitGroup
	wants := 0
	for _, name := range []string{"burst", "breakin", "bruteforce"} {
		scene := attacks.Named(name)[0]
		wants += len(scene.Wants)
		playing.Go(func() {
			if err := scene.Play(t.Context(), &attacks.Stage{Lab: l}); err != nil {
				t.Error(err)
			}
		})
	}
	playing.Wait()
	live := fired{}
	for end := time.Now().Add(time.Minute); len(live) < wants && time.Now().Before(end); live = firing(t, w) {
		pass(t, liveStep)
	}
	pass(t, 2*liveStep) // whatever else comes
	last := time.Now()
	touch(t, l) // the log must go on until then
	pass(t, 2*liveStep)
	live = firing(t, w)
	phase := ask(t, w, fmt.Sprintf("timestamp(up{instance=%q})", instanceName))[0].Value

	old := backtested(t, l, time.UnixMilli(int64(phase*1000)))
	t.Logf("live %v, backtest %v", live, old)
	if len(live) < wants {
		t.Errorf("only %d alerts", len(live))
	}
	for what, at := range live {
		if was, ok := old[what]; !ok && at.Before(last.Add(-liveStep)) {
			t.Errorf("the backtest misses %s", what)
		} else if ok && (at.Sub(was) < -liveStep || at.Sub(was) >= 2*liveStep) {
			// The real rules are evaluated up to a step after the scrape that they see.
			t.Errorf("%s fires at %v, in the backtest at %v", what, at, was)
		}
	}
	for what := range old {
		if _, ok := live[what]; !ok {
			t.Errorf("the backtest alone has %s", what)
		}
	}
}

// oneGroup puts all rules into one group, in their order. Prometheus spreads groups
// over its interval, so that a page that one group says of what another has recorded
// may come a step later; a replay evaluates all at once.
func oneGroup(t *testing.T, content []byte) []byte {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []map[string]any
		}
	}
	if err := yaml.UnmarshalStrict(content, &file); err != nil {
		t.Fatal(err)
	}
	first := &file.Groups[0]
	for _, g := range file.Groups[1:] {
		first.Rules = append(first.Rules, g.Rules...)
	}
	file.Groups = file.Groups[:1]
	out, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pass lets real time pass: Prometheus has no other.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	case <-time.After(d):
	}
}

// touch makes the server log a line.
func touch(t *testing.T, l *lab.Lab) {
	t.Helper()
	c, err := textproto.Dial("tcp", l.Postfix.SMTP)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, w *watch.Watch, query string) []watch.Sample {
	t.Helper()
	samples, err := w.Prometheus.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// firing gives what has fired so far, of what a log can tell.
func firing(t *testing.T, w *watch.Watch) fired {
	t.Helper()
	all := fired{}
	for _, s := range ask(t, w, `min_over_time(timestamp(ALERTS{alertstate="firing",alertname!="Watchdog"})[5m:1s])`) {
		delete(s.Labels, "alertstate")
		all[key(s.Labels)] = time.UnixMilli(int64(s.Value * 1000))
	}
	return all
}

// key names an alert.
func key(labels map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if name != model.MetricNameLabel {
			all = append(all, name+"="+labels[name])
		}
	}
	return strings.Join(all, " ")
}

// backtested gives what fires in a replay of the lab's log, with steps as of a
// scrape's time.
func backtested(t *testing.T, l *lab.Lab, scrape time.Time) fired {
	t.Helper()
	instance, err := postconf.Discover(t.Context(), postconf.Options{ConfigDirectory: l.Postfix.ConfigDir})
	if err != nil {
		t.Fatal(err)
	}
	set, routes := shipped(t)
	r, err := New(Config{Rules: set, Routes: routes, Step: liveStep, Site: site.Of(instance), Told: func(pager.Notification) {}})
	if err != nil {
		t.Fatal(err)
	}
	all := fired{}
	r.watcher.judge, err = judge.New(set, liveStep, r.watcher.window, func(_ time.Time, alerts []*rules.Alert) {
		for _, a := range alerts {
			if what := key(a.Labels.Map()); all[what].IsZero() {
				all[what] = a.FiredAt
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	logs, err := Open([]string{l.Postfix.LogFile}, time.Local)
	if err != nil {
		t.Fatal(err)
	}
	r.first = scrape.Add(-scrape.Sub(time.Unix(0, logs[0].first)).Truncate(liveStep))
	r.next = r.first
	if err := r.Read(t.Context(), logs, func(*source.Reader) {}); err != nil {
		t.Fatal(err)
	}
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	return all
}
