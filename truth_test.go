package main

import (
	"fmt"

	"postfix_exporter/lab"
)

// truth is what the lab's people did, in the exporter's words.
func truth(c lab.Counts) samples {
	want := samples{`postfix_account_messages_total{sasl_username="_other"}`: 0}
	for owner, sent := range c.Owners {
		if owner.Origin == "sasl" {
			want[fmt.Sprintf("postfix_account_messages_total{sasl_username=%q}", owner.Name)] = float64(sent.Messages)
			want[fmt.Sprintf("postfix_account_recipients_total{sasl_username=%q}", owner.Name)] = float64(sent.Recipients)
		}
	}
	for _, origin := range []string{"sasl", "local", "network", "inbound", "forward", "unknown"} {
		sent := c.Of(origin)
		want[fmt.Sprintf("postfix_messages_total{origin=%q}", origin)] = float64(sent.Messages)
		want[fmt.Sprintf("postfix_recipients_total{origin=%q}", origin)] = float64(sent.Recipients)
	}
	return want
}

// fates are what became of it, where the lab alone says when something is tried
// again.
func fates(c lab.Counts) samples {
	want := samples{
		`postfix_messages_total{origin="bounce"}`:        float64(c.Of("bounce").Messages),
		`postfix_recipients_total{origin="bounce"}`:      float64(c.Of("bounce").Recipients),
		`postfix_bounces_total{kind="non_delivery"}`:     float64(c.Notices),
		`postfix_origin_bounces_total{origin="unknown"}`: 0,
		`postfix_origin_bounces_total{origin="bounce"}`:  0,
	}
	deliveries := func(series string, sent lab.Sent) {
		for status, n := range map[string]int{"sent": sent.Sent, "deferred": sent.Deferred, "bounced": sent.Bounced} {
			want[fmt.Sprintf(series, status)] = float64(n)
		}
	}
	for owner, sent := range c.Owners {
		if owner.Origin == "sasl" {
			deliveries("postfix_account_deliveries_total{sasl_username="+fmt.Sprintf("%q", owner.Name)+",status=%q}", sent)
		}
	}
	for _, origin := range []string{"sasl", "local", "network", "inbound", "bounce", "forward", "unknown"} {
		deliveries("postfix_origin_deliveries_total{origin="+fmt.Sprintf("%q", origin)+",status=%q}", c.Of(origin))
	}
	return want
}

// ways are what is to be known of a recipient's domain.
func ways(c lab.Counts) samples {
	forwarded, relayed := 0, 0
	for _, sent := range c.Owners {
		forwarded += sent.Forwarded
		relayed += sent.Relayed
	}
	return samples{
		"postfix_forwarded_recipients_total": float64(forwarded),
		"postfix_relayed_recipients_total":   float64(relayed),
	}
}

// windowed is what a window shows that holds all of it.
func windowed(c lab.Counts, window string) samples {
	want := samples{}
	rows := func(label, name, prefix string, figures map[string]int) {
		for figure, n := range figures {
			want[fmt.Sprintf("%s_window_%s{%s=%q,window=%q}", prefix, figure, label, name, window)] = float64(n)
		}
	}
	for owner, sent := range c.Owners {
		if owner.Origin != "sasl" {
			continue
		}
		rows("sasl_username", owner.Name, "postfix_account", map[string]int{
			"messages": sent.Messages, "recipients": sent.Recipients, "failed_recipients": sent.Failed(), "deferred_recipients": sent.FirstDeferred,
			"client_networks": sent.Networks, "foreign_sender_messages": sent.Foreign, "recipient_domains": sent.Domains,
			"prior_failures": c.BrokenInto[owner.Name],
		})
	}
	for domain, f := range c.Forwarding {
		rows("domain", domain, "postfix_forward", map[string]int{"recipients": f.Recipients, "failed_recipients": f.Failed})
	}
	return want
}

// users are the figures of those who use sendmail(1).
func users(s samples, c lab.Counts, window string) (differences string) {
	for owner, sent := range c.Owners {
		if owner.Origin != "local" {
			continue
		}
		uid, in := fmt.Sprintf("uid=%q", owner.Name), fmt.Sprintf("window=%q", window)
		for what, pair := range map[string][2]float64{
			"messages":          {s.sum("postfix_local_user_messages_total", uid), float64(sent.Messages)},
			"recipients":        {s.sum("postfix_local_user_window_recipients", uid, in), float64(sent.Recipients)},
			"failed recipients": {s.sum("postfix_local_user_window_failed_recipients", uid, in), float64(sent.Failed())},
		} {
			if pair[0] != pair[1] {
				differences += fmt.Sprintf("%s %s: %v, want %v\n", uid, what, pair[0], pair[1])
			}
		}
	}
	return differences
}
