package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-kit/log"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
)

var update = flag.Bool("update", false, "write golden files and docs/metrics.md anew")

// allMetrics is every metric of every collector.
func allMetrics(t *testing.T) []*collector.Metric {
	t.Helper()
	book, err := ledger.New(ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	h := house{state: &stateKeeper{}, ledger: book}
	h.instances = []*instance{watchInstance("-", &postconf.Instance{ConfigDirectory: dir, QueueDirectory: dir}, h.classifier.Load, nil)}
	metrics := collector.NewSet(log.NewNopLogger(), h.collectors()...).Metrics()
	slices.SortFunc(metrics, func(a, b *collector.Metric) int { return cmp.Compare(a.Name, b.Name) })
	return metrics
}

// reference writes docs/metrics.md.
func reference(metrics []*collector.Metric) string {
	var b strings.Builder
	b.WriteString("# Metrics\n\n")
	b.WriteString("Made from the code by `go test -run TestReference -update .`; don't edit it by hand. Beside these the exporter has the usual\n" +
		"`postfix_exporter_build_info`, `process_*` and `go_*` of its own process.\n" +
		"With several Postfix instances what the collectors up, process and queue send, and `postfix_scrape_collector_*` for them, bears the label\n" +
		"`instance_name` too: multi_instance_name, `-` for the default instance.\n\n")
	b.WriteString("| metric | type | labels | what it says |\n|---|---|---|---|\n")
	for _, m := range metrics {
		labels := strings.Join(m.Labels, ", ")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, m.Type, labels, strings.ReplaceAll(m.Help, "|", `\|`))
	}
	return b.String()
}

func TestReference(t *testing.T) {
	const file = "docs/metrics.md"
	got := reference(allMetrics(t))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is out of date: go test -run TestReference -update .", file)
	}
}

// TestCatalogue holds the names and labels that rules and dashboards of others
// rely on. A change here breaks them: it needs a [CHANGE] in CHANGELOG.md.
func TestCatalogue(t *testing.T) {
	have := map[string]*collector.Metric{}
	for _, m := range allMetrics(t) {
		if have[m.Name] != nil {
			t.Errorf("%s is made by two collectors", m.Name)
		}
		have[m.Name] = m
	}
	for _, want := range strings.Split(strings.TrimSpace(catalogue), "\n") {
		fields := strings.Fields(want)
		name, kind, labels := fields[0], fields[1], strings.Join(fields[2:], " ")
		m := have[name]
		if m == nil {
			t.Errorf("%s is missing", name)
			continue
		}
		if string(m.Type) != kind || strings.Join(m.Labels, " ") != labels {
			t.Errorf("%s is a %s with labels %v, want %s with %s", name, m.Type, m.Labels, kind, labels)
		}
	}
}

const catalogue = `
postfix_up gauge
postfix_scrape_collector_duration_seconds gauge collector
postfix_scrape_collector_success gauge collector
postfix_queue_messages gauge queue
postfix_queue_size_bytes gauge queue
postfix_queue_oldest_message_timestamp_seconds gauge queue
postfix_queue_older_messages gauge queue age
postfix_queue_origin_messages gauge queue origin
postfix_queue_deferred_recipients gauge reason
postfix_queue_snapshot_timestamp_seconds gauge
postfix_queue_snapshot_complete gauge
postfix_processes gauge service_name command
postfix_process_limit gauge service_name command
postfix_stressed_processes gauge service_name
dovecot_processes gauge process
postfix_process_limit_reached_total counter service_name
postfix_smtpd_connects_total counter syslog_name
postfix_smtpd_disconnects_total counter syslog_name
postfix_smtpd_connections_lost_total counter syslog_name kind after_stage
postfix_smtpd_commands_total counter syslog_name command result
postfix_smtpd_sasl_authentication_failures_total counter syslog_name method reason
postfix_smtpd_rejects_total counter syslog_name stage reason code
postfix_smtpd_protocol_violations_total counter syslog_name kind
postfix_smtpd_limit_exceeded_total counter syslog_name limit
postfix_messages_total counter origin
postfix_recipients_total counter origin
postfix_deliveries_total counter syslog_name daemon status dsn
postfix_delivery_failures_total counter status reason provider
postfix_delivery_delay_seconds histogram daemon stage
postfix_bounces_total counter kind
postfix_queue_removed_total counter
postfix_queue_expired_total counter
postfix_account_messages_total counter sasl_username
postfix_account_recipients_total counter sasl_username
postfix_account_deliveries_total counter sasl_username status
postfix_account_window_messages gauge sasl_username window
postfix_account_window_recipients gauge sasl_username window
postfix_account_window_failed_recipients gauge sasl_username window
postfix_account_window_deferred_recipients gauge sasl_username window
postfix_account_window_client_networks gauge sasl_username window
postfix_account_window_recipient_domains gauge sasl_username window
postfix_account_window_foreign_sender_messages gauge sasl_username window
postfix_account_window_prior_failures gauge sasl_username window
postfix_local_user_messages_total counter uid user
postfix_local_user_window_recipients gauge uid user window
postfix_local_user_window_failed_recipients gauge uid user window
postfix_forward_window_recipients gauge domain window
postfix_forward_window_failed_recipients gauge domain window
postfix_client_window_events gauge client event window
postfix_client_window_missed_events gauge event window
postfix_auth_failure_window_clients gauge window
postfix_auth_failure_window_users gauge window
postfix_postscreen_events_total counter event
postfix_anvil_peak gauge statistic syslog_name
postfix_tls_connections_total counter direction syslog_name trust protocol
postfix_milter_events_total counter action
postfix_policy_errors_total counter
dovecot_login_failures_total counter protocol reason
dovecot_logins_total counter protocol
postfix_log_lines_total counter source outcome
postfix_log_last_line_timestamp_seconds gauge source
postfix_log_lag_bytes gauge source
postfix_log_lag_seconds gauge source
postfix_log_lost_lines_total counter source cause
postfix_log_lost_bytes_total counter source
postfix_log_gaps_total counter source cause
postfix_log_rotations_total counter source
postfix_log_source_restarts_total counter source
postfix_log_forged_lines_total counter source
postfix_ledger_entries gauge table
postfix_ledger_evictions_total counter table
`
