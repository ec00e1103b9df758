package collector

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
)

// shownClients is how many networks are shown for each event and window.
const shownClients = 10

// Client is who, by network, does what honest clients seldom do.
type Client struct {
	ledger *ledger.Ledger

	events, missed *Metric
}

// NewClient makes the collector.
func NewClient(l *ledger.Ledger) *Client {
	return &Client{
		ledger: l,
		events: newMetric(Gauge, "postfix_client_window_events",
			"What clients of the network (/24 or /48) did within the window that honest ones seldom do; the ten largest networks of each event. relayed are recipients of postfix_relayed_recipients_total. "+
				"It is never above the truth, and below it by postfix_client_window_missed_events at most. "+
				"The window moves on by a sixth of its length.", "client", "event", "window"),
		missed: newMetric(Gauge, "postfix_client_window_missed_events",
			"By how much any one network's events may be above what is shown of it; 0 as long as there are few networks.", "event", "window"),
	}
}

// Name implements Collector.
func (c *Client) Name() string { return "client" }

// Metrics implements Collector.
func (c *Client) Metrics() []*Metric { return []*Metric{c.events, c.missed} }

// Update implements Collector.
func (c *Client) Update(_ context.Context, ch chan<- prometheus.Metric) error {
	var tallies [ledger.NumClientEvents][ledger.NumWindows]ledger.ClientTally
	c.ledger.ReadNow(func(s *ledger.State, now int64) {
		for e := range tallies {
			for w := range tallies[e] {
				tallies[e][w] = s.Clients.Tally(now, ledger.ClientEvent(e), ledger.Window(w))
			}
		}
	})
	for e := range tallies {
		for w := range tallies[e] {
			event, window := ledger.ClientEvent(e).String(), ledger.Window(w).String()
			top, missed := tallies[e][w].Largest(shownClients)
			ch <- c.missed.sample(float64(missed), event, window)
			for _, one := range top {
				ch <- c.events.sample(float64(one.N), one.Client.String(), event, window)
			}
		}
	}
	return nil
}
