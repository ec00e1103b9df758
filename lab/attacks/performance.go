package attacks

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/watch"
)

// performance is a scene while it is played.
type performance struct {
	scene    Scene
	watch    *watch.Watch
	exporter string
	settle   time.Duration // how long nothing more may come
	starting chan struct{} // holds as many as start their servers
	begun    time.Time
	stage    Stage
	missed   []time.Time // when scrapes failed

	mu      sync.Mutex
	evident time.Time
}

// whole plays the scene from its first process to its last.
func (p *performance) whole(ctx context.Context, dir string) (r Result) {
	if p.scene.Thresholds != nil {
		own, err := startWatch(ctx, filepath.Join(dir, "watch"), p.scene.Thresholds, p.scene.instances())
		if err != nil {
			return Result{Scene: p.scene, Faults: []string{err.Error()}}
		}
		defer own.Stop()
		p.watch = own
	}
	defer func() {
		if err := p.close(); err != nil {
			r.fault("%v", err)
		}
	}()
	if err := p.open(ctx, dir); err != nil {
		return Result{Scene: p.scene, Faults: []string{err.Error()}}
	}
	err := p.play(ctx)
	r = judge(p.scene, p.evidence(), p.missed, p.notifications())
	if err != nil {
		r.fault("%v", err)
	}
	return r
}

// open starts the scene's servers and has them watched.
func (p *performance) open(ctx context.Context, dir string) error {
	for _, instance := range p.scene.instances() {
		p.starting <- struct{}{}
		l, err := lab.Start(ctx, p.scene.Server)
		<-p.starting
		if err != nil {
			return err
		}
		p.stage.All = append(p.stage.All, l)
		e, err := watch.StartExporter(ctx, p.exporter, filepath.Join(dir, instance), l.Postfix.ConfigDir, p.scene.Exporter...)
		if err != nil {
			return err
		}
		p.stage.Exporters = append(p.stage.Exporters, e)
		if err := p.watch.Add(ctx, instance, e.URL); err != nil {
			return fmt.Errorf("%w\n%s", err, e.Said())
		}
	}
	p.stage.Lab = p.stage.All[0]
	p.stage.evident = func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.evident = time.Now()
	}
	p.stage.evident() // until the scene knows better
	return nil
}

func (p *performance) evidence() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.evident
}

// play plays the scene until all is seen that there must be, or it is too late.
func (p *performance) play(ctx context.Context) error {
	playing, end := context.WithCancel(ctx)
	defer end()
	played := make(chan error, 1)
	go func() { played <- p.scene.Play(playing, &p.stage) }()

	var err error
	over := played // nil once it has ended
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	look := time.NewTicker(10 * time.Second)
	defer look.Stop()
	var since time.Time // when all was seen, or the look-alike was over
	for since.IsZero() || time.Since(since) < p.settle {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err = <-over:
			over = nil
			if err != nil {
				return err
			}
		case <-tick.C:
		case <-look.C:
			at, missed := p.watch.Missed(ctx, p.scene.instances())
			if missed != nil {
				return missed
			}
			if n := len(p.missed); !at.IsZero() && (n == 0 || at.After(p.missed[n-1])) {
				p.missed = append(p.missed, at)
			}
		}
		if since.IsZero() && p.seen(over == nil) {
			since = time.Now()
		}
	}
	end()
	if over != nil {
		err = <-played
	}
	return err
}

// seen says whether there is nothing more to wait for but what should not come.
func (p *performance) seen(over bool) bool {
	if len(p.scene.Wants) == 0 {
		return over
	}
	got, evident := p.notifications(), p.evidence()
	for _, want := range p.scene.Wants {
		_, ok := find(want, evident, got)
		if late := time.Since(want.begins(evident, p.missed, time.Now())) > 2*want.within(); !ok && !late {
			return false
		}
	}
	return true
}

// notifications are those about the scene's servers, or about all servers and its
// culprit.
func (p *performance) notifications() (got []watch.Notification) {
	for _, n := range p.watch.Notifications() {
		if n.Receiver == "deadman" || n.At.Before(p.begun) {
			continue
		}
		if slices.ContainsFunc(n.Alerts, p.concerns) {
			got = append(got, n)
		}
	}
	return got
}

func (p *performance) concerns(a watch.Alert) bool {
	instance := a.Labels["instance"]
	named := slices.ContainsFunc(p.scene.Wants, func(want Want) bool { return want.names(a) })
	return slices.Contains(p.scene.instances(), instance) || instance == "fleet" && named
}

// close ends the scene's processes.
func (p *performance) close() error {
	var errs []error
	for _, instance := range p.scene.instances() {
		errs = append(errs, p.watch.Remove(instance))
	}
	for _, e := range p.stage.Exporters {
		e.Stop()
	}
	for _, l := range p.stage.All {
		errs = append(errs, l.Stop())
	}
	return errors.Join(errs...)
}
