package main

import (
	"context"
	"time"
)

// show refreshes the screen until the context ends, or the exporter does.
func show(ctx context.Context, s *screen, e *exporter, now func() *phase) error {
	defer s.close()
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	begin := time.Now()
	for {
		f, err := e.figures(ctx)
		if ctx.Err() != nil {
			return nil
		}
		s.draw(view{phase: *now(), url: e.url, since: time.Since(begin), figures: f, err: err})
		wait := ticker.C
		if err != nil { // not up yet: look again soon
			wait = time.After(200 * time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.ended:
			return e.died()
		case <-wait:
		}
	}
}
