package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/series"
)

// Near is somebody who came near a threshold, or over it.
type Near struct {
	Threshold string
	Limit     float64
	Who       labels.Labels
	Value     float64
	At        time.Time
}

// Name gives the account, local user, domain or network; empty for the server as
// a whole.
func (n *Near) Name() string {
	for _, label := range []string{"sasl_username", "uid", "domain", "client"} {
		if v := n.Who.Get(label); v != "" {
			return v
		}
	}
	return ""
}

// Thresholds lists those that series are compared with as they stand.
func (r *Replay) Thresholds() []judge.Threshold {
	var all []judge.Threshold
	for _, n := range r.watcher.near {
		all = append(all, n.Threshold)
	}
	return all
}

// near is a threshold under watch.
type near struct {
	judge.Threshold

	watch *series.Watch
}

// nearShare of a threshold is near.
const nearShare = 0.5

func watchThresholds(rules *judge.Rules, window *series.Window) ([]near, error) {
	thresholds, err := rules.Thresholds()
	if err != nil {
		return nil, err
	}
	var all []near
	for _, t := range thresholds {
		w, err := window.Watch(t.Matchers, nearShare*t.Value)
		if err != nil {
			return nil, err
		}
		all = append(all, near{t, w})
	}
	return all, nil
}

// Near lists who came nearest to which threshold, the nearest first.
func (r *Replay) Near() []Near {
	var all []Near
	for _, n := range r.watcher.near {
		for _, p := range n.watch.Peaks() {
			all = append(all, Near{n.Name, n.Value, p.Labels, p.Value, time.UnixMilli(p.At).UTC()})
		}
	}
	slices.SortFunc(all, func(a, b Near) int {
		return cmp.Or(cmp.Compare(b.Value/b.Limit, a.Value/a.Limit), cmp.Compare(a.Threshold, b.Threshold), labels.Compare(a.Who, b.Who))
	})
	return all
}

// Figure gives what a metric of somebody stood at in the last scrape that was
// judged. It is for Told.
func (r *Replay) Figure(name string, pairs ...string) (float64, bool) {
	b := labels.NewBuilder(labels.FromStrings(pairs...))
	b.Set(model.MetricNameLabel, name).Set("job", jobName).Set("instance", instanceName)
	return r.watcher.window.Last(b.Labels())
}
