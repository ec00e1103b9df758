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

// Theatre is where scenes are played: one Prometheus sees them all, each as a server
// of its own; a scene that changes thresholds has a Prometheus to itself.
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
	var instances []string
	for _, s := range scenes {
		instances = append(instances, s.instances()...)
	}
	shared, err := startWatch(ctx, filepath.Join(dir, "watch"), nil, instances)
	if err != nil {
		return nil, err
	}
	defer shared.Stop()
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
			p := &performance{scene: scene, watch: shared, exporter: t.Exporter, settle: t.Settle, starting: starting, begun: time.Now()}
			if len(scene.Wants) == 0 {
				p.settle = t.Quiet
			}
			results[i] = p.whole(ctx, filepath.Join(dir, scene.Name))
			t.Done(results[i])
		})
	}
	all.Wait()
	return results, errors.Join(ctx.Err(), strays(shared, scenes))
}

// strays is the error of pages about all servers together that no scene wants:
// some scenes' people were taken for one.
func strays(w *watch.Watch, scenes []Scene) error {
	var errs []error
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
	return errors.Join(errs...)
}

// startWatch starts what instances are watched by; each was idle until now.
func startWatch(ctx context.Context, dir string, thresholds map[string]string, instances []string) (*watch.Watch, error) {
	return watch.Start(ctx, dir, watch.Options{
		Rules: dashboards.Rules(), Alertmanager: dashboards.Alertmanager(), Thresholds: thresholds, Idle: instances,
	})
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

// instances are the names of a scene's servers.
func (s Scene) instances() []string {
	names := []string{s.Name}
	for n := 1; n < s.Servers; n++ {
		names = append(names, fmt.Sprintf("%s-%d", s.Name, n+1))
	}
	return names
}
