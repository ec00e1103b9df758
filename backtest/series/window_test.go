package series

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/teststorage"
)

const step = 15_000 // milliseconds

// TestSameAsPrometheus holds that the engine gets the same answers from a window
// as from Prometheus's own database, for series that come, go and stand still.
func TestSameAsPrometheus(t *testing.T) {
	window := NewWindow(map[string]int64{"m": (2 * time.Hour).Milliseconds()}, step)
	database := teststorage.New(t)
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, EnableNegativeOffset: true})
	random := rand.New(rand.NewPCG(1, 2))
	var present [6]bool
	var last [6]float64
	start := int64(1_700_000_000_000 / step * step)
	answers := 0
	for n := range int64(1200) {
		now := start + n*step
		window.Advance(now)
		for i := range present {
			put := put
			if i%2 == 0 {
				put = set
			}
			ls := labels.FromStrings("__name__", "m", "i", string(rune('a'+i)))
			switch was := present[i]; {
			case random.IntN(40) == 0:
				present[i] = !was
				if was {
					put(t, window, database, ls, now, math.Float64frombits(value.StaleNaN))
					continue
				}
			case !was:
				continue
			}
			if !present[i] {
				continue
			}
			if random.IntN(10) == 0 {
				last[i] += float64(random.IntN(4))
			}
			put(t, window, database, ls, now, last[i])
		}
		if n%240 == 239 {
			window.Prune(now)
		}
		for _, q := range []string{
			`m`, `m offset 10m`, `m{i=~"a|b"} unless m offset 7s`, `increase(m[5m])`, `max_over_time(m[1h] offset 30m)`,
			`count_over_time(m[20m])`, `count_over_time(m[2m] offset -1m)`, `sum(changes(m[40m]))`,
		} {
			if n%7 != 0 {
				continue
			}
			got, want := ask(t, engine, window, q, now), ask(t, engine, database, q, now)
			answers += len(want)
			if !slices.Equal(got, want) {
				t.Fatalf("step %d, %s: %v, want %v", n, q, got, want)
			}
		}
	}
	if answers < 1000 {
		t.Fatalf("only %d answers", answers)
	}
}

func put(t *testing.T, window *Window, database storage.AppendableV2, ls labels.Labels, at int64, v float64) {
	t.Helper()
	if err := window.Series(ls).Append(at, v); err != nil {
		t.Fatal(err)
	}
	store(t, database, ls, at, v)
}

func set(t *testing.T, window *Window, database storage.AppendableV2, ls labels.Labels, at int64, v float64) {
	t.Helper()
	window.Series(ls).Set(at, v)
	store(t, database, ls, at, v)
}

func store(t *testing.T, database storage.AppendableV2, ls labels.Labels, at int64, v float64) {
	t.Helper()
	app := database.AppenderV2(t.Context())
	if _, err := app.Append(0, ls, 0, at, v, nil, nil, storage.AppendV2Options{}); err != nil {
		t.Fatal(err)
	}
	if err := app.Commit(); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, engine *promql.Engine, from storage.Queryable, text string, at int64) []string {
	t.Helper()
	q, err := engine.NewInstantQuery(context.Background(), from, nil, text, time.UnixMilli(at))
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	v, err := q.Exec(t.Context()).Vector()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range v {
		all = append(all, s.String())
	}
	slices.Sort(all)
	return all
}

func TestChanged(t *testing.T) {
	w := NewWindow(map[string]int64{"m": 1000 * step}, step)
	ls := labels.FromStrings("__name__", "m")
	is := []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "m")}
	for _, one := range []struct {
		t int64
		v float64
	}{{1, 5}, {2, 5}, {3, 5}, {4, 6}, {5, 6}, {6, math.Float64frombits(value.StaleNaN)}} {
		if err := w.Series(ls).Append(one.t*step, one.v); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		from, to int64
		want     bool
	}{{0, 0, false}, {0, 1, true}, {2, 3, false}, {2, 4, true}, {4, 4, true}, {5, 5, false}, {5, 6, true}, {7, 9, false}} {
		if got, err := w.Changed(is, c.from*step, c.to*step); err != nil || got != c.want {
			t.Errorf("from %d to %d: %t, %v", c.from, c.to, got, err)
		}
	}
}

func TestPruneForgets(t *testing.T) {
	w := NewWindow(map[string]int64{"m": 100 * step}, step)
	for i := range int64(1000) {
		s := w.Series(labels.FromStrings("__name__", "m", "i", string(rune('a'+i%1000))))
		for n, v := range []float64{1, 2, math.Float64frombits(value.StaleNaN)} {
			if err := s.Append((i+int64(n))*step, v); err != nil {
				t.Fatal(err)
			}
		}
		w.Prune(i * step)
		if w.Len() > 110 {
			t.Fatalf("%d series are kept", w.Len())
		}
	}
	if w.Series(labels.FromStrings("__name__", "other")) != nil {
		t.Error("a series that nobody reads is kept")
	}
}
