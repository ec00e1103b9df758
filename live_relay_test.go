//go:build live

package main

import (
	"testing"

	"postfix_exporter/lab"
)

// TestOpenRelay lets strangers send anywhere: who got through is counted, to the
// recipient, and nobody else is.
func TestOpenRelay(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{MainCF: lab.NoRetries(), OpenRelay: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	e := launch(t, nil, "--postfix.config-directory="+l.Postfix.ConfigDir)
	l.Crowd(t.Context(), 0, 200)
	steps(t, l.Postfix.Wait)
	c := l.Truth.Counts()
	for _, err := range c.Failures {
		t.Errorf("a conversation with Postfix failed: %v", err)
	}
	s := atRest(t, l, e)
	for _, want := range []samples{truth(c), fates(c), ways(c)} {
		if differences := s.differences(want); differences != "" {
			t.Error(differences)
		}
	}
	if n := s.sum("postfix_client_window_events", `event="relayed"`, `window="24h"`); n < 1 || n > s["postfix_relayed_recipients_total"] {
		t.Errorf("the ten largest networks sent to %v of %v", n, s["postfix_relayed_recipients_total"])
	}
	if s["postfix_relayed_recipients_total"] < 10 {
		t.Errorf("only %v recipients were relayed", s["postfix_relayed_recipients_total"])
	}
}
