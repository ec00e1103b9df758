package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/source"
	"postfix_exporter/parser"
	"postfix_exporter/site"
)

// replayCommand folds whole logs and prints the metrics as serving would have
// given them at the last line.
type replayCommand struct {
	name     string
	files    *[]string
	timezone *string
	configs  *[]string
	ledger   ledgerFlags
	names    nameFlags
	classes  classFlags
}

func addReplay(app *kingpin.Application) *replayCommand {
	cmd := app.Command("replay", "Read whole logs as fast as they can be read and print the metrics as they stood at the last line. "+
		"Queue and processes are not in a log, so their metrics are absent.")
	return &replayCommand{
		name:     cmd.FullCommand(),
		timezone: addTimezone(cmd),
		configs: cmd.Flag("postfix.config-directory", "Configuration of the instance that wrote the log, again for several; it tells trusted clients "+
			"(mynetworks) from strangers, and the server's domains from others. Without it, all clients that did not log in are strangers but "+
			"this host's own addresses, and nothing is said of mail that is relayed.").
			PlaceHolder("DIR").Strings(),
		ledger:  addLedgerFlags(cmd),
		names:   addNameFlags(cmd),
		classes: addClassFlags(cmd),
		files:   addLogFiles(cmd),
	}
}

func (c *replayCommand) run(ctx context.Context, io streams) error {
	location, err := loadZone(*c.timezone)
	if err != nil {
		return err
	}
	known, names := site.Unknown(), collector.Names{}
	if len(*c.configs) > 0 {
		instances, err := findInstances(ctx, log.NewNopLogger(), *c.configs)
		if err != nil {
			return err
		}
		known, names.User = site.Of(instances...), userNames() // they are this host's
	}
	classifier, err := c.classes.open()
	if err != nil {
		return &usageError{err}
	}
	if names.Account, err = c.names.open(); err != nil {
		return err
	}
	book, err := ledger.New(c.ledger.limit(ledger.Config{Classifier: classifier}))
	if err != nil {
		return &usageError{err}
	}
	book.Configure(known)
	var reader atomic.Pointer[source.Reader]
	bar := startProgress(io.err, totalSize(*c.files), func() int64 {
		if r := reader.Load(); r != nil {
			return r.BytesRead()
		}
		return 0
	})
	err = readAll(ctx, *c.files, io.in, location, func(name string, p *parser.Parser) func([]byte) {
		return foldAll(book, book.NewSource(sourceName(name), p), func() uint64 { return reader.Load().Truncated() })
	}, func(r *source.Reader) {
		bar.next()
		reader.Store(r)
	})
	bar.stop()
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(onceCollector{collector.NewSet(log.NewNopLogger(), logCollectors(book, names, nil)...)})
	families, err := registry.Gather()
	if err != nil {
		return fmt.Errorf("gathering metrics: %w", err)
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(io.out, family); err != nil {
			return fmt.Errorf("printing metrics: %w", err)
		}
	}
	return nil
}

// sourceName is the label of a source: its path, or "stdin".
func sourceName(file string) string {
	if file == "-" {
		return "stdin"
	}
	return file
}

// foldAll gives the handler that folds all that a reader hands on.
func foldAll(book *ledger.Ledger, src *ledger.Source, truncated func() uint64) func([]byte) {
	counted := uint64(0)
	return func(block []byte) {
		book.Fold(src, block)
		if n := truncated(); n > counted {
			book.FoldBatch(src, ledger.Batch{Facts: ledger.Facts{Truncated: n - counted}})
			counted = n
		}
	}
}

// totalSize adds up the sizes of files; 0 where one has none, such as a pipe.
func totalSize(files []string) (total int64) {
	for _, name := range files {
		info, err := os.Stat(name)
		if name == "-" || err != nil || !info.Mode().IsRegular() {
			return 0
		}
		total += info.Size()
	}
	return total
}

// onceCollector lets a registry gather a set once, without a deadline.
type onceCollector struct{ set *collector.Set }

func (onceCollector) Describe(chan<- *prometheus.Desc) {}

func (c onceCollector) Collect(ch chan<- prometheus.Metric) {
	for _, m := range c.set.Update(context.Background()) {
		ch <- m
	}
}
