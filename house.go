package main

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/source"
	"postfix_exporter/internal/spool"
	"postfix_exporter/parser"
)

// house is what one running exporter looks after: one Postfix instance and the
// logs that tell of it.
type house struct {
	logger     log.Logger
	classifier *parser.Classifier

	instance *postconf.Watch // nil where there is no Postfix
	logs     []string

	state    *stateKeeper
	ledger   *ledger.Ledger
	follower *source.Follower
	lag      map[string]func() int64 // by source, bytes that are not read yet
	queue    *spool.Queue            // nil where there is no Postfix
}

// find looks for the instance and, unless other is true for a log that is no file,
// for its log, and says what it found. Without an instance the exporter can still
// follow a log that was named.
func (h *house) find(ctx context.Context, configDir string, logs []string, other bool) error {
	options := postconf.Options{ConfigDirectory: configDir}
	instance, err := postconf.Discover(ctx, options)
	if err != nil {
		if configDir != "" || len(logs) == 0 && !other {
			return err
		}
		level.Warn(h.logger).Log("msg", "no Postfix instance: only the log is followed", "err", err)
		h.logs = logs
		return nil
	}
	h.instance = postconf.NewWatch(instance, options)
	h.queue = h.watchQueue(instance.QueueDirectory)
	how := "--log.file"
	if h.logs = logs; len(logs) == 0 && !other {
		name, found, err := postconf.FindLog(instance, options)
		if err != nil {
			level.Error(h.logger).Log("msg", "the log can't be read: until it can, whatever is counted from it stays 0", "err", err)
		}
		if name != "" {
			h.logs, how = []string{name}, found
		}
	}
	level.Info(h.logger).Log(append([]any{"msg", "found Postfix", "log", fmt.Sprint(h.logs), "log_found_by", how},
		instance.LogValues()...)...)
	for _, problem := range instance.Problems {
		level.Warn(h.logger).Log("msg", "not everything can be read", "problem", problem)
	}
	return nil
}

// watchQueue makes the watch over the instance's queue.
func (h *house) watchQueue(directory string) *spool.Queue {
	return spool.NewQueue(spool.Config{
		QueueDirectory: directory,
		Classifier:     h.classifier,
		Site: func(ctx context.Context) spool.Site {
			instance, _ := h.instance.Instance(ctx) // an old configuration tells it as well
			return spool.Site{MailOwner: uint32(instance.MailOwnerUID), MyNetworks: instance.MyNetworks}
		},
		Expected: h.queued,
		Now:      time.Now,
	})
}

// queued is about how many messages are queued, by the log.
func (h *house) queued() (n int) {
	h.ledger.Read(func(s *ledger.State) { n = s.Queued() })
	return n
}

// procPath is where Linux has the process table.
const procPath = "/proc"

func (h *house) networks() []netip.Prefix {
	if h.instance == nil {
		return loopback()
	}
	return h.present().MyNetworks
}

// restore opens the state of the last run.
func (h *house) restore(path string, config ledger.Config) error {
	directory := ""
	if h.instance != nil {
		directory = h.present().ConfigDirectory
	}
	h.state = &stateKeeper{logger: h.logger, path: path}
	if err := h.state.restore(config, stateOwner(directory)); err != nil {
		return err
	}
	h.ledger = h.state.book
	if h.instance != nil {
		h.ledger.Configure(siteOf(h.present()))
	}
	return nil
}

// present is the instance as it was read a moment ago: there is nothing to read again.
func (h *house) present() *postconf.Instance {
	instance, _ := h.instance.Instance(context.Background())
	return instance
}

// collectors are all that there are, whether the flags want them or not.
func (h *house) collectors() []collector.Collector {
	all := append(h.logCollectors(), collector.NewState(h.state.figures))
	if h.instance == nil {
		return all
	}
	return append(all,
		collector.NewUp(procPath, h.instance.Instance),
		collector.NewProcess(procPath, h.instance.Instance),
		collector.NewQueue(h.queue, h.instance.Instance, collector.Names{Account: func(name string) string { return name }, User: userName}))
}

// ready says whether the logs that were there at the start are read.
func (h *house) ready() (ok bool, why string) {
	select {
	case <-h.follower.CaughtUp():
		return true, "postfix_exporter is ready."
	default:
		return false, h.left()
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
