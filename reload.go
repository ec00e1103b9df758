package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-kit/log/level"
)

// listenForSignals takes SIGHUP, which reloads, and SIGUSR1, which turns debug messages
// on and off, from now on: before anything else, for SIGHUP ends a program that does
// not take it. A signal needs no door on the network.
func listenForSignals() chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGUSR1)
	return signals
}

// obey does what signals ask for until ctx is done.
func (c *serveCommand) obey(ctx context.Context, signals chan os.Signal, h *house, dial *dial) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			if s == syscall.SIGUSR1 {
				level.Info(h.logger).Log("msg", "SIGUSR1: debug messages are turned", "on", dial.turn())
				continue
			}
			if err := h.reload(ctx, c.classes); err != nil {
				level.Error(h.logger).Log("msg", "SIGHUP: what was in use stays in use", "err", err)
				continue
			}
			level.Info(h.logger).Log("msg", "SIGHUP: tables of reasons and providers, and the configuration, are read anew")
		}
	}
}

// reload reads anew what may change while the exporter runs: the tables by which
// failed deliveries are told apart, and the configuration of the instances. The latter,
// certificates and passwords are looked at again by themselves, too; flags, and with
// them limits and names, need a restart, which loses nothing.
func (h *house) reload(ctx context.Context, classes classFlags) error {
	classifier, err := classes.open()
	if err != nil {
		return err
	}
	h.classifier.Store(classifier)
	h.ledger.Reclassify(classifier)
	for _, i := range h.instances {
		if _, err := i.watch.Instance(ctx); err != nil {
			return fmt.Errorf("%s: %w", i.name, err)
		}
	}
	return nil
}
