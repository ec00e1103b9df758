package main

import (
	"context"
	"time"

	"github.com/go-kit/log/level"
)

// breakInsEvery is how often break-ins are looked for.
const breakInsEvery = 5 * time.Second

// tellBreakIns logs each break-in once, with its account named as in the
// metrics.
func (h *house) tellBreakIns(ctx context.Context) {
	tick := time.NewTicker(breakInsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.logBreakIns()
		}
	}
}

func (h *house) logBreakIns() {
	list, more := h.ledger.TakeBreakIns()
	for _, one := range list {
		account := "_other"
		if h.names.Account != nil {
			account = h.names.Account(one.Account)
		}
		level.Info(h.logger).Log("msg", "an account was used from a network new to it, after failed logins from there", "account", account,
			"client", one.Client, "failures", one.Failures, "at", time.Unix(0, one.Time).UTC().Format(time.RFC3339))
	}
	if more > 0 {
		level.Info(h.logger).Log("msg", "there were more such logins than are listed", "more", more)
	}
}
