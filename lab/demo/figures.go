package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// figures are the few that the screen shows. NaN stands for one that isn't in
// /metrics.
type figures struct {
	queues           []queueRow
	processes, limit float64 // of smtp(8) as a client
	accounts         []accountRow
	origins          []originRow
	failures         []failureRow
}

type queueRow struct {
	name     string
	messages float64
	origins  []originRow // as far as they are known
}

type accountRow struct {
	name                                          string
	messages, recipients, sent, deferred, bounced float64
}

type originRow struct {
	name     string
	messages float64
}

type failureRow struct {
	reason            string
	deferred, bounced float64
}

// families are the metrics by name.
type families map[string]*dto.MetricFamily

// maxMetrics is far more than the exporter ever says.
const maxMetrics = 64 << 20

// figuresOf reads a page of metrics.
func figuresOf(ctx context.Context, url string) (*figures, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	return readFigures(io.LimitReader(response.Body, maxMetrics))
}

// readFigures reads the text format.
func readFigures(r io.Reader) (*figures, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return nil, err
	}
	all := families(parsed)
	client := map[string]string{"service_name": "smtp", "command": "smtp"}
	return &figures{
		queues:    all.queues(),
		processes: all.sum("postfix_processes", client),
		limit:     all.sum("postfix_process_limit", client),
		accounts:  all.accounts(),
		origins:   all.origins("postfix_messages_total", nil),
		failures:  all.failures(),
	}, nil
}

func (all families) queues() []queueRow {
	var rows []queueRow
	names := []string{"incoming", "active", "deferred"} // the others are empty here
	for _, name := range names {
		queue := map[string]string{"queue": name}
		row := queueRow{name: name, messages: all.sum("postfix_queue_messages", queue)}
		row.origins = all.origins("postfix_queue_origin_messages", queue)
		rows = append(rows, row)
	}
	return rows
}

func (all families) accounts() []accountRow {
	rows := map[string]*accountRow{}
	row := func(m *dto.Metric) *accountRow {
		name := label(m, "sasl_username")
		if rows[name] == nil {
			rows[name] = &accountRow{name: name}
		}
		return rows[name]
	}
	all.each("postfix_account_messages_total", nil, func(m *dto.Metric) { row(m).messages += value(m) })
	all.each("postfix_account_recipients_total", nil, func(m *dto.Metric) { row(m).recipients += value(m) })
	all.each("postfix_account_deliveries_total", nil, func(m *dto.Metric) {
		switch label(m, "status") {
		case "sent":
			row(m).sent += value(m)
		case "deferred":
			row(m).deferred += value(m)
		case "bounced":
			row(m).bounced += value(m)
		}
	})
	maps.DeleteFunc(rows, func(_ string, r *accountRow) bool { return *r == accountRow{name: r.name} })
	return loudest(rows, func(r *accountRow) float64 { return r.recipients })
}

func (all families) origins(name string, labels map[string]string) []originRow {
	var rows []originRow
	all.each(name, labels, func(m *dto.Metric) {
		rows = append(rows, originRow{label(m, "origin"), value(m)})
	})
	return rows
}

func (all families) failures() []failureRow {
	rows := map[string]*failureRow{}
	all.each("postfix_delivery_failures_total", nil, func(m *dto.Metric) {
		reason := label(m, "reason")
		if rows[reason] == nil {
			rows[reason] = &failureRow{reason: reason}
		}
		switch label(m, "status") {
		case "deferred":
			rows[reason].deferred += value(m)
		case "bounced":
			rows[reason].bounced += value(m)
		}
	})
	maps.DeleteFunc(rows, func(_ string, r *failureRow) bool { return r.deferred+r.bounced == 0 })
	return loudest(rows, func(r *failureRow) float64 { return r.deferred + r.bounced })
}

// loudest sorts the rows by what they weigh, the heaviest first.
func loudest[T any](rows map[string]*T, weight func(*T) float64) []T {
	var sorted []T
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		sorted = append(sorted, *rows[name])
	}
	slices.SortStableFunc(sorted, func(a, b T) int { return cmp.Compare(weight(&b), weight(&a)) })
	return sorted
}

// sum adds a metric's samples that have these labels; NaN if there is none.
func (all families) sum(name string, labels map[string]string) float64 {
	total := math.NaN()
	all.each(name, labels, func(m *dto.Metric) {
		if math.IsNaN(total) {
			total = 0
		}
		total += value(m)
	})
	return total
}

func (all families) each(name string, labels map[string]string, f func(*dto.Metric)) {
	for _, m := range all[name].GetMetric() {
		matches := true
		for key, want := range labels {
			matches = matches && label(m, key) == want
		}
		if matches {
			f(m)
		}
	}
}

func label(m *dto.Metric, name string) string {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}

// value is a counter's or a gauge's.
func value(m *dto.Metric) float64 {
	return m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
}
