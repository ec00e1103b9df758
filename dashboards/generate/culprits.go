package main

import "fmt"

// The tables of who it is. A name is put into the triage command only where it is no
// more than a shell word: who is called otherwise is asked for by triage itself.

const shellWord = `([A-Za-z0-9][A-Za-z0-9._@%+=-]*)`

func window(metric, labels, selector, window string) string {
	return fmt.Sprintf(`max by (instance, %s) (postfix_%s{instance=~"$instance",window=%q,%s})`, labels, metric, window, selector)
}

// triage is the command about who bears the label, as one more label.
func triage(of, labels, flag, label string) string {
	return fmt.Sprintf("label_replace(label_replace(max by (instance, %s) (%s), \"triage\", \"postfix_exporter triage\", \"\", \"\"),\n  \"triage\", \"postfix_exporter triage --%s=$1\", %q, %q)",
		labels, of, flag, label, shellWord)
}

func command(expr string) column {
	return column{name: "On the server", label: "triage", unit: plainText, expr: expr, width: 350}
}

func server() column { return column{name: "Server", label: "instance", unit: plainText, width: 120} }

func runbook(alert string) dataLink { return dataLink{"Runbook", "${runbooks}/" + alert + ".md", true} }

func only(variable, title string) dataLink {
	return dataLink{title, "/d/" + attackUID + "?${datasource:queryparam}&${instance:queryparam}&var-" + variable + "=${__value.raw}", false}
}

func whoIsIt(l *limits) []panel {
	account := func(metric, span string) string {
		return fmt.Sprintf("%s\n  and on (instance, sasl_username) topk(20, %s)",
			window(metric, "sasl_username", `sasl_username=~"$account",sasl_username!="_other"`, span),
			window("account_window_recipients", "sasl_username", `sasl_username=~"$account",sasl_username!="_other"`, "1h"))
	}
	user := func(metric, span string) string {
		return window(metric, "user, uid", `uid!="_other"`, span)
	}
	forward := func(metric, span string) string {
		return window(metric, "domain", `domain!="_other"`, span)
	}
	return []panel{
		heading("Who?"),
		table("Accounts", "The 20 accounts with most recipients in an hour. Coloured: over the rules' threshold; two kinds of colour in a row make a page, and less does beside new networks: "+
			"the password was stolen, or the owner sends a newsletter. Networks that its mail came from, messages from those that are new to it, recipients that failed and messages with "+
			"foreign senders are of the last hour, "+
			"guesses of its password before a login of the day. The name leads to the runbook; the last column is the command that says the rest, and how to stop it.", "1 h",
			column{name: "Account", label: "sasl_username", unit: plainText, links: []dataLink{runbook("PostfixAccountCompromised"), only("account", "Only this account")}},
			server(),
			column{name: "5 min", unit: number, expr: account("account_window_recipients", "5m"), above: l.of("account_recipients_5m")},
			column{name: "1 h", unit: number, expr: account("account_window_recipients", "1h"), above: l.of("account_recipients_1h")},
			column{name: "24 h", unit: number, expr: account("account_window_recipients", "24h"), above: l.of("account_recipients_24h")},
			column{name: "Networks", unit: number, expr: account("account_window_client_networks", "1h"), above: l.of("account_networks_1h")},
			column{name: "New networks", unit: number, expr: account("account_window_new_network_messages", "1h") + "\n  or 0 * " + account("account_window_recipients", "1h"), above: l.of("account_new_network_messages_1h")},
			column{name: "Failed", unit: number, expr: account("account_window_failed_recipients", "1h"), above: l.of("failed_min")},
			column{name: "Foreign", unit: number, expr: account("account_window_foreign_sender_messages", "1h"), above: l.of("account_foreign_1h")},
			column{name: "Guesses", unit: number, expr: account("account_window_prior_failures", "24h"), above: l.of("account_prior_failures")},
			column{name: "Queued", unit: number, expr: `sum by (instance, sasl_username) (postfix_queue_account_messages{instance=~"$instance",sasl_username=~"$account",sasl_username!="_other"})` +
				"\n  and on (instance, sasl_username) topk(20, " + window("account_window_recipients", "sasl_username", `sasl_username=~"$account",sasl_username!="_other"`, "1h") + ")"},
			command(triage(account("account_window_recipients", "1h"), "sasl_username", "account", "sasl_username")),
		).sized(24, 9).about("account_abuse"),
		table("Local users", "Who submits with sendmail(1): web scripts, cron. Recipients of their messages, and those of the last hour that failed. The name leads to the runbook.", "1 h",
			column{name: "Local user", label: "user", unit: plainText, links: []dataLink{runbook("PostfixScriptAbuse")}},
			column{name: "uid", label: "uid", unit: plainText, width: 70},
			server(),
			column{name: "5 min", unit: number, expr: user("local_user_window_recipients", "5m"), above: l.of("local_user_recipients_5m")},
			column{name: "1 h", unit: number, expr: user("local_user_window_recipients", "1h"), above: l.of("local_user_recipients_1h")},
			column{name: "Failed", unit: number, expr: user("local_user_window_failed_recipients", "1h") + "\n  or 0 * " + user("local_user_window_recipients", "1h"), above: l.of("failed_min")},
			command(triage(user("local_user_window_recipients", "1h"), "user, uid", "local-user", "user")),
		).sized(15, 7).about("script_abuse"),
		table("Forwarding domains", "Domains whose aliases send mail elsewhere: recipients there, and those of the last hour that failed. Much that fails is spam which is passed on in this server's name.", "1 h",
			column{name: "Domain", label: "domain", unit: plainText, links: []dataLink{runbook("PostfixForwardAbuse")}},
			server(),
			column{name: "5 min", unit: number, expr: forward("forward_window_recipients", "5m")},
			column{name: "1 h", unit: number, expr: forward("forward_window_recipients", "1h"), above: l.of("forward_recipients_1h")},
			column{name: "Failed", unit: number, expr: forward("forward_window_failed_recipients", "1h") + "\n  or 0 * " + forward("forward_window_recipients", "1h"), above: l.of("forward_failed_1h")},
		).sized(9, 7).about("forward_abuse"),
	}
}

func whereFrom(l *limits) []panel {
	did := func(event, span string) string {
		return fmt.Sprintf(`max by (instance, client) (postfix_client_window_events{instance=~"$instance",event=%q,window=%q,client!="_other"}) > 0`, event, span)
	}
	return []panel{
		heading("Where from?"),
		table("Networks that misbehave", "The networks (/24 or /48) that did most of each in the last hour. Failed logins lead to no mail by themselves; who gets in shows under Accounts.", "Failed logins",
			column{name: "Network", label: "client", unit: plainText, links: []dataLink{runbook("PostfixAuthBruteForce")}},
			server(),
			column{name: "Failed logins", unit: number, expr: did("auth_failure", "1h"), above: l.of("auth_failures_1h")},
			column{name: "Relaying refused", unit: number, expr: did("relay_denied", "1h"), above: l.of("relay_denied_1h")},
			column{name: "Unknown recipients", unit: number, expr: did("user_unknown", "1h"), above: l.of("user_unknown_1h")},
			column{name: "Protocol broken, 5 min", unit: number, expr: did("protocol_violation", "5m"), above: l.of("protocol_violations_5m")},
			column{name: "Sessions dropped, 5 min", unit: number, expr: did("lost_connection", "5m"), above: l.of("lost_connections_5m")},
		).sized(24, 8).about("credential_guessing", "relay_probing", "recipient_harvest", "protocol_abuse"),
		lines("Networks of the accounts", "From how many networks each account's mail of the last hour came: a person has 2 to 5, a botnet dozens.", number,
			query{"{{sasl_username}}", `topk(8, max by (sasl_username) (postfix_account_window_client_networks{instance=~"$instance",window="1h",sasl_username=~"$account",sasl_username!="_other"}))`}).
			above(l.of("account_networks_1h")).orElse(noneSeen).sized(8, 8),
		lines("Who fails to log in", "User names and networks of failed logins in 5 minutes. Many of both is a botnet that guesses.", number,
			query{"user names", `sum(postfix_auth_failure_window_users{instance=~"$instance",window="5m"})`},
			query{"networks", `sum(postfix_auth_failure_window_clients{instance=~"$instance",window="5m"})`}).ticketAbove(l.of("spray_users")).sized(8, 8),
		lines("Mail of strangers for strangers", "Recipients in 5 minutes that strangers' mail was passed on to, and that aliases sent elsewhere. The first should be 0: else this is an open relay.", number,
			query{"relayed", `sum(increase(postfix_relayed_recipients_total{instance=~"$instance"}[5m]))`},
			query{"forwarded", `sum(increase(postfix_forwarded_recipients_total{instance=~"$instance"}[5m]))`}).above(l.of("relayed_recipients_5m")).sized(8, 8).about("open_relay"),
	}
}
