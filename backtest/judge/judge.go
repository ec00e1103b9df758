// Package judge evaluates alert rules with Prometheus's own rule engine, at
// times that the caller gives.
package judge

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
)

// lookback is Prometheus's default: how old a sample may be to count as the
// present one.
const lookback = 5 * time.Minute

// resendDelay is Prometheus's default: how often an alert that goes on is sent.
const resendDelay = time.Minute

// Storage is where the rules read, and write what they record.
type Storage interface {
	storage.Queryable
	storage.AppendableV2
	Index
}

// Judge evaluates groups of rules, one after the other as they stand in their
// file. A real Prometheus spreads them over its interval, so that what a group
// reads of another may be older there by a step.
type Judge struct {
	groups []*rules.Group
	first  time.Time // step
	failed func() error
}

// New makes a judge of these rules, which writes to a storage and hands alerts
// to notify.
func New(set *Rules, step time.Duration, store Storage, notify func(at time.Time, alerts []*rules.Alert)) (*Judge, error) {
	j := &Judge{}
	parse := newExprCache()
	engine := promql.NewEngine(promql.EngineOpts{
		Logger: slog.New(slog.DiscardHandler), MaxSamples: 50_000_000, Timeout: time.Hour, LookbackDelta: lookback, Parser: parse,
		EnableAtModifier: true, EnableNegativeOffset: true,
	})
	m := &memo{
		ask: rules.EngineQueryFunc(engine, store), gates: gates{store, set.constants()}, ranges: set.oneInterval(step), parse: parse,
		known: map[string]*remembered{},
	}
	var now time.Time
	var failure error
	manager := rules.NewManager(&rules.ManagerOptions{
		ExternalURL: &url.URL{},
		QueryFunc: func(ctx context.Context, text string, t time.Time) (promql.Vector, error) {
			now = t
			v, err := m.query(ctx, text, t)
			if err != nil && failure == nil {
				failure = err
			}
			return v, err
		},
		NotifyFunc: func(_ context.Context, _ string, alerts ...*rules.Alert) {
			if len(alerts) > 0 {
				notify(now, alerts)
			}
		},
		Context: context.Background(), AppendableV2: store, Queryable: store, Logger: slog.New(slog.DiscardHandler),
		ResendDelay: resendDelay, GroupLoader: loader{set, parse}, RuleDependencyController: noDependencies{}, Parser: parse,
	})
	j.failed = func() error { return failure }
	groups, errs := manager.LoadGroups(step, labels.EmptyLabels(), "", nil, false, rulesName)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	for _, g := range set.groups {
		group := groups[rules.GroupKey(rulesName, g.Name)]
		for _, r := range group.AlertingRules() {
			r.SetRestored(true) // there is no earlier state
		}
		j.groups = append(j.groups, group)
	}
	return j, nil
}

// Eval evaluates the groups whose turn it is.
func (j *Judge) Eval(ctx context.Context, at time.Time) error {
	if j.first.IsZero() {
		j.first = at
	}
	for _, g := range j.groups {
		if at.Sub(j.first)%g.Interval() == 0 {
			g.Eval(ctx, at)
		}
	}
	return j.failed()
}

// noDependencies spares the manager an analysis for concurrent evaluation.
type noDependencies struct{}

func (noDependencies) AnalyseRules([]rules.Rule) {}

var _ parser.Parser = (*exprCache)(nil)
