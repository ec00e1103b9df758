//go:build live

package dashboards

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	cost  = flag.Bool("cost", false, "measure what the rules cost a Prometheus with 100 servers of 200 accounts; two minutes and 3 GB")
	zeros = flag.Bool("cost.zeros", false, "with the rows that the exporter leaves out as they are 0")
)

// TestCost says how long a real Prometheus takes for each group of rules:
//
//	go test -tags live -run TestCost ./dashboards -cost -v
func TestCost(t *testing.T) {
	if !*cost {
		t.Log("measured by hand, with -cost")
		return
	}
	const servers, accounts = 100, 200
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fleetPage(w, strings.TrimPrefix(r.URL.Path, "/"), accounts)
	}))
	t.Cleanup(exporter.Close)

	var targets strings.Builder
	for i := range servers {
		fmt.Fprintf(&targets, "  - {targets: [%q], labels: {__metrics_path__: /%d, instance: mx%d}}\n", exporter.Listener.Addr(), i, i)
	}
	rules, err := filepath.Abs(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 30s, evaluation_interval: 10s}\nrule_files: [%q]\nscrape_configs:\n- job_name: postfix\n  static_configs:\n%s", rules, &targets)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p := startPrometheus(t, config, dir)
	sum := map[string]float64{}
	const rounds = 8
	for round := range rounds + 3 {
		time.Sleep(10 * time.Second)
		if round < 3 { // the first rounds find nothing in the head yet
			continue
		}
		for line := range strings.Lines(p.get(t, "/metrics")) {
			if labels, ok := strings.CutPrefix(line, "prometheus_rule_group_last_duration_seconds{rule_group="); ok {
				group, seconds, _ := strings.Cut(labels, "} ")
				var v float64
				if _, err := fmt.Sscan(seconds, &v); err != nil {
					t.Fatal(err)
				}
				sum[group] += v
			}
		}
	}
	all := 0.0
	for group, seconds := range sum {
		_, name, _ := strings.Cut(strings.Trim(group, `"`), ";")
		t.Logf("%-24s %6.1f ms", name, seconds/rounds*1000)
		all += seconds / rounds
	}
	t.Logf("%-24s %6.1f ms, mean of %d evaluations, %v samples a scrape", "all", all*1000, rounds, p.vector(t, "sum(scrape_samples_scraped)", "job"))
	t.Logf("firing: %v", p.vector(t, `count by (alertname) (ALERTS{alertstate="firing"})`, "alertname"))
}

// fleetPage is /metrics of a server with that many accounts: one in ten writes now,
// one in twenty is busy, and one on every tenth server is stolen.
func fleetPage(w io.Writer, server string, accounts int) {
	fmt.Fprintln(w, "postfix_exporter_build_info 1\npostfix_up 1\npostfix_relayed_recipients_total 0\npostfix_milter_errors_total 0\npostfix_policy_errors_total 0")
	for a := range accounts {
		name := fmt.Sprintf("user%d@customer%s.example", a, server)
		busy, now, stolen := a%20 == 0, a%10 == 0, a == 7 && strings.HasSuffix(server, "0")
		for _, window := range []string{"5m", "1h", "24h"} {
			recipients, networks, failed := 0, 0, 0
			switch {
			case stolen:
				recipients, networks, failed = 900, 30, 300
			case busy:
				recipients, networks = 40, 2
			case now, window == "24h", window == "1h" && a%4 == 1:
				recipients, networks = 3, 1
			}
			for metric, v := range map[string]int{
				"messages": recipients, "recipients": recipients, "failed_recipients": failed, "deferred_recipients": 0,
				"client_networks": networks, "recipient_domains": recipients, "foreign_sender_messages": min(recipients, a%4/3), "prior_failures": 0,
			} {
				// The exporter leaves these out where they are 0 for the whole day.
				rare := metric == "deferred_recipients" || metric == "foreign_sender_messages" || metric == "prior_failures"
				if v == 0 && rare && !*zeros {
					continue
				}
				fmt.Fprintf(w, "postfix_account_window_%s{sasl_username=%q,window=%q} %d\n", metric, name, window, v)
			}
		}
		fmt.Fprintf(w, "postfix_account_messages_total{sasl_username=%q} 5\npostfix_account_recipients_total{sasl_username=%q} 5\n", name, name)
		for _, status := range []string{"sent", "deferred", "bounced"} {
			fmt.Fprintf(w, "postfix_account_deliveries_total{sasl_username=%q,status=%q} 5\n", name, status)
		}
	}
	for c := range 10 { // the ten largest of each event
		for _, event := range []string{"auth_failure", "relay_denied", "user_unknown", "protocol_violation", "lost_connection"} {
			for _, window := range []string{"5m", "1h", "24h"} {
				fmt.Fprintf(w, "postfix_client_window_events{client=\"192.0.%d.0/24\",event=%q,window=%q} %d\n", c, event, window, c%9)
			}
		}
	}
	for _, service := range []string{"smtp", "submission", "smtps"} {
		fmt.Fprintf(w, "postfix_processes{service_name=%q,command=\"smtpd\"} 3\npostfix_process_limit{service_name=%q,command=\"smtpd\"} 100\n", service, service)
	}
	for _, queue := range []string{"maildrop", "incoming", "active", "deferred", "hold"} {
		fmt.Fprintf(w, "postfix_queue_messages{queue=%q} 10\n", queue)
	}
	for _, origin := range []string{"sasl", "local", "network", "inbound", "bounce", "forward", "unknown"} {
		fmt.Fprintf(w, "postfix_messages_total{origin=%q} 10\n", origin)
	}
}

// vector is the answer to an instant query, by one label.
func (p *prometheus) vector(t *testing.T, expression, label string) map[string]float64 {
	t.Helper()
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.Unmarshal([]byte(p.get(t, "/api/v1/query?query="+url.QueryEscape(expression))), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Error != "" {
		t.Fatal(answer.Error)
	}
	values := map[string]float64{}
	for _, r := range answer.Data.Result {
		var v float64
		if _, err := fmt.Sscan(r.Value[1].(string), &v); err != nil {
			t.Fatal(err)
		}
		values[r.Metric[label]] = v
	}
	return values
}

func (p *prometheus) get(t *testing.T, path string) string {
	t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
