package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/pager"
	"postfix_exporter/backtest/replay"
	"postfix_exporter/backtest/score"
	"postfix_exporter/dashboards"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/lab/traffic"
	"postfix_exporter/parser"
)

// set is the logs to score.
type set struct {
	seeds                  []uint64
	days, accounts, rounds int
	quiet                  int // accounts of the log without attacks; 0 for none
	step                   time.Duration
	kinds                  []string
}

// logs gives two logs for each seed: in one the server itself is abused, in the
// other it is what comes from outside. The alerts about the second are silent for two hours
// after the first, since much of it follows from it. No server has both each few hours.
// One more is of ordinary mail only.
func (s *set) logs() (all []traffic.Config) {
	add := func(seed uint64, kinds []string) {
		all = append(all, traffic.Config{Seed: seed, Start: firstDay, Days: s.days, Accounts: s.accounts, Rounds: s.rounds, Kinds: kinds})
	}
	if s.quiet > 0 { // it takes longest
		all = append(all, traffic.Config{Seed: s.seeds[0], Start: firstDay, Days: s.days, Accounts: s.quiet})
	}
	within := []string{"burst", "botnet", "drip", "dormant", "breakin", "script", "forward", "relay"}
	outside := slices.DeleteFunc(traffic.Kinds(), func(kind string) bool { return slices.Contains(within, kind) })
	for _, seed := range s.seeds {
		if len(s.kinds) > 0 || s.rounds == 0 {
			add(seed, s.kinds)
			continue
		}
		add(seed, within)
		add(seed, outside)
	}
	return all
}

// firstDay is a Thursday.
var firstDay = time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)

// one makes a log and scores what each entrant says of it. The log is never
// written: its lines go to all replays as they are made.
func (s *set) one(ctx context.Context, config traffic.Config, entrants []entrant) (*outcome, error) {
	site := ledger.Site{Domains: traffic.Domains(config.Accounts), DomainsKnown: true, RelayJudged: true}
	for _, n := range traffic.MyNetworks() {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			return nil, err
		}
		site.MyNetworks = append(site.MyNetworks, p)
	}
	told := make([][]pager.Notification, len(entrants))
	replays := make([]*replay.Replay, len(entrants))
	sources := sources{ctx: ctx}
	for n, e := range entrants {
		rules, err := judge.Load(e.rules)
		if err != nil {
			return nil, err
		}
		routes, err := pager.Load(string(dashboards.Alertmanager()))
		if err != nil {
			return nil, err
		}
		r, err := replay.New(replay.Config{
			Rules: rules, Routes: routes, Step: s.step, Site: site, Told: func(note pager.Notification) { told[n] = append(told[n], note) },
		})
		if err != nil {
			return nil, err
		}
		replays[n] = r
		sources.all = append(sources.all, r.Source(firstDay, parser.Options{}))
	}
	truth, err := traffic.Generate(&sources, config)
	for _, r := range replays {
		err = errors.Join(err, r.End())
	}
	if err != nil {
		return nil, err
	}
	o := &outcome{logs: []traffic.Config{config}, scores: make([]*score.Score, len(entrants))}
	for n := range entrants {
		o.scores[n] = score.Of(truth, told[n])
	}
	o.thresholds.add(replays[0], truth)
	return o, nil
}

// outcome is what came of a log, or of several.
type outcome struct {
	logs       []traffic.Config
	scores     []*score.Score // of each entrant
	thresholds thresholds     // of the first
}

// join takes in that of another log.
func (o *outcome) join(more *outcome) {
	o.logs = append(o.logs, more.logs...)
	for e := range o.scores {
		o.scores[e].Add(more.scores[e])
	}
	o.thresholds.join(&more.thresholds)
}

// sources hands each block of lines to several replays.
type sources struct {
	ctx context.Context //nolint:containedctx // Generate takes none
	all []*replay.Source
}

func (s *sources) Write(block []byte) (int, error) {
	for _, source := range s.all {
		if err := source.Fold(s.ctx, block); err != nil {
			return 0, err
		}
	}
	return len(block), nil
}
