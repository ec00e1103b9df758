// Package replay folds a log in log time and does at each step what exporter,
// Prometheus and Alertmanager would have done.
package replay

import (
	"context"
	"time"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/pager"
	"postfix_exporter/backtest/series"
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
// to one goroutine.
type Replay struct {
	config Config
	server *server
	window *series.Window
	judge  evaluator
	pager  *pager.Pager

	near        []near
	first, next time.Time // steps
	wild        int       // lines in a row that are stamped long after the others
}

// evaluator is the rules.
type evaluator interface {
	Eval(ctx context.Context, at time.Time) error
}

// New makes one that has read nothing yet.
func New(c Config) (*Replay, error) {
	keep, err := c.Rules.Keep(c.Step)
	if err != nil {
		return nil, err
	}
	r := &Replay{config: c, window: series.NewWindow(keep), pager: pager.New(c.Routes, c.Told)}
	r.judge, err = judge.New(c.Rules, c.Step, r.window, r.pager.Take)
	if err != nil {
		return nil, err
	}
	if r.server, err = newServer(c.Ledger, c.Site, r.window); err != nil {
		return nil, err
	}
	return r, r.watch()
}

// Span gives the first step and the last.
func (r *Replay) Span() (first, last time.Time) { return r.first, r.next.Add(-r.config.Step) }

// Source takes in blocks of whole lines, of one file. The first log begins at
// a time.
func (r *Replay) Source(begin time.Time, options parser.Options) *Source {
	if r.next.IsZero() {
		r.first = begin.UTC().Truncate(r.config.Step).Add(r.config.Step)
		r.next = r.first
		for _, c := range r.config.Rules.Constants {
			r.window.Constant(c.Labels, r.next.UnixMilli(), r.config.Step.Milliseconds(), c.Value)
		}
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

// take takes a step: what Alertmanager does until then, a scrape, and the rules.
func (r *Replay) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at := r.next
	r.pager.Advance(at)
	if err := r.server.scrape(ctx, at); err != nil {
		return err
	}
	if err := r.judge.Eval(ctx, at); err != nil {
		return err
	}
	r.next = at.Add(r.config.Step)
	if at.Truncate(time.Hour).Equal(at) {
		r.window.Prune(at.UnixMilli())
	}
	return nil
}

func lineLength(block []byte) int {
	for i, c := range block {
		if c == '\n' {
			return i + 1
		}
	}
	return len(block)
}
