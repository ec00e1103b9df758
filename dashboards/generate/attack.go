package main

import "fmt"

// attackPanels are *Postfix under attack*, in the order in which an admin asks.
func attackPanels(rules *ruleFile) ([]panel, error) {
	l := limits{rules: rules}
	var panels []panel
	for _, part := range [][]panel{isItAnAttack(&l), whoIsIt(&l), howMuchHasGone(), whatIsQueued(&l), theWall(&l), whereFrom(&l), whoRefusesUs(&l), isItOver(&l)} {
		panels = append(panels, part...)
	}
	return panels, l.err
}

// limits are the thresholds of the rules; the first that is missing is the error.
type limits struct {
	rules *ruleFile
	err   error
}

func (l *limits) of(name string) string {
	value, err := l.rules.threshold(name)
	if err != nil {
		l.err = err
		return "1"
	}
	return value
}

// signal is how far a value is on the way to its threshold.
func (l *limits) signal(legend, expr, threshold string) query {
	return query{legend, fmt.Sprintf("(%s or vector(0)) / %s", expr, l.of(threshold))}
}

func client(event string) string {
	return fmt.Sprintf(`max(postfix_client_window_events{instance=~"$instance",event=%q,window="5m",client!="_other"})`, event)
}

func signals(l *limits) []query {
	return []query{
		l.signal("Account: recipients, 5 min", `max(postfix_account_window_recipients{instance=~"$instance",window="5m",sasl_username!="_other"})`, "account_recipients_5m"),
		l.signal("Account: recipients, 1 h", `max(postfix_account_window_recipients{instance=~"$instance",window="1h",sasl_username!="_other"})`, "account_recipients_1h"),
		l.signal("Account: networks, 1 h", `max(postfix_account_window_client_networks{instance=~"$instance",window="1h",sasl_username!="_other"})`, "account_networks_1h"),
		l.signal("Account: messages from new networks, 1 h", `max(postfix_account_window_new_network_messages{instance=~"$instance",window="1h",sasl_username!="_other"})`, "account_new_network_messages_1h"),
		l.signal("Account: foreign senders, 1 h", `max(postfix_account_window_foreign_sender_messages{instance=~"$instance",window="1h",sasl_username!="_other"})`, "account_foreign_1h"),
		l.signal("Account: guesses before a login", `max(postfix_account_window_prior_failures{instance=~"$instance",window="1h",sasl_username!="_other"})`, "account_prior_failures"),
		l.signal("Local user: recipients, 5 min", `max(postfix_local_user_window_recipients{instance=~"$instance",window="5m",uid!="_other"})`, "local_user_recipients_5m"),
		l.signal("Open relay: recipients, 5 min", `max(increase(postfix_relayed_recipients_total{instance=~"$instance"}[5m]))`, "relayed_recipients_5m"),
		l.signal("Forwards: refused, 1 h", `max(postfix_forward_window_failed_recipients{instance=~"$instance",window="1h",domain!="_other"})`, "forward_failed_1h"),
		l.signal("Mail loops, 10 min", `max(sum by (instance) (increase(postfix_delivery_failures_total{instance=~"$instance",reason="loop"}[10m])))`, "loops_10m"),
		l.signal("Bounces made, 1 h", `max(increase(postfix_bounces_total{instance=~"$instance",kind="non_delivery"}[1h]))`, "bounces_1h"),
		l.signal("Bounces that nobody takes", `max(postfix_queue_origin_messages{instance=~"$instance",queue="deferred",origin="bounce"})`, "queued_bounces"),
		l.signal("Bounces that come in, 1 h", `max(sum by (instance) (increase(postfix_inbound_bounces_total{instance=~"$instance"}[1h])))`, "received_bounces_1h"),
		l.signal("Guessing: one network, 5 min", client("auth_failure"), "auth_failures_5m"),
		l.signal("Guessing: user names, 5 min", `max(postfix_auth_failure_window_users{instance=~"$instance",window="5m"})`, "spray_users"),
		l.signal("Relay probing, 5 min", client("relay_denied"), "relay_denied_5m"),
		l.signal("Recipients tried out, 5 min", client("user_unknown"), "user_unknown_5m"),
		l.signal("Protocol broken, 5 min", client("protocol_violation"), "protocol_violations_5m"),
		l.signal("Sessions dropped: one network, 5 min", client("lost_connection"), "lost_connections_5m"),
		l.signal("Sessions dropped: all, 5 min", `max(sum by (instance) (increase(postfix_smtpd_connections_lost_total{instance=~"$instance"}[5m])))`, "lost_connections_total_5m"),
		l.signal("smtpd processes", `max(postfix_processes{instance=~"$instance",command="smtpd"} / postfix_process_limit{instance=~"$instance",command="smtpd"})`, "smtpd_pressure"),
		l.signal("smtp processes", `max(postfix_processes{instance=~"$instance",command="smtp"} / postfix_process_limit{instance=~"$instance",command="smtp"})`, "smtp_exhausted"),
		l.signal("Waiting messages", `max(sum by (instance) (postfix_queue_messages{instance=~"$instance",queue=~"maildrop|incoming|active"}))`, "queue_flood"),
		l.signal("Refused for our name, 30 min", `max(sum by (instance) (increase(postfix_delivery_failures_total{instance=~"$instance",reason="reputation"}[30m])))`, "reputation_failures_30m"),
	}
}

func isItAnAttack(l *limits) []panel {
	const loaded = `count(ALERTS{incident="watchdog",alertstate="firing"})` // nothing where the rules are Grafana's alone
	firing := func(matchers string) string {
		return `ALERTS{alertname=~"Postfix.+",alertstate="firing",instance=~"$instance|fleet"` + matchers + `}`
	}
	count := func(severity string) string {
		return fmt.Sprintf("count(%s) or 0 * %s", firing(fmt.Sprintf(",severity=%q", severity)), loaded)
	}
	alertRow := `max by (alertname, severity, instance, about) (label_replace(label_join(
  1000 * ALERTS_FOR_STATE{alertname=~"Postfix.+",instance=~"$instance|fleet"} and ignoring (alertstate) ` + firing("") + `,
  "about", " ", "sasl_username", "user", "domain", "client", "cause"), "about", "$1", "about", " *(.*?) *"))
or on () label_replace(1000 * time() + 0 * ` + loaded + `, "alertname", "none", "", "")
or on () label_replace(vector(1000 * time()), "alertname", "none here: the rules are Grafana's", "", "")`
	return []panel{
		heading("Is it an attack, and which?"),
		figure("Pages", "Critical alerts that fire, of Prometheus's rules. Where the rules are Grafana's, its own list below has them.", number,
			query{"", count("critical")}).above("1").orElse("see the list"),
		figure("Tickets", "Warnings that fire, of Prometheus's rules. Where the rules are Grafana's, its own list below has them.", number,
			query{"", count("warning")}).ticketAbove("1").orElse("see the list"),
		figure("Recipients a minute", "Recipients of all messages accepted into the queue, mean of the last 5 minutes.", perMinute,
			query{"", `60 * sum(rate(postfix_recipients_total{instance=~"$instance"}[5m]))`}),
		figure("Loudest account, 5 min", "Recipients of the account that sent to most in the last 5 minutes. Coloured from the threshold of its volume on.", number,
			query{"{{sasl_username}}", `topk(1, max by (sasl_username) (postfix_account_window_recipients{instance=~"$instance",window="5m",sasl_username!="_other"}))`}).
			above(l.of("account_recipients_5m")).withName().orElse("0"),
		figure("Queued messages", "All queues but hold. Coloured from where a growing queue makes a ticket.", number,
			query{"", `sum(postfix_queue_messages{instance=~"$instance",queue!="hold"})`}).ticketAbove(l.of("queue_growing")),
		figure("smtp processes", "Share of the limit of master.cf that delivers just now: the wall of \"smtp -t unix -u\".", share,
			query{"", `max(postfix_processes{instance=~"$instance",command="smtp"} / postfix_process_limit{instance=~"$instance",command="smtp"})`}).
			above(l.of("smtp_exhausted")),
		table("Alerts that fire", "Prometheus's alerts about these servers: about whom, and since when their condition holds. The name leads to its runbook.", "Since",
			column{name: "Alert", label: "alertname", unit: plainText, links: []dataLink{{"Runbook", "${runbooks}/${__value.raw}.md", true}}},
			column{name: "Severity", label: "severity", unit: plainText, width: 90, words: map[string]string{"critical": vermilion, "warning": orange}},
			server(),
			column{name: "About", label: "about", unit: plainText, width: 260},
			column{name: "Since", unit: dateTime, expr: alertRow, width: 170},
		).sized(16, 7),
		alertList("All alerts, Grafana's too", "What fires of Grafana's own rules and of Prometheus's, on all servers, the worst first, and rules that can't be evaluated.").sized(8, 7),
		bars("Which signals stand out", "Each signal of an attack as a share of its threshold in the rules: 100 % is reached. One alone may be honest; a page needs two.", share,
			signals(l)...).above("1").sized(10, 16),
		states("Since when", "The same signals over time, coloured while they are over their threshold.", share, signals(l)...).above("1").sized(14, 16),
	}
}

func howMuchHasGone() []panel {
	return []panel{
		heading("How much has gone?"),
		lines("Recipients accepted, by how the mail came", "Recipients a minute of messages accepted into the queue. sasl: with a login; local: sendmail(1), so scripts; network: "+
			"mynetworks; inbound: strangers; bounce: made here; forward: by a local alias.", perMinute,
			query{"{{origin}}", `60 * sum by (origin) (rate(postfix_recipients_total{instance=~"$instance"}[$__rate_interval]))`}).stacked(),
		lines("What became of the accounts' mail", "Delivery attempts a minute for the chosen accounts, by result. Much that bounces is a bought list.", perMinute,
			query{"{{status}}", `60 * sum by (status) (rate(postfix_account_deliveries_total{instance=~"$instance",sasl_username=~"$account"}[$__rate_interval]))`}).stacked().orElse(noneSeen),
	}
}

func whatIsQueued(l *limits) []panel {
	return []panel{
		heading("What is queued, and whose?"),
		lines("Queue", "Messages by queue. Active is being delivered, deferred waits for its next attempt.", number,
			query{"{{queue}}", `sum by (queue) (postfix_queue_messages{instance=~"$instance"})`}).stacked().ticketAbove(l.of("queue_growing")).about("queue"),
		lines("Queue by origin", "Queued messages by how they came in. Much bounce is backscatter; much sasl is an account.", number,
			query{"{{origin}}", `sum by (origin) (postfix_queue_origin_messages{instance=~"$instance"})`}).stacked().about("backscatter", "joe_job"),
		bars("Whose it is", "The accounts and local users with most messages in the queue. triage prints the commands that hold theirs and no other.", number,
			query{"{{sasl_username}}", `topk(8, sum by (sasl_username) (postfix_queue_account_messages{instance=~"$instance",sasl_username!="_other"})) or on () label_replace(vector(0), "sasl_username", "no account", "", "")`},
			query{"local user {{user}}", `topk(4, sum by (user) (postfix_queue_local_user_messages{instance=~"$instance",uid!="_other"}))`}).sized(8, 9),
		bars("Why it waits", "Recipients whose last attempt failed for now, by the reason that Postfix keeps.", number,
			query{"{{reason}}", `sort_desc(sum by (reason) (postfix_queue_deferred_recipients{instance=~"$instance"}) > 0) or on () label_replace(vector(0), "reason", "nothing waits", "", "")`}).sized(8, 9),
		lines("Room on the queue's disk", "Free bytes on its file system, in times of what Postfix needs to take mail at all. Below 1 it refuses all mail.", number,
			query{"{{instance}}", `min by (instance) (postfix_queue_filesystem_free_bytes{instance=~"$instance"} / postfix_queue_filesystem_needed_bytes{instance=~"$instance"})`}).
			below(l.of("spool_room_critical"), l.of("spool_room_warning")).sized(8, 9).about("spool"),
	}
}

func theWall(l *limits) []panel {
	return []panel{
		heading("The wall of processes"),
		lines("smtp processes", "Processes that deliver (\"smtp -t unix -u\" in ps) and their limit. At the limit the queue waits behind dead hosts.", number,
			query{"{{service_name}}", `sum by (service_name) (postfix_processes{instance=~"$instance",command="smtp"})`},
			query{"limit", `sum(postfix_process_limit{instance=~"$instance",command="smtp"})`}).stacked().dashed("limit").about("smtp_exhausted"),
		lines("smtpd processes, share of the limit", "How full each service for incoming connections is. At 100 % others are turned away.", share,
			query{"{{service_name}}", `max by (service_name) (postfix_processes{instance=~"$instance",command="smtpd"} / postfix_process_limit{instance=~"$instance",command="smtpd"})`}).
			above(l.of("smtpd_exhausted")).about("connection_flood"),
	}
}

func whoRefusesUs(l *limits) []panel {
	return []panel{
		heading("Who refuses us?"),
		lines("Refused for our bad name, by provider", "Deliveries of the last 30 minutes that others refused for this server's reputation: a block list, or their own. The line is the rule's.", number,
			query{"{{provider}}", `sum by (provider) (increase(postfix_delivery_failures_total{instance=~"$instance",reason="reputation"}[30m]))`}).
			ticketAbove(l.of("reputation_failures_30m")).orElse(noneSeen).about("reputation"),
		lines("Failed attempts, by reason", "Deliveries a minute that were deferred or bounced, by reason.", perMinute,
			query{"{{reason}}", `60 * sum by (reason) (rate(postfix_delivery_failures_total{instance=~"$instance"}[$__rate_interval])) > 0`}).stacked().orElse(noneSeen).about("forward_loop"),
	}
}

func isItOver(l *limits) []panel {
	recipients := func(span string) string {
		return fmt.Sprintf(`max by (sasl_username) (postfix_account_window_recipients{instance=~"$instance",window=%q,sasl_username=~"$account",sasl_username!="_other"})`, span)
	}
	return []panel{
		heading("Is it over?"),
		lines("The loudest accounts' last 5 minutes", "Recipients in the last 5 minutes, of the 6 with most in an hour. The one that was stopped goes to 0, and stays there; if not, a session, another password or a forward is left.", number,
			query{"{{sasl_username}}", fmt.Sprintf("(%[1]s or 0 * %[2]s)\n  and topk(6, %[2]s)", recipients("5m"), recipients("1h"))}).
			above(l.of("account_recipients_5m")).orElse(noneSeen),
		lines("What still comes of it", "Messages that wait, and bounces that this server still makes, and still gets: what is left of the attack's mail.", number,
			query{"waiting and deferred", `sum(postfix_queue_messages{instance=~"$instance",queue!="hold"})`},
			query{"on hold", `sum(postfix_queue_messages{instance=~"$instance",queue="hold"})`},
			query{"bounces made, 5 min", `sum(increase(postfix_bounces_total{instance=~"$instance",kind="non_delivery"}[5m]))`},
			query{"bounces received, 5 min", `sum(increase(postfix_inbound_bounces_total{instance=~"$instance"}[5m]))`}),
	}
}
