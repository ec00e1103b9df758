// Postfix_backtest says what the alert rules would have paged, on logs that are
// there already: it replays them through the exporter's own parser and ledger,
// Prometheus's own rule engine, and the grouping and inhibition of an
// Alertmanager's configuration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // --log.timezone works without zone files

	"github.com/alecthomas/kingpin/v2"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"

	"postfix_exporter/backtest/judge"
	"postfix_exporter/backtest/pager"
	"postfix_exporter/backtest/replay"
	"postfix_exporter/lab/traffic"
)

func main() {
	debug.SetGCPercent(400)                          // the heap is some 100 MB, nearly all of it short-lived
	otel.SetTracerProvider(noop.NewTracerProvider()) // the rule engine traces itself, to nobody here
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "postfix_backtest: %v\n", err)
		os.Exit(1)
	}
}

// options are the command line's.
type options struct {
	rules, routes, expect, zone string
	step                        time.Duration
	configs, networks, domains  []string
	logs                        []string
	json                        bool
}

func parse(args []string) (o options, err error) {
	app := kingpin.New("postfix_backtest", "What the alert rules would have paged, when and for whom, on logs that are there already. "+
		"What a log does not hold, queue and processes, is absent: alerts on those can't be tested so.")
	app.HelpFlag.Short('h')
	app.Flag("rules", "Alert rules instead of the shipped ones.").PlaceHolder("FILE").StringVar(&o.rules)
	app.Flag("alertmanager", "Alertmanager's configuration instead of the shipped one; what goes to its receiver \"pager\" is a page.").
		PlaceHolder("FILE").StringVar(&o.routes)
	app.Flag("step", "Interval of scrapes and evaluations.").Default("15s").DurationVar(&o.step)
	app.Flag("postfix.config-directory", "Configuration of the server that wrote the log, again for several instances; it tells trusted clients "+
		"(mynetworks) from strangers, and the server's domains from others. Without it, clients that did not log in are strangers but this "+
		"host's own addresses, and relaying for strangers can't be told.").PlaceHolder("DIR").StringsVar(&o.configs)
	app.Flag("my-networks", "A network of mynetworks, instead of the configuration's (repeatable).").PlaceHolder("CIDR").StringsVar(&o.networks)
	app.Flag("domain", "A domain that the server takes mail for, instead of the configuration's (repeatable). With all of both, relaying for "+
		"strangers is told.").PlaceHolder("NAME").StringsVar(&o.domains)
	app.Flag("log.timezone", "Time zone of log stamps that name none, such as Europe/Berlin or UTC.").Default("Local").StringVar(&o.zone)
	app.Flag("expect", "The truth about a log of lab/traffic: say how good the rules were.").PlaceHolder("FILE").StringVar(&o.expect)
	app.Flag("json", "Print JSON.").BoolVar(&o.json)
	app.Arg("log", "Log files, plain or gzip; a rotated set in any order.").Required().StringsVar(&o.logs)
	app.Terminate(nil)
	_, err = app.Parse(args)
	if err == nil && (o.step < time.Second || o.step > time.Minute) {
		err = errors.New("--step: must be 1s to 1m")
	}
	return o, err
}

// config makes what a replay needs of the command line.
func (o *options) config(ctx context.Context, truth *traffic.Truth, warn func(string)) (c replay.Config, err error) {
	rules, err := textOf(o.rules, shippedRules)
	if err != nil {
		return c, err
	}
	if c.Rules, err = judge.Load(rules); err != nil {
		return c, fmt.Errorf("--rules: %w", err)
	}
	routes, err := textOf(o.routes, shippedRoutes)
	if err != nil {
		return c, err
	}
	if c.Routes, err = pager.Load(string(routes)); err != nil {
		return c, fmt.Errorf("--alertmanager: %w", err)
	}
	c.Step = o.step
	if truth != nil {
		o.networks, o.domains = truth.MyNetworks, truth.Domains
	}
	c.Site, err = o.site(ctx, warn)
	return c, err
}

func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	location, err := time.LoadLocation(o.zone)
	if err != nil {
		return fmt.Errorf("--log.timezone: %w", err)
	}
	truth, err := readTruth(o.expect)
	if err != nil {
		return err
	}
	config, err := o.config(ctx, truth, func(problem string) { fmt.Fprintln(errOut, plain(problem)) })
	if err != nil {
		return err
	}
	logs, err := replay.Open(o.logs, location)
	if err != nil {
		return err
	}
	t := &tale{truth: truth, leftOut: config.Rules.LeftOut}
	config.Told = t.take
	r, err := replay.New(config)
	if err != nil {
		return err
	}
	t.figures = r.Figure
	bar := startProgress(errOut, logs)
	err = r.Read(ctx, logs, bar.next)
	failed := r.End()
	bar.stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if failed != nil {
		return failed
	}
	t.from, t.to = r.Span()
	t.near = r.Near()
	t.stopped = err != nil
	if o.json {
		return t.writeJSON(out)
	}
	t.write(out)
	return nil
}
