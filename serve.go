package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/signal"
	"sync"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
)

// serveCommand is the exporter's main job, done when no command is named.
type serveCommand struct {
	name  string
	check *bool
	serveFlags
}

// serveFlags are those of the exporter.
type serveFlags struct {
	web        *web.FlagConfig
	path       *string
	logs       followFlags
	configDirs *[]string
	enabled    map[string]*bool
	ledger     ledgerFlags
	names      nameFlags
	classes    classFlags
	log        logFlags
}

func addServe(app *kingpin.Application) *serveCommand {
	cmd := app.Command("serve", "Serve /metrics. This is what happens when no command is named.").Default()
	return &serveCommand{
		name:       cmd.FullCommand(),
		check:      cmd.Flag("config.check", "Read flags and files, say whether the exporter could start, and end.").Bool(),
		serveFlags: addServeFlags(cmd),
	}
}

func addServeFlags(cmd *kingpin.CmdClause) serveFlags {
	return serveFlags{
		configDirs: cmd.Flag("postfix.config-directory",
			"Directory of an instance's main.cf and master.cf; queue, log, limits and networks follow from it. May be repeated. Where not given, "+
				"the instance of this machine, with those that it lists for postmulti(1).").
			PlaceHolder("DIR").Strings(),
		logs:    addFollowFlags(cmd),
		web:     kingpinflag.AddFlags(cmd, "127.0.0.1:9154"),
		path:    cmd.Flag("web.telemetry-path", "Path under which to expose metrics.").Default("/metrics").String(),
		ledger:  addLedgerFlags(cmd),
		names:   addNameFlags(cmd),
		classes: addClassFlags(cmd),
		enabled: addCollectorFlags(cmd),
		log:     addLogFlags(cmd),
	}
}

// stopTimeout is how long scrapes under way may take once the exporter is told
// to stop; then they are cut off.
const stopTimeout = 3 * time.Second

func (c *serveCommand) run(ctx context.Context, io streams) error {
	signals := listenForSignals()
	defer signal.Stop(signals)
	logger, webLogger, dial := c.log.loggers(io.err)
	location, err := loadZone(*c.logs.timezone)
	if err != nil {
		return err
	}
	classifier, err := c.classes.open()
	if err != nil {
		return &usageError{err}
	}
	h := house{logger: logger}
	h.classifier.Store(classifier)
	if err := h.find(ctx, *c.configDirs, *c.logs.files, *c.logs.journal || *c.logs.stdin); err != nil {
		return err
	}
	if h.names.Account, err = c.names.open(); err != nil {
		return err
	}
	h.names.User = userNames()
	if *c.check {
		return c.couldStart(&h)
	}
	if err := h.restore(*c.logs.state, c.ledger.limit(h.bookkeeping())); err != nil {
		return &usageError{err}
	}
	defer h.state.close()
	if err := h.openLogs(c.logs, io.in, location); err != nil {
		return &usageError{err}
	}
	set := collector.NewSet(logger, c.choose(h.collectors())...)
	page, err := newPage(*c.path, collector.NewHandler(set, selfMetrics()), h.ready)
	if err != nil {
		return err
	}

	// It ends with ctx: a scrape that waits for the first scan of the queue would
	// hold up the stop.
	reading, stopReading := context.WithCancel(ctx)
	var readers sync.WaitGroup
	readers.Go(func() { _ = h.follower.Run(reading) }) // its only end is that of the context
	readers.Go(func() { h.state.run(reading) })
	readers.Go(func() { h.announce(reading) })
	if len(h.instances) > 0 {
		readers.Go(func() { h.keepSite(reading) })
	}
	readers.Go(func() { h.tellBreakIns(reading) })
	readers.Go(func() { c.obey(reading, signals, &h, dial) })
	if *c.enabled["queue"] {
		for _, i := range h.instances {
			readers.Go(func() { i.queue.Run(reading) })
		}
	}
	defer readers.Wait()
	defer stopReading()
	return listen(ctx, newServer(page), c.web, func(s *http.Server) error {
		return web.ListenAndServe(s, c.web, webLogger)
	}, logger)
}

// newServer bounds what one client may hold: an answer takes two minutes at most
// (see collector.Handler) and a minute to be sent.
func newServer(page http.Handler) *http.Server {
	return &http.Server{Handler: page, ReadHeaderTimeout: time.Minute, WriteTimeout: 3 * time.Minute, MaxHeaderBytes: 64 << 10}
}

// couldStart looks at what is read later on, and takes nothing into use.
func (c *serveCommand) couldStart(h *house) error {
	if _, err := ledger.New(c.ledger.limit(h.bookkeeping())); err != nil {
		return &usageError{err}
	}
	if err := web.Validate(*c.web.WebConfigFile); err != nil {
		return &usageError{fmt.Errorf("--web.config.file=%s: %w", *c.web.WebConfigFile, err)}
	}
	level.Info(h.logger).Log("msg", "the configuration is good; \"postfix_exporter doctor\" says what can be read")
	return nil
}

// choose keeps the collectors that the flags leave on.
func (c serveFlags) choose(all []collector.Collector) []collector.Collector {
	var on []collector.Collector
	for _, each := range all {
		if *c.enabled[each.Name()] {
			on = append(on, each)
		}
	}
	return on
}

// listen serves until ctx is done, and then lets scrapes under way finish.
func listen(ctx context.Context, server *http.Server, flags *web.FlagConfig, serve func(*http.Server) error, logger log.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- serve(server) }()
	select {
	case err := <-failed:
		return fmt.Errorf("can't serve on %v: %w; choose another address with --web.listen-address", *flags.WebListenAddresses, err)
	case <-ctx.Done():
	}
	level.Info(logger).Log("msg", "stopping")
	stopping, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		level.Warn(logger).Log("msg", "a request under way is cut off", "after", stopTimeout, "err", errors.Join(err, server.Close()))
	}
	if err := <-failed; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// selfMetrics are the exporter's own: its build, its process, Go's runtime.
func selfMetrics() prometheus.Gatherer {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		versioncollector.NewCollector("postfix_exporter"),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewGoCollector(),
	)
	return registry
}
