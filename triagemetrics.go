package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/triage"
)

const (
	// askTimeout is how long the exporter may take: triage answers within two seconds.
	askTimeout = time.Second
	maxMetrics = 64 << 20 // bytes
)

// openClient makes the client that a file describes; the name is empty for none.
func openClient(name string) (*http.Client, error) {
	if name == "" {
		return http.DefaultClient, nil
	}
	settings, _, err := config.LoadHTTPConfigFile(name)
	if err != nil {
		return nil, err
	}
	return config.NewClientFromConfig(*settings, "triage")
}

// askExporter gets the metrics of a running exporter.
func askExporter(ctx context.Context, client *http.Client, url string) (map[string]*dto.MetricFamily, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(askTimeout.Seconds()))
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(io.LimitReader(response.Body, maxMetrics))
	if err != nil {
		return nil, fmt.Errorf("%s gives no metrics: %w", url, err)
	}
	if families["postfix_messages_total"] == nil && families["postfix_queue_messages"] == nil {
		return nil, errors.New(url + " is no Postfix exporter that is ready")
	}
	return families, nil
}

// figures are what metrics say of those who send and of those who are refused.
type figures struct {
	candidates map[triage.Principal]*triage.Candidate
	queued     int
	asOf       time.Time
	door       map[netip.Prefix]map[string]float64
}

// readFigures takes the facts out of metrics, whoever made them.
func readFigures(families map[string]*dto.MetricFamily) *figures {
	f := &figures{candidates: map[triage.Principal]*triage.Candidate{}, door: map[netip.Prefix]map[string]float64{}}
	for suffix, measure := range map[string]triage.Measure{
		"recipients": triage.Recipients, "failed_recipients": triage.Failed, "deferred_recipients": triage.Deferred,
		"foreign_sender_messages": triage.ForeignSenders, "client_networks": triage.Networks, "prior_failures": triage.PriorFailures,
	} {
		f.windows(families["postfix_account_window_"+suffix], triage.Account, "sasl_username", measure)
		f.windows(families["postfix_local_user_window_"+suffix], triage.Local, "uid", measure)
		f.windows(families["postfix_forward_window_"+suffix], triage.Forward, "domain", measure)
	}
	for m, label := range eachSample(families["postfix_queue_account_messages"]) {
		f.queue(triage.Principal{Kind: triage.Account, Name: label("sasl_username")}, value(m))
	}
	for m, label := range eachSample(families["postfix_queue_local_user_messages"]) {
		f.queue(triage.Principal{Kind: triage.Local, Name: label("uid"), User: label("user")}, value(m))
	}
	for m, label := range eachSample(families["postfix_queue_origin_messages"]) {
		if label("origin") == "bounce" && value(m) > 0 {
			f.queue(triage.Principal{Kind: triage.Bounces}, value(m))
		}
	}
	for m, label := range eachSample(families["postfix_queue_messages"]) {
		if label("queue") != "corrupt" {
			f.queued += int(value(m))
		}
	}
	for m := range eachSample(families["postfix_log_last_line_timestamp_seconds"]) {
		if at := time.Unix(int64(value(m)), 0); at.After(f.asOf) {
			f.asOf = at
		}
	}
	for m, label := range eachSample(families["postfix_client_window_events"]) {
		if network, err := netip.ParsePrefix(label("client")); err == nil && label("window") == ledger.Window1h.String() {
			if f.door[network] == nil {
				f.door[network] = map[string]float64{}
			}
			f.door[network][label("event")] += value(m)
		}
	}
	return f
}

func (f *figures) windows(family *dto.MetricFamily, kind triage.Kind, name string, measure triage.Measure) {
	for m, label := range eachSample(family) {
		w := slices.IndexFunc([]ledger.Window{ledger.Window5m, ledger.Window1h, ledger.Window24h}, func(w ledger.Window) bool { return w.String() == label("window") })
		if c := f.candidate(triage.Principal{Kind: kind, Name: label(name), User: label("user")}); c != nil && w >= 0 {
			c.Known = true
			c.Figures[w][measure] += value(m)
		}
	}
}

func (f *figures) queue(p triage.Principal, messages float64) {
	if c := f.candidate(p); c != nil {
		c.Queued += int(messages)
	}
}

// candidate gives the row of a principal; the sum of the others has none.
func (f *figures) candidate(p triage.Principal) *triage.Candidate {
	if p.Name == ledger.Other {
		return nil
	}
	c := f.candidates[p]
	if c == nil {
		c = &triage.Candidate{Principal: p}
		f.candidates[p] = c
	}
	return c
}

// unhash gives accounts whose label is a hash their names, as far as these are known.
func (f *figures) unhash(key []byte, names []string) {
	hashed := collector.HashedNames(key)
	for _, name := range names {
		p := triage.Principal{Kind: triage.Account, Name: hashed(name)}
		if c := f.candidates[p]; c != nil {
			delete(f.candidates, p)
			c.Name = name
			f.candidates[c.Principal] = c
		}
	}
}

// eachSample gives the samples of a family, none where it is nil, and of each its labels.
func eachSample(family *dto.MetricFamily) func(yield func(*dto.Metric, func(string) string) bool) {
	return func(yield func(*dto.Metric, func(string) string) bool) {
		for _, m := range family.GetMetric() {
			label := func(name string) string {
				for _, pair := range m.GetLabel() {
					if pair.GetName() == name {
						return pair.GetValue()
					}
				}
				return ""
			}
			if !yield(m, label) {
				return
			}
		}
	}
}

func value(m *dto.Metric) float64 {
	return m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
}
