package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postfix_exporter/internal/triage"
)

// follow looks at one principal again and again, and ends when it is over: nothing
// sent for as long as the shortest window, and nothing left in the queue but what is
// on hold.
func (c *triageCommand) follow(ctx context.Context, s *scene, p *triage.Principal, io streams) error {
	if p == nil {
		report, err := s.report(ctx, nil)
		if err != nil {
			return err
		}
		if p = report.Principal; p == nil {
			fmt.Fprintln(io.out, "nobody sends: all clear")
			return nil
		}
	}
	fmt.Fprintf(io.out, "%s\n", *p)
	tick := time.NewTicker(max(*c.interval, time.Second))
	defer tick.Stop()
	for {
		s.missing = nil
		report, err := s.report(ctx, p)
		if err != nil {
			return err
		}
		line, over := report.Progress()
		fmt.Fprintf(io.out, "%s  %s\n", time.Now().In(s.location).Format("15:04:05"), line)
		if over {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("stopped before it was over")
		case <-tick.C:
		}
	}
}
