//go:build live

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// TestQueueTruth is a lab that delivers nothing: whatever its people send stays
// in the queue, whose figures must be theirs, message for message, also after an
// administrator has held, released, requeued and deleted it.
func TestQueueTruth(t *testing.T) {
	l := startLab(t, append([]string{"defer_transports = smtp, relay, local, virtual, error, lmtp"}, lab.NoRetries()...)...)
	e := launch(t, nil, "--postfix.config-directory="+l.Postfix.ConfigDir)
	ordinary(t, l, 5*time.Second)
	c := l.Truth.Counts()

	agree := func(what, queue string, share int) {
		t.Helper()
		want, total := samples{"postfix_queue_snapshot_complete": 1, "postfix_queue_unread_messages": 0}, 0
		origin := func(name string, messages int) {
			want[fmt.Sprintf("postfix_queue_origin_messages{origin=%q,queue=%q}", name, queue)] += float64(messages * share)
			total += messages * share
		}
		for owner, sent := range c.Owners {
			if owner.Origin == "bounce" || owner.Origin == "forward" { // made at delivery
				continue
			}
			origin(owner.Origin, sent.Messages)
			switch owner.Origin {
			case "sasl":
				want[fmt.Sprintf("postfix_queue_account_messages{sasl_username=%q}", owner.Name)] = float64(sent.Messages * share)
			case "local":
				user := map[string]string{"0": "root", "33": "www-data"}[owner.Name]
				want[fmt.Sprintf("postfix_queue_local_user_messages{uid=%q,user=%q}", owner.Name, user)] = float64(sent.Messages * share)
			}
		}
		for _, none := range []string{"unknown", "bounce", "forward"} {
			origin(none, 0)
		}
		want[fmt.Sprintf("postfix_queue_messages{queue=%q}", queue)] = float64(total)
		for key := range want { // who has none has no row
			if share == 0 && (strings.HasPrefix(key, "postfix_queue_account_") || strings.HasPrefix(key, "postfix_queue_local_user_")) {
				delete(want, key)
			}
		}
		within(t, 60*time.Second, func() string {
			if differences := e.scrape(t, 5*time.Second).differences(want); differences != "" {
				return what + ":\n" + differences
			}
			return ""
		})
		t.Logf("%s: %d messages", what, total)
	}
	super := func(args ...string) {
		t.Helper()
		if err := l.Postfix.Super(t.Context(), args...); err != nil {
			t.Fatal(err)
		}
	}
	agree("at rest", "deferred", 1)
	super("-h", "ALL")
	agree("held", "hold", 1)
	super("-H", "ALL")
	agree("released", "deferred", 1)
	super("-r", "ALL")
	if err := l.Postfix.Pickup(t.Context()); err != nil {
		t.Fatal(err)
	}
	agree("requeued", "deferred", 1)
	super("-d", "ALL")
	agree("deleted", "deferred", 0)
}
