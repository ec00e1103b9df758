package replay

import (
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/util/teststorage"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/pager"
	"postfix_exporter/dashboards"
	"postfix_exporter/lab/traffic"
	"postfix_exporter/parser"
)

// start is when all logs here begin.
var start = time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)

func attackConfig() traffic.Config {
	return traffic.Config{Seed: 5, Start: start, Days: 3, Accounts: 20, Rounds: 1, Kinds: []string{"burst", "script", "bruteforce", "joejob"}}
}

// shipped gives the rules that are shipped, and where Alertmanager sends what they say.
func shipped(t *testing.T) (*judge.Rules, *pager.Config) {
	t.Helper()
	set, err := judge.Load(dashboards.Rules())
	if err != nil {
		t.Fatal(err)
	}
	routes, err := pager.Load(string(dashboards.Alertmanager()))
	if err != nil {
		t.Fatal(err)
	}
	return set, routes
}

// newReplay makes a replay with the shipped rules, which notes what is told.
func newReplay(t *testing.T, told *[]string) *Replay {
	t.Helper()
	set, routes := shipped(t)
	r, err := New(Config{Rules: set, Routes: routes, Step: 2 * time.Minute, Told: func(n pager.Notification) {
		*told = append(*told, fmt.Sprintf("%s %s %v", n.At.UTC().Format(time.DateTime), n.Receiver, n.New))
	}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// generate replays the generator's log.
func generate(t *testing.T, r *Replay, c traffic.Config) {
	t.Helper()
	source := r.Source(start, parser.Options{})
	if _, err := traffic.Generate(writer(func(block []byte) error { return source.Fold(t.Context(), block) }), c); err != nil {
		t.Fatal(err)
	}
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
}

type writer func(block []byte) error

func (w writer) Write(block []byte) (int, error) { return len(block), w(block) }

var _ io.Writer = writer(nil)

func TestSameLogSameAnswer(t *testing.T) {
	t.Parallel()
	var first, second []string
	generate(t, newReplay(t, &first), attackConfig())
	generate(t, newReplay(t, &second), attackConfig())
	if len(first) < 4 {
		t.Errorf("told of %d alerts: %v", len(first), first)
	}
	if !slices.Equal(first, second) {
		t.Errorf("once\n%v\nand once\n%v", first, second)
	}
}

// TestSameAsPrometheus holds that neither the window nor remembered answers
// change what is told: beside them, the same rules are evaluated at each step by
// the bare engine on Prometheus's own database.
func TestSameAsPrometheus(t *testing.T) {
	t.Parallel()
	var told, want []string
	r := newReplay(t, &told)
	bare := &database{Storage: teststorage.New(t)}
	plain := pager.New(r.config.Routes, func(n pager.Notification) {
		want = append(want, fmt.Sprintf("%s %s %v", n.At.UTC().Format(time.DateTime), n.Receiver, n.New))
	})
	other, err := judge.New(r.config.Rules, r.config.Step, bare, plain.Take)
	if err != nil {
		t.Fatal(err)
	}
	first := r.watcher.judge
	r.watcher.judge = evaluators{first, evaluate(func(ctx context.Context, at time.Time) error {
		bare.copy(t, r, at)
		plain.Advance(at)
		return other.Eval(ctx, at)
	})}
	generate(t, r, attackConfig())
	if len(want) < 4 || !slices.Equal(told, want) {
		t.Errorf("told\n%v\nwant\n%v", told, want)
	}
}

type evaluate func(ctx context.Context, at time.Time) error

func (e evaluate) Eval(ctx context.Context, at time.Time) error { return e(ctx, at) }

type evaluators []evaluator

func (e evaluators) Eval(ctx context.Context, at time.Time) error {
	for i := len(e) - 1; i >= 0; i-- { // the last has yet to see what was scraped alone
		if err := e[i].Eval(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// database is Prometheus's, of which no answer is remembered or foreseen.
type database struct {
	storage.Storage
}

func (*database) Changed([]*labels.Matcher, int64, int64) (bool, error) { return true, nil }

func (*database) Any([]*labels.Matcher, int64, int64, func(float64) bool) (bool, error) {
	return true, nil
}

func (*database) Within([]*labels.Matcher, int64, int64) (bool, error) { return true, nil }

// copy takes in what was scraped, and the constants.
func (d *database) copy(t *testing.T, r *Replay, at time.Time) {
	t.Helper()
	app := d.AppenderV2(t.Context())
	put := func(ls labels.Labels, v float64) {
		if _, err := app.Append(0, ls, 0, at.UnixMilli(), v, nil, nil, storage.AppendV2Options{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range r.config.Rules.Constants {
		put(c.Labels, c.Value)
	}
	querier, err := r.watcher.window.Querier(at.UnixMilli(), at.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	for metric := range r.server.wanted {
		set := querier.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, metric.Name))
		for set.Next() {
			samples := set.At().Iterator(nil)
			if samples.Seek(at.UnixMilli()) == chunkenc.ValFloat {
				_, v := samples.At()
				put(set.At().Labels(), v)
			}
		}
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
}
