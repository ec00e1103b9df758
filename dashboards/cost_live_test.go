//go:build live

package dashboards_test

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postfix_exporter/lab/watch"
)

var cost = flag.Bool("cost", false, "measure what the rules cost a Prometheus with 100 servers of 200 accounts; nine minutes and 2 GB")

// TestCost says how long a real Prometheus takes for each group of rules:
//
//	go test -tags live -run TestCost ./dashboards -cost -v -timeout 20m
//
// PATH says which Prometheus. It wants an idle machine: the times are those of the
// clock. The worst hour comes first: in the ordinary one after it Prometheus still knows
// all series of the worst, as it would over a morning.
func TestCost(t *testing.T) {
	if !*cost {
		t.Log("measured by hand, with -cost")
		return
	}
	const servers, accounts = 100, 200
	var ordinary atomic.Bool
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fleetPage(w, strings.TrimPrefix(r.URL.Path, "/"), accounts, !ordinary.Load())
	}))
	t.Cleanup(exporter.Close)

	var targets strings.Builder
	for i := range servers {
		fmt.Fprintf(&targets, "  - {targets: [%q], labels: {__metrics_path__: /%d, instance: mx%d}}\n", exporter.Listener.Addr(), i, i)
	}
	rules, err := filepath.Abs("prometheus/postfix.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := watch.StartPrometheus(t.Context(), t.TempDir(),
		fmt.Sprintf("global: {scrape_interval: 30s, evaluation_interval: 10s}\nrule_files: [%q]\nscrape_configs:\n- job_name: postfix\n  static_configs:\n%s", rules, &targets))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	time.Sleep(40 * time.Second) // till each server was read
	measure(t, p, "all accounts busy")
	ordinary.Store(true)
	time.Sleep(6 * time.Minute) // till the rules look back no more on what is gone
	measure(t, p, "an ordinary hour")
}

// measure logs how long each group takes over some evaluations.
func measure(t *testing.T, p *watch.Prometheus, when string) {
	t.Helper()
	const rounds = 9
	took := map[string][]float64{}
	for range rounds {
		time.Sleep(10 * time.Second)
		for group, seconds := range durations(t, p) {
			took[group] = append(took[group], seconds)
		}
	}
	t.Logf("%s: median of %d evaluations, best", when, rounds)
	all := 0.0
	for _, group := range slices.Sorted(maps.Keys(took)) {
		slices.Sort(took[group])
		t.Logf("%-30s %6.1f ms, %6.1f ms", group, took[group][rounds/2]*1000, took[group][0]*1000)
		all += took[group][rounds/2]
	}
	t.Logf("%-30s %6.1f ms", "all", all*1000)
	for _, query := range []string{"sum(scrape_samples_scraped)", `count by (alertname) (ALERTS{alertstate="firing"})`} {
		answer, err := p.Query(t.Context(), query)
		t.Log(query, answer, err)
	}
}

// durations are those of each group's last evaluation, in seconds.
func durations(t *testing.T, p *watch.Prometheus) map[string]float64 {
	t.Helper()
	response, err := http.Get(p.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	took := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		labels, ok := strings.CutPrefix(line, "prometheus_rule_group_last_duration_seconds{rule_group=")
		if !ok {
			continue
		}
		group, seconds, _ := strings.Cut(labels, "} ")
		_, group, _ = strings.Cut(strings.Trim(group, `"`), ";")
		var v float64
		if _, err := fmt.Sscan(seconds, &v); err != nil {
			t.Fatal(err)
		}
		took[group] = v
	}
	return took
}

// fleetPage is /metrics of a server with that many accounts. In an ordinary hour, of a working day of lab/traffic's people,
// 15 % of them wrote within five minutes, 70 % within the hour and all today; in a worst one each did just now. One in twenty
// is busy, one is in networks that are new to it, one in ten has senders of other domains, and one on every tenth server is stolen.
func fleetPage(w io.Writer, server string, accounts int, worst bool) {
	fmt.Fprintln(w, "postfix_exporter_build_info 1\npostfix_up 1\npostfix_relayed_recipients_total 0\npostfix_milter_errors_total 0\npostfix_policy_errors_total 0")
	for a := range accounts {
		name := fmt.Sprintf("user%d@customer%s.example", a, server)
		busy, stolen := a%20 == 0, a == 7 && strings.HasSuffix(server, "0")
		for window, wrote := range map[string]bool{"5m": a%20 < 3, "1h": a%10 < 7, "24h": true} {
			recipients, networks, failed := 0, 0, 0
			switch {
			case stolen:
				recipients, networks, failed = 900, 30, 300
			case busy:
				recipients, networks = 40, 2
			case wrote, worst:
				recipients, networks = 3, 1
			}
			fresh := 0 // from networks that are new to the account
			if stolen || a%20 == 19 {
				fresh = recipients
			}
			for metric, v := range map[string]int{
				"messages": recipients, "recipients": recipients, "failed_recipients": failed,
				"new_network_messages": fresh, "client_networks": networks, "recipient_domains": recipients, "foreign_sender_messages": min(recipients, a%10/9),
			} {
				if v > 0 { // else the exporter leaves it out
					fmt.Fprintf(w, "postfix_account_window_%s{sasl_username=%q,window=%q} %d\n", metric, name, window, v)
				}
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
	fmt.Fprintln(w, "postfix_account_recipients_total{sasl_username=\"_other\"} 0\npostfix_log_lines_total{source=\"log\",outcome=\"parsed\"} 10")
	for _, window := range []string{"5m", "1h", "24h"} {
		fmt.Fprintf(w, "postfix_auth_failure_window_clients{window=%q} 9\npostfix_auth_failure_window_users{window=%q} 9\n", window, window)
	}
	for _, queue := range []string{"maildrop", "incoming", "active", "deferred", "hold"} {
		fmt.Fprintf(w, "postfix_queue_messages{queue=%q} 10\n", queue)
	}
	for _, origin := range []string{"sasl", "local", "network", "inbound", "bounce", "forward", "unknown"} {
		fmt.Fprintf(w, "postfix_messages_total{origin=%q} 10\n", origin)
	}
}
