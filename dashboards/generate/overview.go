package main

import "fmt"

// overviewPanels are *Postfix overview*: the everyday screen.
func overviewPanels(rules *ruleFile) ([]panel, error) {
	l := limits{rules: rules}
	var panels []panel
	for _, part := range [][]panel{mail(), queues(&l), door(&l), health(&l)} {
		panels = append(panels, part...)
	}
	return panels, l.err
}

// perMinuteBy is a counter's rate by one label; what is 0 all the time is left out.
func perMinuteBy(label, selector string) query {
	return query{"{{" + label + "}}", fmt.Sprintf("60 * sum by (%s) (rate(%s[$__rate_interval])) > 0", label, selector)}
}

func mail() []panel {
	delay := func(quantile float64) query {
		return query{
			fmt.Sprintf("{{stage}}, %g of 100", 100*quantile),
			fmt.Sprintf(`histogram_quantile(%g, sum by (stage, le) (rate(postfix_delivery_delay_seconds_bucket{instance=~"$instance"}[$__rate_interval])))`, quantile),
		}
	}
	return []panel{
		heading("Mail"),
		lines("Messages accepted, by origin", "Messages a minute that came into the queue, each once, by how they came.", perMinute,
			perMinuteBy("origin", `postfix_messages_total{instance=~"$instance"}`)).stacked().orElse(noneSeen).sized(8, 8),
		lines("Deliveries, by status", "Delivery attempts a minute, one per recipient. Deferred ones are tried again.", perMinute,
			perMinuteBy("status", `postfix_deliveries_total{instance=~"$instance"}`)).stacked().orElse(noneSeen).sized(8, 8),
		lines("Failed attempts, by reason", "Attempts a minute that were deferred or bounced, by what the remote host or the network said.", perMinute,
			perMinuteBy("reason", `postfix_delivery_failures_total{instance=~"$instance"}`)).stacked().orElse(noneSeen).sized(8, 8),
		lines("Delays, by stage", "Half of the mail, and 95 of 100, took no longer: before the queue manager, in it, connecting, and being sent. Only of what is done, sent or bounced.", seconds,
			delay(0.5), delay(0.95)).orElse(noneSeen),
		lines("Accounts", "Recipients in an hour of the loudest of the chosen accounts.", number,
			query{"{{sasl_username}}", `topk(10, max by (sasl_username) (postfix_account_window_recipients{instance=~"$instance",window="1h",sasl_username=~"$account",sasl_username!="_other"}))`}).orElse(noneSeen),
	}
}

func queues(l *limits) []panel {
	return []panel{
		heading("Queue"),
		lines("Queue", "Messages by queue. The line is where a queue that doubles makes a ticket.", number,
			query{"{{queue}}", `sum by (queue) (postfix_queue_messages{instance=~"$instance"})`}).stacked().ticketAbove(l.of("queue_growing")).sized(8, 8),
		lines("Deferred, by age", "Deferred messages older than each age. What is a day old seldom arrives; after maximal_queue_lifetime it goes back.", number,
			query{"older than {{age}}", `sum by (age) (postfix_queue_older_messages{instance=~"$instance",queue="deferred"})`}).sized(8, 8),
		lines("Queue, by origin", "Queued messages by how they came in.", number,
			query{"{{origin}}", `sum by (origin) (postfix_queue_origin_messages{instance=~"$instance"})`}).stacked().sized(8, 8),
	}
}

func door(l *limits) []panel {
	return []panel{
		heading("Who comes in"),
		lines("Connections", "SMTP connections a minute, and those that ended early.", perMinute,
			query{"connections", `60 * sum(rate(postfix_smtpd_connects_total{instance=~"$instance"}[$__rate_interval]))`},
			query{"ended early", `60 * sum(rate(postfix_smtpd_connections_lost_total{instance=~"$instance"}[$__rate_interval]))`}).orElse(noneSeen).sized(8, 8),
		lines("Logins", "Logins a minute: accepted by Dovecot (POP, IMAP), and failed, there and at Postfix.", perMinute,
			query{"Dovecot accepted", `60 * sum(rate(dovecot_logins_total{instance=~"$instance"}[$__rate_interval])) or vector(0)`},
			query{"Dovecot failed", `60 * sum(rate(dovecot_login_failures_total{instance=~"$instance"}[$__rate_interval])) or vector(0)`},
			query{"Postfix failed", `60 * sum(rate(postfix_smtpd_sasl_authentication_failures_total{instance=~"$instance"}[$__rate_interval])) or vector(0)`}).sized(8, 8),
		lines("Refused commands, by reason", "What smtpd, postscreen, cleanup and Milters refuse, a minute.", perMinute,
			perMinuteBy("reason", `postfix_smtpd_rejects_total{instance=~"$instance"}`)).stacked().orElse(noneSeen).sized(8, 8),
		lines("TLS, by direction and protocol", "TLS sessions a minute that clients opened to us (inbound) and that we opened (outbound).", perMinute,
			query{"{{direction}} {{protocol}}", `60 * sum by (direction, protocol) (rate(postfix_tls_connections_total{instance=~"$instance"}[$__rate_interval])) > 0`}).orElse(noneSeen).sized(8, 8),
		lines("Processes", "Processes of Postfix's master by command, and Dovecot's.", number,
			query{"{{command}}", `sum by (command) (postfix_processes{instance=~"$instance"}) > 0`},
			query{"Dovecot {{process}}", `sum by (process) (dovecot_processes{instance=~"$instance"}) > 0`}).stacked().sized(8, 8),
		lines("Filters that don't answer", "Times in 10 minutes that a Milter or a policy service could not be asked. It should be 0.", number,
			query{"Milter", `sum(increase(postfix_milter_errors_total{instance=~"$instance"}[10m]))`},
			query{"policy service", `sum(increase(postfix_policy_errors_total{instance=~"$instance"}[10m]))`}).above(l.of("filter_errors")).sized(8, 8).about("filter_down"),
	}
}

func health(l *limits) []panel {
	return []panel{
		heading("The exporter, and whether to trust these figures"),
		figure("Postfix runs", "Whether Postfix's master runs on every server.", yesOrNo, query{"", `min(postfix_up{instance=~"$instance"})`}).marked(vermilion, step{ink, "1"}).about("postfix_down"),
		figure("Exporters read", "Share of these servers' exporters that Prometheus can read.", share,
			query{"", `sum(up{instance=~"$instance"} and on (job, instance) present_over_time(postfix_exporter_build_info[1d])) / count(count by (job, instance) (present_over_time(postfix_exporter_build_info{instance=~"$instance"}[1d])))`}).
			marked(vermilion, step{ink, "1"}).about("monitoring", "watchdog"),
		figure("Log not read yet", "Bytes of the log that are written and not read: figures come late by as much.", byteSize,
			query{"", `max(postfix_log_lag_bytes{instance=~"$instance"})`}).ticketAbove(l.of("log_lag_bytes")),
		figure("Last log line", "How long ago the last line of any program came.", seconds,
			query{"", `max(time() - max by (instance) (postfix_log_last_line_timestamp_seconds{instance=~"$instance"}))`}).ticketAbove(l.of("log_silent_seconds")),
		figure("Queue looked at", "How long ago the look at the queue began whose figures are shown.", seconds,
			query{"", `max(time() - postfix_queue_snapshot_timestamp_seconds{instance=~"$instance"})`}).ticketAbove(l.of("log_silent_seconds")),
		figure("Lines lost, 1 h", "Log lines that never came, as far as the log says so. Folded repetitions don't count.", number,
			query{"", `sum(increase(postfix_log_lost_lines_total{instance=~"$instance",cause!="repeated"}[1h]))`}).ticketAbove("1"),
		lines("Log lines, by outcome", "Lines a minute. Unknown ones are of no known shape: \"postfix_exporter parse\" shows which.", perMinute,
			perMinuteBy("outcome", `postfix_log_lines_total{instance=~"$instance"}`)).stacked().orElse(noneSeen).sized(8, 8),
		lines("Time of a scrape, by collector", "How long each collector takes.", seconds,
			query{"{{collector}}", `max by (collector) (postfix_scrape_collector_duration_seconds{instance=~"$instance"})`}).sized(8, 8),
		lines("What the exporter remembers", "Entries of its tables. It forgets the least used where one is full; those are counted as evictions.", number,
			query{"{{table}}", `sum by (table) (postfix_ledger_entries{instance=~"$instance"}) > 0`}).orElse("nothing").sized(8, 8),
	}
}
