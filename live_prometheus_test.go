//go:build live

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postfix_exporter/lab/watch"
)

// scrapedByPrometheus lets a real Prometheus scrape the exporter each second for
// 10 s, through a proxy that sees what the two agree on.
func scrapedByPrometheus(t *testing.T, e *exporter) {
	proxy, answers := watched(t, e.url)
	p := startPrometheus(t, proxy)
	within(t, 20*time.Second, func() string {
		if n, _ := p.value(t, "count_over_time(up[1m])"); n < 10 {
			return fmt.Sprintf("%v scrapes", n)
		}
		return ""
	})
	for query, want := range map[string]float64{
		"min_over_time(up[1m])": 1,
		"postfix_up":            1,
		"count(count by (sasl_username) (postfix_account_messages_total))": 7, // six people and _other
		`min(postfix_scrape_collector_success)`:                            1,
	} {
		if got, ok := p.value(t, query); !ok || got != want {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
	took, _ := p.value(t, "max_over_time(scrape_duration_seconds[1m])")
	count, _ := p.value(t, "scrape_samples_scraped")
	if took <= 0 || took > 1 || count < 300 {
		t.Errorf("a scrape of %v samples took %v s at most", count, took)
	}
	t.Logf("%v samples, a scrape took Prometheus %v s at most", count, took)
	for _, word := range []string{"out of order", "out-of-order", "duplicate", "level=error", "level=warn"} {
		if said := p.Said(); strings.Contains(strings.ToLower(said), word) {
			t.Errorf("Prometheus says %s: %s", word, said)
		}
	}
	for _, kind := range answers() {
		if !strings.HasPrefix(kind, "application/openmetrics-text;") {
			t.Errorf("the answer to Prometheus is %q, want OpenMetrics", kind)
		}
	}
}

// watched is a proxy for the exporter that lists the forms of its answers.
func watched(t *testing.T, target string) (address string, kinds func() []string) {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all []string
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: func(r *http.Response) error {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, r.Header.Get("Content-Type"))
			return nil
		},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

type prometheusServer struct{ *watch.Prometheus }

func startPrometheus(t *testing.T, target string) prometheusServer {
	t.Helper()
	p, err := watch.StartPrometheus(t.Context(), t.TempDir(),
		fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: postfix\n  static_configs: [{targets: [%q]}]\n", target))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return prometheusServer{p}
}

// value gives the one value of an instant query; false where there is none.
func (p prometheusServer) value(t *testing.T, expression string) (float64, bool) {
	t.Helper()
	found, err := p.Query(t.Context(), expression)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		return 0, false
	}
	return found[0].Value, true
}
