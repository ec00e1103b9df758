// Package watch is what looks at a mail server: the exporter, a real Prometheus
// with the shipped rules, a real Alertmanager with the shipped routes, and a
// webhook in the place of a pager. All of it is on loopback, and looks each second
// where it is not told otherwise.
package watch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say how servers are watched.
type Options struct {
	Rules, Alertmanager []byte // as shipped, see package dashboards

	Thresholds map[string]string  // lines of the rules that are changed, as an admin would: name to number
	Told       func(Notification) // of each page and ticket as it comes; may be nil
	Idle       []string           // instances that do nothing until they are added, and did nothing the day before
	Interval   time.Duration      // of scrapes and evaluations; 0 = 1 s
}

// Watch watches servers.
type Watch struct {
	Prometheus *Prometheus

	dir     string
	alerts  *Process
	webhook *webhook
	idle    *server

	mu      sync.Mutex
	targets map[string]string // addresses by instance
}

// Usable says why there can be no watch here, with the mend, or returns nil.
func Usable() error {
	for _, program := range []string{"prometheus", "promtool", "prometheus-alertmanager"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("watching needs %s (apt-get install prometheus prometheus-alertmanager): %w", program, err)
		}
	}
	return nil
}

// Start starts all of it, with its files in dir. What was started is stopped again
// when something fails. The context bounds the start only.
func Start(ctx context.Context, dir string, o Options) (*Watch, error) {
	if err := errors.Join(Usable(), os.MkdirAll(dir, 0o700)); err != nil {
		return nil, err
	}
	w := &Watch{dir: dir, targets: map[string]string{}}
	if err := w.start(ctx, o); err != nil {
		w.Stop()
		return nil, err
	}
	return w, nil
}

func (w *Watch) start(ctx context.Context, o Options) (err error) {
	if w.webhook, err = startWebhook(ctx, o.Told); err != nil {
		return err
	}
	if w.alerts, err = startAlertmanager(ctx, w.dir, o.Alertmanager, w.webhook.addr); err != nil {
		return err
	}
	rules, err := changedRules(o.Rules, o.Thresholds)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(w.dir, "postfix.rules.yml"), rules, 0o600); err != nil {
		return err
	}
	if err := idleDay(ctx, w.dir, o.Idle, time.Now()); err != nil {
		return err
	}
	if w.idle, err = serve(ctx, http.HandlerFunc(idle)); err != nil {
		return err
	}
	for _, instance := range o.Idle {
		w.targets[instance] = w.idle.addr
	}
	if err := w.writeTargets(); err != nil {
		return err
	}
	w.Prometheus, err = StartPrometheus(ctx, w.dir, w.config(cmp.Or(o.Interval, time.Second)))
	return err
}

func (w *Watch) config(interval time.Duration) string {
	return fmt.Sprintf(`global: {scrape_interval: %[2]v, scrape_timeout: 1s, evaluation_interval: %[2]v}
rule_files: [postfix.rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: [%[1]q]}]}]}
scrape_configs:
- job_name: postfix
  file_sd_configs: [{files: [targets.json], refresh_interval: 1s}]
`, strings.TrimPrefix(w.alerts.URL, "http://"), interval)
}

// Add has the exporter at a URL watched as an instance, and waits until Prometheus
// has read it.
func (w *Watch) Add(ctx context.Context, instance, url string) error {
	w.mu.Lock()
	w.targets[instance] = strings.TrimPrefix(url, "http://")
	err := w.writeTargets()
	w.mu.Unlock()
	if err != nil {
		return err
	}
	// Two: what a counter does is seen from the second on.
	return w.until(ctx, fmt.Sprintf("count_over_time(postfix_exporter_build_info{instance=%q,goversion!=''}[1m]) >= 2", instance))
}

// Remove ends that.
func (w *Watch) Remove(instance string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.targets, instance)
	return w.writeTargets()
}

// Missed says when Prometheus last failed to read one of these instances that it
// reads by now, within the last minute: the zero time, if never. A rule that waits
// begins its wait anew then.
func (w *Watch) Missed(ctx context.Context, instances []string) (time.Time, error) {
	which := fmt.Sprintf("{instance=~%q}", strings.Join(instances, "|"))
	samples, err := w.Prometheus.Query(ctx, fmt.Sprintf("max(max_over_time(timestamp(up%s == 0)[1m:1s]) and (up%[1]s == 1))", which))
	if err != nil || len(samples) == 0 {
		return time.Time{}, err
	}
	return time.UnixMilli(int64(samples[0].Value * 1000)), nil
}

// until waits until a query has an answer.
func (w *Watch) until(ctx context.Context, query string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		samples, err := w.Prometheus.Query(ctx, query)
		if err == nil && len(samples) > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("nothing answers %s: %w", query, ctx.Err()), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// writeTargets writes them anew; Prometheus sees that by itself.
func (w *Watch) writeTargets() error {
	type group struct {
		Targets []string          `json:"targets"`
		Labels  map[string]string `json:"labels"`
	}
	groups := []group{}
	for _, instance := range slices.Sorted(maps.Keys(w.targets)) {
		groups = append(groups, group{[]string{w.targets[instance]}, map[string]string{"instance": instance}})
	}
	text, err := json.Marshal(groups)
	if err != nil {
		return err
	}
	name := filepath.Join(w.dir, "targets.json")
	if err := os.WriteFile(name+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// Notifications are those so far, the dead man's switch among them.
func (w *Watch) Notifications() []Notification { return w.webhook.notifications() }

// Stop ends all of it. It may be called after a failed start.
func (w *Watch) Stop() {
	if w.Prometheus != nil {
		w.Prometheus.Stop()
	}
	if w.alerts != nil {
		w.alerts.Stop()
	}
	if w.webhook != nil {
		w.webhook.stop()
	}
	if w.idle != nil {
		w.idle.stop()
	}
}
