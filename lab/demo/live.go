package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"postfix_exporter/lab"
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
	e, err := startExporter(ctx, binary, l.Dir, l.Postfix.ConfigDir)
	if err != nil {
		return err
	}
	defer e.stop()

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
	err = show(ctx, newScreen(os.Stdout), e, now.Load)
	cancel()
	fmt.Println("Ending ...")
	<-done
	if failures := l.Truth.Counts().Failures; len(failures) > 0 {
		fmt.Printf("%d conversations with Postfix failed; the first: %v\n", len(failures), failures[0])
	}
	return err
}
