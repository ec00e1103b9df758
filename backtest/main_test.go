package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"

	"postfix_exporter/backtest/replay"
)

const attackLog = "../testdata/demo/attack.log.gz"

func TestRun(t *testing.T) {
	var out, errOut bytes.Buffer
	if err := run(t.Context(), []string{"--log.timezone=UTC", attackLog}, &out, &errOut); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PAGES: 1", "emil@lab.test", "TIMELINE", "NEAREST"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "Stopped") || errOut.Len() > 0 {
		t.Errorf("%s\n%s", &out, &errOut)
	}
}

// TestQuiet holds that only those are near a threshold of whom nobody was told,
// and who would page by it.
func TestQuiet(t *testing.T) {
	near := func(threshold, who string) replay.Near {
		return replay.Near{Threshold: threshold, Who: labels.FromStrings("sasl_username", who)}
	}
	told := tale{events: []event{{Who: "b"}}, near: []replay.Near{
		near("account_recipients_1h", "a"), near("account_recipients_1h", "b"), near("account_recipients_1h", ""), near("account_floor_1h", "a"), near("failed_share", "a"),
	}}
	if quiet := told.quiet(); len(quiet) != 1 || quiet[0].Name() != "a" || quiet[0].Threshold != "account_recipients_1h" {
		t.Errorf("%+v", quiet)
	}
}

// TestInterrupt holds that Ctrl-C prints what is known by then.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if err := run(ctx, []string{attackLog}, &out, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Stopped before the end of the log.") || !strings.Contains(out.String(), "PAGES: 0") {
		t.Errorf("%s", out.String())
	}
}

// TestRefuses holds that what is wrong with the command line is said with the flag.
func TestRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"--step=2m x":                       "--step",
		"--log.timezone=Nowhere/None x":     "--log.timezone",
		"--my-networks=10.0.0.0/99 main.go": "--my-networks",
		"--rules=main.go main.go":           "--rules",
		"--alertmanager=main.go main.go":    "--alertmanager",
		"main.go":                           "is it a mail log?",
	} {
		err := run(t.Context(), strings.Fields(args), &bytes.Buffer{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
