package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/source"
	"postfix_exporter/parser"
	"postfix_exporter/site"
)

// house is what one running exporter looks after: the Postfix instances and the
// logs that tell of them.
type house struct {
	logger     log.Logger
	classifier atomic.Pointer[parser.Classifier]

	instances []*instance // none where there is no Postfix
	logs      []string

	state    *stateKeeper
	ledger   *ledger.Ledger
	names    collector.Names
	follower *source.Follower
	lag      map[string]func() int64 // by source, bytes that are not read yet
}

// find looks for the instances and, unless other is true for a log that is no
// file, for their logs, and says what it found. Without an instance the exporter
// can still follow a log that was named.
func (h *house) find(ctx context.Context, configDirs, logs []string, other bool) error {
	found, err := findInstances(ctx, h.logger, configDirs)
	if err != nil {
		if len(configDirs) > 0 || len(logs) == 0 && !other {
			return err
		}
		level.Warn(h.logger).Log("msg", "no Postfix instance: only the log is followed", "err", err)
		h.logs = logs
		return nil
	}
	h.logs = logs
	for n, name := range instanceNames(found) {
		h.instances = append(h.instances, watchInstance(name, found[n], h.classifier.Load, h.queued))
		how := "--log.file"
		if len(logs) == 0 && !other {
			how = h.findLog(found[n])
		}
		level.Info(h.logger).Log(append([]any{"msg", "found Postfix", "log", fmt.Sprint(h.logs), "log_found_by", how},
			found[n].LogValues()...)...)
		for _, problem := range found[n].Problems {
			level.Warn(h.logger).Log("msg", "not everything can be read", "problem", problem)
		}
	}
	return nil
}

// findLog looks for an instance's log, which may be that of others too.
func (h *house) findLog(of *postconf.Instance) (how string) {
	name, how, err := postconf.FindLog(of, postconf.Options{})
	if err != nil {
		level.Error(h.logger).Log("msg", "the log can't be read: until it can, whatever is counted from it stays 0", "err", err)
	}
	if name != "" && !slices.Contains(h.logs, name) {
		h.logs = append(h.logs, name)
	}
	return how
}

// queued is about how many messages are queued, by the log.
func (h *house) queued() (n int) {
	h.ledger.Read(func(s *ledger.State) { n = s.Queued() })
	return n
}

// procPath is where Linux has the process table.
const procPath = "/proc"

// bookkeeping is what a ledger needs here.
func (h *house) bookkeeping() ledger.Config {
	return ledger.Config{Classifier: h.classifier.Load(), Clock: time.Now, Seed: newSeed()}
}

// newSeed makes a seed that nobody can foresee.
func newSeed() ledger.Seed {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return ledger.SeedOf(b)
}

// restore opens the state of the last run.
func (h *house) restore(path string, config ledger.Config) error {
	directory, known := "", site.Unknown()
	if present := h.present(); len(present) > 0 {
		directory, known = present[0].ConfigDirectory, site.Of(present...)
	}
	h.state = &stateKeeper{logger: h.logger, path: path}
	if err := h.state.restore(config, stateOwner(directory)); err != nil {
		return err
	}
	h.ledger = h.state.book
	h.ledger.Configure(known)
	return nil
}

// present are the instances as they were read a moment ago: there is nothing to
// read again.
func (h *house) present() (all []*postconf.Instance) {
	for _, i := range h.instances {
		instance, _ := i.watch.Instance(context.Background())
		all = append(all, instance)
	}
	return all
}

// collectors are all that there are, whether the flags want them or not.
func (h *house) collectors() []collector.Collector {
	all := append(h.logCollectors(), collector.NewState(h.state.figures))
	if len(h.instances) == 0 {
		return all
	}
	for _, i := range h.instances {
		for _, c := range i.collectors(h.names) {
			if len(h.instances) > 1 {
				c = collector.OfInstance{Collector: c, Instance: i.name}
			}
			all = append(all, c)
		}
	}
	return append(all, collector.NewDovecotProcess(procPath))
}

// ready says whether the logs that were there at the start are read, and /metrics
// shows it.
func (h *house) ready() (ok bool, why string) {
	select {
	case <-h.follower.CaughtUp():
	default:
		return false, h.left()
	}
	select {
	case <-h.state.begun:
		return true, "postfix_exporter is ready."
	default:
		return false, "what the log says shows as soon as it is saved"
	}
}

// announce logs how far the reading of existing logs is, until it is done.
func (h *house) announce(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	begun := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.follower.CaughtUp():
			level.Info(h.logger).Log("msg", "ready", "log_read_in", time.Since(begun).Round(time.Millisecond))
			return
		case <-tick.C:
			level.Info(h.logger).Log("msg", h.left())
		}
	}
}
