package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"postfix_exporter/backtest/pager"
	"postfix_exporter/backtest/replay"
	"postfix_exporter/backtest/score"
	"postfix_exporter/lab/traffic"
)

// tale is what came of a replay.
type tale struct {
	truth   *traffic.Truth // nil where nobody knows it
	leftOut int
	figures func(name string, pairs ...string) (float64, bool)

	told     []pager.Notification
	events   []event
	near     []replay.Near
	from, to time.Time
	stopped  bool
}

// event is an alert that somebody was told of.
type event struct {
	At       time.Time  `json:"at"`
	Receiver string     `json:"receiver"`
	Alert    string     `json:"alert"`
	Who      string     `json:"who"` // empty where it names nobody
	Active   time.Time  `json:"active"`
	Windows  [3]float64 `json:"recipients"` // of the account, local user or domain in 5 min, 1 h and 24 h; -1 where it is none
	Together int        `json:"together"`   // how many alerts are in the notification
}

// isPage says whether the event wakes somebody.
func (e *event) isPage() bool { return e.Receiver == score.PagerName }

// take notes a notification.
func (t *tale) take(n pager.Notification) {
	t.told = append(t.told, n)
	for i := range n.New {
		a := &n.New[i]
		e := event{
			At: n.At, Receiver: n.Receiver, Alert: string(a.Labels[model.AlertNameLabel]), Who: score.Culprit(a), Active: a.Active,
			Windows: [3]float64{-1, -1, -1}, Together: len(n.New),
		}
		for w, window := range []string{"5m", "1h", "24h"} {
			for _, by := range []struct{ metric, label string }{
				{"postfix_account_window_recipients", "sasl_username"},
				{"postfix_local_user_window_recipients", "uid"},
				{"postfix_forward_window_recipients", "domain"},
			} {
				if name := a.Labels[model.LabelName(by.label)]; name != "" {
					e.Windows[w] = 0 // a window's row that is 0 is not there
					if v, ok := t.figures(by.metric, by.label, string(name), "window", window); ok {
						e.Windows[w] = v
					}
				}
			}
		}
		t.events = append(t.events, e)
	}
}

// split gives pages and tickets.
func (t *tale) split() (pages, tickets []event) {
	for _, e := range t.events {
		if e.isPage() {
			pages = append(pages, e)
		} else {
			tickets = append(tickets, e)
		}
	}
	return pages, tickets
}

// quiet gives those near a threshold who were in no page or ticket.
func (t *tale) quiet() []replay.Near {
	told := map[string]bool{"": true}
	for _, e := range t.events {
		told[e.Who] = true
	}
	return slices.DeleteFunc(slices.Clone(t.near), func(n replay.Near) bool {
		// Many are above a floor, or have a share of little: alone these page nobody.
		return told[n.Name()] || strings.Contains(n.Threshold, "floor") || strings.Contains(n.Threshold, "share")
	})
}

func (t *tale) writeJSON(out io.Writer) error {
	result := struct {
		From    time.Time    `json:"from"`
		To      time.Time    `json:"to"`
		Stopped bool         `json:"stopped"`
		Events  []event      `json:"events"`
		Score   *score.Score `json:"score,omitempty"`
	}{From: t.from, To: t.to, Stopped: t.stopped, Events: t.events}
	if t.truth != nil {
		result.Score = score.Of(t.truth, t.told)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(result)
}
