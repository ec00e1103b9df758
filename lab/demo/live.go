package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"postfix_exporter/dashboards"
	"postfix_exporter/lab"
	"postfix_exporter/lab/watch"
)

// live runs the real thing.
func live(ctx context.Context, binary string) (err error) {
	fmt.Println("Starting a private Postfix and a Dovecot on loopback ...")
	l, err := lab.Start(ctx, lab.Options{})
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := l.Stop(); stopErr != nil {
			err = errors.Join(err, errLeft, stopErr)
		}
	}()
	e, err := watch.StartExporter(ctx, binary, l.Dir, l.Postfix.ConfigDir)
	if err != nil {
		return err
	}
	defer e.Stop()
	p := &pager{missing: watch.Usable()}
	if p.missing == nil {
		fmt.Println("Starting a Prometheus and an Alertmanager ...")
		w, err := watched(ctx, l.Dir, e, p)
		if err != nil {
			return err
		}
		defer w.Stop()
	}

	story := lab.DemoStory()
	var now atomic.Pointer[phase]
	now.Store(quietPhase(story))
	done := make(chan struct{})
	telling, cancel := context.WithCancel(ctx)
	go func() {
		defer close(done)
		l.Tell(telling, story,
			func() { now.Store(attackPhase(story)) },
			func() { now.Store(afterPhase(story)) })
	}()
	err = show(ctx, newScreen(os.Stdout), e, p, now.Load)
	cancel()
	fmt.Println("Ending ...")
	<-done
	if failures := l.Truth.Counts().Failures; len(failures) > 0 {
		fmt.Printf("%d conversations with Postfix failed; the first: %v\n", len(failures), failures[0])
	}
	return err
}

// watched has the exporter watched by all that is shipped, and the pager told.
func watched(ctx context.Context, dir string, e *watch.Process, p *pager) (*watch.Watch, error) {
	const instance = "demo"
	w, err := watch.Start(ctx, filepath.Join(dir, "watch"), watch.Options{
		Rules: dashboards.Rules(), Alertmanager: dashboards.Alertmanager(), Told: p.told, Idle: []string{instance},
	})
	if err != nil {
		return nil, err
	}
	if err := w.Add(ctx, instance, e.URL); err != nil {
		w.Stop()
		return nil, err
	}
	p.lookAt(w.Prometheus.URL)
	return w, nil
}
