package attacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"postfix_exporter/dashboards"
	"postfix_exporter/lab/watch"
)

// Theatre is where scenes are played: under each set of thresholds there is one
// Prometheus, to which every scene is a server of its own.
type Theatre struct {
	Exporter string // the binary
	AtOnce   int    // how many scenes at the same time
	// After an attack is found, how long to look whether more pages come; and for
	// how long nobody may be paged after a look-alike is over.
	Settle, Quiet time.Duration

	Done func(Result) // of each as it ends
}

// startedAtOnce bounds how many servers start at the same time: a start gives up
// after a while.
const startedAtOnce = 2

// Play plays scenes, the longest first, and gives their results in the order in
// which they were given.
func (t *Theatre) Play(ctx context.Context, scenes []Scene) (results []Result, err error) {
	dir, err := os.MkdirTemp("", "postfix-attacks-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	watches, err := t.watches(ctx, dir, scenes)
	defer func() {
		for _, w := range watches {
			w.Stop()
		}
	}()
	if err != nil {
		return nil, err
	}
	results = make([]Result, len(scenes))
	free, starting := make(chan struct{}, t.AtOnce), make(chan struct{}, startedAtOnce)
	var all sync.WaitGroup
	order := make([]int, len(scenes))
	for i := range scenes {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(t.length(scenes[b]), t.length(scenes[a])) })
	for _, i := range order {
		scene := scenes[i]
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			p := &performance{
				scene: scene, watch: watches[thresholds(scene)], exporter: t.Exporter, settle: t.Settle, starting: starting, begun: time.Now(),
			}
			if len(scene.Wants) == 0 {
				p.settle = t.Quiet
			}
			results[i] = p.whole(ctx, filepath.Join(dir, scene.Name))
			t.Done(results[i])
		})
	}
	all.Wait()
	return results, errors.Join(ctx.Err(), strays(watches, scenes))
}

// strays is the error of pages about all servers together that no scene wants:
// some scenes' people were taken for one.
func strays(watches map[string]*watch.Watch, scenes []Scene) error {
	var errs []error
	for _, w := range watches {
		for _, n := range w.Notifications() {
			for _, a := range n.Alerts {
				wanted := slices.ContainsFunc(scenes, func(s Scene) bool {
					return slices.ContainsFunc(s.Wants, func(want Want) bool { return want.names(a) })
				})
				if n.Receiver == "pager" && a.Labels["instance"] == "fleet" && !wanted {
					errs = append(errs, fmt.Errorf("a page that belongs to no scene: %s", a.Text()))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// length is about how long a scene takes.
func (t *Theatre) length(s Scene) time.Duration {
	if len(s.Wants) == 0 {
		return t.Quiet
	}
	longest := time.Duration(0)
	for _, want := range s.Wants {
		longest = max(longest, want.within())
	}
	return longest + t.Settle
}

// thresholds tells which scenes can share a Prometheus.
func thresholds(s Scene) string { return fmt.Sprint(s.Thresholds) }

// watches starts what scenes are watched by. It gives what it started also where
// something fails.
func (t *Theatre) watches(ctx context.Context, dir string, scenes []Scene) (map[string]*watch.Watch, error) {
	options := map[string]watch.Options{}
	for _, s := range scenes {
		o := options[thresholds(s)]
		o.Rules, o.Alertmanager, o.Thresholds = dashboards.Rules(), dashboards.Alertmanager(), s.Thresholds
		o.Idle = append(o.Idle, s.instances()...)
		options[thresholds(s)] = o
	}
	watches := map[string]*watch.Watch{}
	for key, o := range options {
		w, err := watch.Start(ctx, filepath.Join(dir, fmt.Sprintf("watch%d", len(watches))), o)
		if err != nil {
			return watches, err
		}
		watches[key] = w
	}
	return watches, nil
}

// instances are the names of a scene's servers.
func (s Scene) instances() []string {
	names := []string{s.Name}
	for n := 1; n < s.Servers; n++ {
		names = append(names, fmt.Sprintf("%s-%d", s.Name, n+1))
	}
	return names
}
