package main

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
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

	ledger *ledger.Ledger
	files  []*source.File // one for each of logs
	queue  *spool.Queue   // nil where there is no Postfix
}

// find looks for the instance and its log, and says what it found. Without an
// instance the exporter can still follow a log that was named.
func (h *house) find(ctx context.Context, configDir string, logs []string) error {
	options := postconf.Options{ConfigDirectory: configDir}
	instance, err := postconf.Discover(ctx, options)
	if err != nil {
		if configDir != "" || len(logs) == 0 {
			return err
		}
		level.Warn(h.logger).Log("msg", "no Postfix instance: only the log is followed", "err", err)
		h.logs = logs
		return nil
	}
	h.instance = postconf.NewWatch(instance, options)
	h.queue = spool.NewQueue(instance.QueueDirectory, h.classifier, time.Now)
	how := "--log.file"
	if h.logs = logs; len(logs) == 0 {
		name, found, err := postconf.FindLog(instance, options)
		if err != nil {
			level.Error(h.logger).Log("msg", "no log is followed: whatever is counted from it stays 0", "err", err)
		} else {
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

// procPath is where Linux has the process table.
const procPath = "/proc"

func (h *house) networks() []netip.Prefix {
	if h.instance == nil {
		return loopback()
	}
	// The instance was read a moment ago: there is nothing to read again.
	instance, _ := h.instance.Instance(context.Background())
	return instance.MyNetworks
}

// openLogs makes a follower for each log.
func (h *house) openLogs(location *time.Location) {
	for _, path := range h.logs {
		src := h.ledger.NewSource(path, parser.New(parser.Options{Reference: time.Now(), Location: location}))
		var file *source.File
		fold := follow(h.ledger, src, func() uint64 { return file.Truncated() })
		file = source.NewFile(source.FileConfig{Path: path, Report: func(err error) {
			if err != nil {
				level.Error(h.logger).Log("msg", "log can't be read", "err", err)
				return
			}
			level.Info(h.logger).Log("msg", "log can be read again", "log", path)
		}}, fold)
		h.files = append(h.files, file)
	}
}

// collectors are all that there are, whether the flags want them or not.
func (h *house) collectors() []collector.Collector {
	lag := map[string]func() int64{}
	for i, f := range h.files {
		lag[h.logs[i]] = f.Lag
	}
	all := logCollectors(h.ledger, lag)
	if h.instance == nil {
		return all
	}
	return append(all,
		collector.NewUp(procPath, h.instance.Instance),
		collector.NewProcess(procPath, h.instance.Instance),
		collector.NewQueue(h.queue))
}

// ready says whether the logs that were there at the start are read.
func (h *house) ready() (ok bool, why string) {
	var left int64
	for _, f := range h.files {
		select {
		case <-f.CaughtUp():
		default:
			left += f.Lag()
			why = fmt.Sprintf("reading the log that was there at the start: %d MB left", left>>20)
		}
	}
	if why != "" {
		return false, why
	}
	return true, "postfix_exporter is ready."
}

// announce logs how far the reading of existing logs is, until it is done.
func (h *house) announce(ctx context.Context) {
	var wait sync.WaitGroup
	done := make(chan struct{})
	for _, f := range h.files {
		wait.Go(func() {
			select {
			case <-f.CaughtUp():
			case <-ctx.Done():
			}
		})
	}
	go func() { wait.Wait(); close(done) }()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	begun := time.Now()
	for {
		select {
		case <-done:
			if ctx.Err() == nil {
				level.Info(h.logger).Log("msg", "ready", "log_read_in", time.Since(begun).Round(time.Millisecond))
			}
			return
		case <-tick.C:
			_, why := h.ready()
			level.Info(h.logger).Log("msg", why)
		}
	}
}
