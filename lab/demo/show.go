package main

import (
	"context"
	"time"

	"postfix_exporter/lab/watch"
)

// show refreshes the screen until the context ends, or the exporter does. A pager
// is shown where there is one.
func show(ctx context.Context, s *screen, e *watch.Process, p *pager, now func() *phase) error {
	defer s.close()
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	begin := time.Now()
	metrics := e.URL + "/metrics"
	for {
		f, err := figuresOf(ctx, metrics)
		if ctx.Err() != nil {
			return nil
		}
		s.draw(view{phase: *now(), pager: p, url: metrics, since: time.Since(begin), figures: f, err: err})
		wait := ticker.C
		if err != nil { // not up yet: look again soon
			wait = time.After(200 * time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.Ended:
			return e.Died()
		case <-wait:
		}
	}
}
