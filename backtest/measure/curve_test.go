package main

import (
	"strings"
	"testing"

	"postfix_exporter/dashboards"
)

func TestScaled(t *testing.T) {
	was, is := string(dashboards.Rules()), string(scaled(dashboards.Rules(), 0.5))
	for before, after := range map[string]string{
		"account_recipients_1h, expr: vector(200)":         "account_recipients_1h, expr: vector(100)",
		"account_new_network_messages_5m, expr: vector(3)": "account_new_network_messages_5m, expr: vector(1.5)",
		"failed_min, expr: vector(10)":                     "failed_min, expr: vector(5)",
		"failed_share, expr: vector(0.10)":                 "failed_share, expr: vector(0.10)",
		"account_new_network_share, expr: vector(0.50)":    "account_new_network_share, expr: vector(0.50)",
		"local_user_recipients_5m, expr: vector(100)":      "local_user_recipients_5m, expr: vector(100)",
	} {
		if !strings.Contains(was, before) || !strings.Contains(is, after) {
			t.Errorf("%s does not become %s", before, after)
		}
	}
	if string(scaled(dashboards.Rules(), 1)) != was {
		t.Error("a factor of 1 changes the rules")
	}
}
