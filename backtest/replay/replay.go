// Package replay folds a log in log time and does at each step what exporter,
// Prometheus and Alertmanager would have done.
package replay

import (
	"context"
	"time"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/pager"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// Config says what is replayed, and who judges.
type Config struct {
	Rules  *judge.Rules
	Routes *pager.Config
	Step   time.Duration // of scrapes and evaluations
	Ledger ledger.Config
	Site   ledger.Site
	// Told is called with each notification; the ledger's figures are then those
	// of the last scrape.
	Told func(pager.Notification)
}

// Replay is a log on its way through exporter, rules and Alertmanager. It belongs
// to one goroutine; Told is called by another.
type Replay struct {
	config  Config
	server  *server
	watcher *watcher

	first, next time.Time // steps
	wild        int       // lines in a row that are stamped long after the others
}

// New makes one that has read nothing yet. End must be called in the end.
func New(c Config) (*Replay, error) {
	w, err := newWatcher(&c)
	if err != nil {
		return nil, err
	}
	s, err := newServer(c.Ledger, c.Site, w.window.Wants)
	if err != nil {
		return nil, err
	}
	go w.run()
	return &Replay{config: c, server: s, watcher: w}, nil
}

// End waits until every step is judged. Only then may be asked what came of it.
func (r *Replay) End() error {
	close(r.watcher.steps)
	<-r.watcher.done
	return r.watcher.err
}

// Span gives the first step and the last.
func (r *Replay) Span() (first, last time.Time) { return r.first, r.next.Add(-r.config.Step) }

// Source takes in blocks of whole lines, of one file. The first log begins at
// a time.
func (r *Replay) Source(begin time.Time, options parser.Options) *Source {
	if r.next.IsZero() {
		r.first = begin.UTC().Truncate(r.config.Step).Add(r.config.Step)
		r.next = r.first
	}
	return &Source{r, r.server.ledger.NewSource(sourceName, parser.New(options))}
}

// Source is where lines come from.
type Source struct {
	replay *Replay
	source *ledger.Source
}

// Fold takes in a block of whole lines, and every step up to the last of them.
func (s *Source) Fold(ctx context.Context, block []byte) error {
	r := s.replay
	for len(block) > 0 {
		n, next := r.server.ledger.FoldBatch(s.source, ledger.Batch{Lines: block, Until: r.next.UnixNano()})
		block = block[n:]
		if n > 0 {
			r.wild = 0
		}
		if next == 0 {
			continue
		}
		if next-r.next.UnixNano() > int64(wildGap) && r.wild < wildLines {
			r.wild++
			skip := lineLength(block)
			r.server.ledger.Fold(s.source, block[:skip])
			block = block[skip:]
			continue
		}
		for next > r.next.UnixNano() {
			if err := r.take(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// What is stamped so long after the line before is not waited for at once: any
// local user can log a line from the year 9999. A gap in the log is believed
// after some lines.
const (
	wildGap   = 31 * 24 * time.Hour
	wildLines = 1000
)

// take takes a step: a scrape, which the watcher judges.
func (r *Replay) take(ctx context.Context) error {
	changed, err := r.server.scrape(ctx, r.next)
	if err != nil {
		return err
	}
	select {
	case r.watcher.steps <- step{r.next, changed}:
		r.next = r.next.Add(r.config.Step)
		return nil
	case <-r.watcher.done:
		return r.watcher.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func lineLength(block []byte) int {
	for i, c := range block {
		if c == '\n' {
			return i + 1
		}
	}
	return len(block)
}
