package replay

import (
	"context"
	"time"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/pager"
	"postfix_exporter/backtest/series"
)

// watcher is Prometheus and Alertmanager. It works beside the server: while
// that folds the next step of the log, this one judges the last.
type watcher struct {
	window *series.Window
	judge  evaluator
	pager  *pager.Pager
	near   []near
	pruned time.Time

	constants []judge.Constant // until the first step

	steps chan step
	done  chan struct{}
	err   error // valid once done is closed
}

// evaluator is the rules.
type evaluator interface {
	Eval(ctx context.Context, at time.Time) error
}

// step is a scrape.
type step struct {
	at      time.Time
	changed []change
}

// ahead is how many steps the server may be ahead: some take long.
const ahead = 16

func newWatcher(c *Config) (*watcher, error) {
	keep, err := c.Rules.Keep(c.Step)
	if err != nil {
		return nil, err
	}
	w := &watcher{
		window: series.NewWindow(keep, c.Step.Milliseconds()), pager: pager.New(c.Routes, c.Told),
		constants: c.Rules.Constants, steps: make(chan step, ahead), done: make(chan struct{}),
	}
	if w.near, err = watchThresholds(c.Rules, w.window); err != nil {
		return nil, err
	}
	w.judge, err = judge.New(c.Rules, c.Step, w.window, w.pager.Take)
	return w, err
}

// run takes steps until there are no more, or one fails.
func (w *watcher) run() {
	defer close(w.done)
	for s := range w.steps {
		if w.err = w.take(s); w.err != nil {
			return
		}
	}
}

// take takes a step: what Alertmanager does until then, the scrape, and the
// rules.
func (w *watcher) take(s step) error {
	w.pager.Advance(s.at)
	t := s.at.UnixMilli()
	w.window.Advance(t)
	for _, c := range w.constants {
		if one := w.window.Series(c.Labels); one != nil {
			one.Set(t, c.Value)
		}
	}
	w.constants = nil
	for _, c := range s.changed {
		if c.row.series == nil {
			c.row.series = w.window.Series(c.row.labels)
		}
		c.row.series.Set(t, c.value)
	}
	if err := w.judge.Eval(context.Background(), s.at); err != nil {
		return err
	}
	if s.at.Sub(w.pruned) >= time.Hour {
		w.window.Prune(t)
		w.pruned = s.at
	}
	return nil
}
