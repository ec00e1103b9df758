package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"postfix_exporter/lab"
	"postfix_exporter/lab/watch"
)

// replay plays a recorded attack to the exporter: the lines are written to a log
// file as they came, with the time of now, and the exporter follows the file.
func replay(ctx context.Context, binary, recording string, why error) (err error) {
	fmt.Printf("No live Postfix: %v.\nPlaying the recorded attack of %s.\n", why, recording)
	dir, err := os.MkdirTemp("", "postfix-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if rmErr := os.RemoveAll(dir); rmErr != nil {
			err = errors.Join(err, errLeft, rmErr)
		}
	}()
	p, err := lab.WriteConfig(filepath.Join(dir, "postfix"))
	if err != nil {
		return err
	}
	in, err := os.Open(recording)
	if err != nil {
		return err
	}
	defer in.Close()
	lines, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%s: %w", recording, err)
	}
	log, err := os.Create(p.LogFile)
	if err != nil {
		return err
	}
	defer log.Close()
	e, err := watch.StartExporter(ctx, binary, dir, p.ConfigDir, "--log.file="+p.LogFile)
	if err != nil {
		return err
	}
	defer e.Stop()

	story := lab.DemoStory()
	var now atomic.Pointer[phase]
	now.Store(quietPhase(story).asRecorded(why))
	attack := time.AfterFunc(story.Quiet, func() { now.Store(attackPhase(story).asRecorded(why)) })
	defer attack.Stop()

	playing, cancel := context.WithCancel(ctx)
	played := make(chan error, 1)
	go func() {
		err := play(playing, lines, log, liveClock{})
		if err == nil {
			now.Store((&phase{now: "It has been played to its end.", look: "The figures stay as they are."}).asRecorded(why))
		}
		played <- err
	}()
	err = show(ctx, newScreen(os.Stdout), e, nil, now.Load)
	cancel()
	if playErr := <-played; playErr != nil && !errors.Is(playErr, context.Canceled) {
		err = errors.Join(err, fmt.Errorf("%s: %w", recording, playErr))
	}
	return err
}
