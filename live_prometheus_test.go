//go:build live

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// scrapedByPrometheus lets a real Prometheus scrape the exporter each second for
// 10 s, through a proxy that sees what the two agree on.
func scrapedByPrometheus(t *testing.T, e *exporter) {
	proxy, answers := watched(t, e.url)
	p := startPrometheus(t, proxy)
	within(t, 20*time.Second, func() string {
		if n, _ := p.query(t, "count_over_time(up[1m])"); n < 10 {
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
		if got, ok := p.query(t, query); !ok || got != want {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
	took, _ := p.query(t, "max_over_time(scrape_duration_seconds[1m])")
	count, _ := p.query(t, "scrape_samples_scraped")
	if took <= 0 || took > 1 || count < 300 {
		t.Errorf("a scrape of %v samples took %v s at most", count, took)
	}
	t.Logf("%v samples, a scrape took Prometheus %v s at most", count, took)
	for _, word := range []string{"out of order", "out-of-order", "duplicate", "level=error", "level=warn"} {
		if said := p.log.String(); strings.Contains(strings.ToLower(said), word) {
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

type prometheusServer struct {
	url string
	log *syncBuffer
}

func startPrometheus(t *testing.T, target string) *prometheusServer {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: postfix\n  static_configs: [{targets: [%q]}]\n", target)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	p := &prometheusServer{url: "http://" + address, log: &syncBuffer{}}
	cmd := exec.Command("prometheus", "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (apt-get install prometheus)", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		timer := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		timer.Stop()
	})
	return p
}

// query gives the one value of an instant query; false where there is none, as
// before Prometheus is ready.
func (p *prometheusServer) query(t *testing.T, expression string) (float64, bool) {
	t.Helper()
	response, err := http.Get(p.url + "/api/v1/query?query=" + url.QueryEscape(expression))
	if err != nil {
		return 0, false
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return 0, false
	}
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if len(answer.Data.Result) != 1 {
		return 0, false
	}
	text, _ := answer.Data.Result[0].Value[1].(string)
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return v, true
}
