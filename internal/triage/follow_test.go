package triage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// A log in which emil's account is abused: from two networks, of which anna uses one,
// through a content filter, and with a queue id that is later another's.
const emilsLog = `Nov 23 10:00:00 mx postfix/smtpd[11]: connect from unknown[192.0.2.1]
Nov 23 10:00:01 mx postfix/submission/smtpd[12]: AAAAAAAAA1: client=unknown[203.0.113.7], sasl_method=LOGIN, sasl_username=emil@example.org
Nov 23 10:00:01 mx postfix/submission/smtpd[12]: NOQUEUE: reject: RCPT from unknown[203.0.113.7]: 554 5.7.1 <x, sasl_username=anna>: no; from=<a@b.test> to=<x> proto=ESMTP helo=<a>
Nov 23 10:00:01 mx postfix/qmgr[2]: AAAAAAAAA1: from=<forged@b.test>, size=500, nrcpt=3 (queue active)
Nov 23 10:00:02 mx postfix/smtp[3]: AAAAAAAAA1: to=<a@unknown.test>, relay=mx.unknown.test[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.unknown.test[198.51.100.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))
Nov 23 10:00:02 mx postfix/smtp[3]: AAAAAAAAA1: to=<b@slow.test>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to slow.test[198.51.100.2]:25: Connection timed out)
Nov 23 10:00:02 mx postfix/smtp[3]: AAAAAAAAA1: to=<c@ok.test>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as CCCCCCCCC1)
Nov 23 10:00:02 mx postfix/bounce[4]: AAAAAAAAA1: sender non-delivery notification: BBBBBBBBB1
Nov 23 10:01:00 mx postfix/submission/smtpd[13]: AAAAAAAAA2: client=unknown[198.51.100.9], sasl_method=LOGIN, sasl_username=emil@example.org
Nov 23 10:01:00 mx postfix/submission/smtpd[13]: AAAAAAAAA3: client=unknown[198.51.100.9], sasl_method=PLAIN, sasl_username=anna@example.org
Nov 23 10:01:00 mx postfix/qmgr[2]: AAAAAAAAA2: from=<forged@b.test>, size=500, nrcpt=2 (queue active)
Nov 23 10:06:00 mx postfix/qmgr[2]: AAAAAAAAA2: from=<forged@b.test>, size=500, nrcpt=2 (queue active)
Nov 23 11:00:00 mx postfix/submission/smtpd[14]: AAAAAAAAA1: client=unknown[192.0.2.4], sasl_method=PLAIN, sasl_username=ben@example.org
Nov 23 11:00:00 mx postfix/smtp[3]: AAAAAAAAA1: to=<friend@ok.test>, relay=mx.ok.test[198.51.100.3]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
`

func testDomains() Domains {
	return Domains{Names: map[string]bool{"example.org": true, ".example.net": true}, Known: true}
}

// follow reads a log for a principal.
func follow(t *testing.T, log string, p Principal) *Trail {
	t.Helper()
	f := Follow(p, testDomains(), []string{"99"}, func(ev *parser.Event) string { return ev.Status.String() })
	each(log, f.Line)
	return f.Trail()
}

func each(log string, take func(*parser.Event)) {
	p := parser.New(parser.Options{Reference: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Location: time.UTC})
	var ev parser.Event
	for line := range strings.Lines(log) {
		p.Parse([]byte(line), &ev)
		take(&ev)
	}
}

func TestFollowAccount(t *testing.T) {
	trail := follow(t, emilsLog, Principal{Kind: Account, Name: "emil@example.org"})
	got := fmt.Sprint(trail.Messages, trail.Recipients, trail.Failed, trail.Networks[0].Network, trail.Networks[0].SharedWith, trail.Networks[1].SharedWith,
		trail.Reasons, trail.Servers, len(trail.Minutes), trail.Samples)
	want := "2 5 1 198.51.100.0/24anna@example.org[{bounced 1} {deferred 1}] [12 13] 2 [AAAAAAAAA1 AAAAAAAAA2]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, to := range trail.Destinations {
		if to.N != 1 {
			t.Errorf("%d deliveries to %s: a queue id that is ben's by now counts as his", to.N, to.What)
		}
	}
	arrival := time.Date(2026, 11, 23, 10, 0, 2, 0, time.UTC).Unix()
	for what, one := range map[string]struct {
		q    Queued
		mine bool
	}{
		"his by its file":                {Queued{Origin: "sasl", Account: []byte("emil@example.org"), ID: []byte("F1")}, true},
		"another's whose name begins so": {Queued{Origin: "sasl", Account: []byte("emil@example.org.test"), ID: []byte("F2")}, false},
		"what the filter gave back":      {Queued{Origin: "unknown", ID: []byte("CCCCCCCCC1"), Arrival: arrival}, true},
		"that id a day later":            {Queued{Origin: "inbound", ID: []byte("CCCCCCCCC1"), Arrival: arrival + 86400}, false},
		"the id that is ben's by now":    {Queued{Origin: "unknown", ID: []byte("AAAAAAAAA1"), Arrival: arrival + 3598}, false},
		"ben's, by its file":             {Queued{Origin: "sasl", Account: []byte("ben@example.org"), ID: []byte("AAAAAAAAA2"), Arrival: arrival + 58}, false},
		"a bounce":                       {Queued{Origin: "bounce", ID: []byte("BBBBBBBBB1"), Arrival: arrival, Waiting: []byte("forged@b.test")}, false},
	} {
		if got := trail != nil && (Principal{Kind: Account, Name: "emil@example.org"}).Owns(&one.q, testDomains(), trail); got != one.mine {
			t.Errorf("%s: %v", what, got)
		}
	}
	if !trail.Caused(&Queued{Origin: "bounce", ID: []byte("BBBBBBBBB1"), Arrival: arrival}) || trail.Caused(&Queued{Origin: "bounce", ID: []byte("BBBBBBBBB2"), Arrival: arrival}) {
		t.Error("his bounce is not told from another")
	}
}

func TestFollowForward(t *testing.T) {
	const log = `Nov 23 10:00:02 mx postfix/smtp[3]: AAAAAAAAA1: to=<x@aol.test>, orig_to=<nicole@example.org>, relay=mx.aol.test[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host mx.aol.test[198.51.100.1] said: 550 5.7.1 spam)
Nov 23 10:00:02 mx postfix/local[3]: AAAAAAAAA1: to=<ben@example.org>, orig_to=<nicole@example.org>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)
Nov 23 10:00:02 mx postfix/smtp[3]: AAAAAAAAA2: to=<y@aol.test>, relay=mx.aol.test[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 orig_to=<nicole@example.org>)
`
	p := Principal{Kind: Forward, Name: "example.org"}
	trail := follow(t, log, p)
	if got := fmt.Sprint(trail.Messages, trail.Recipients, trail.Failed, trail.Aliases, trail.Targets); got != "1 1 1 [{nicole@example.org 1}] [{x@aol.test 1}]" {
		t.Error(got)
	}
	queued := Queued{Origin: "inbound", Waiting: []byte("x@aol.test"), Original: []byte("Nicole@example.org"), Alike: true}
	p.Name = "nicole@example.org"
	if !p.Owns(&queued, testDomains(), nil) {
		t.Error("a message that waits for the alias's target is not its")
	}
	queued.Alike = false // others wait for it too
	if p.Owns(&queued, testDomains(), nil) {
		t.Error("a message that waits for others too is taken")
	}
}

func TestFollowNetworkAndBounces(t *testing.T) {
	const log = `Nov 23 10:00:01 mx postfix/smtpd[12]: AAAAAAAAA1: client=unknown[203.0.113.7]
Nov 23 10:00:01 mx postfix/qmgr[2]: AAAAAAAAA1: from=<forged@b.test>, size=500, nrcpt=2 (queue active)
Nov 23 10:00:02 mx postfix/smtp[3]: AAAAAAAAA1: to=<a@victim.test>, relay=mx.victim.test[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (no)
Nov 23 10:00:02 mx postfix/smtp[3]: AAAAAAAAA1: to=<ben@mail.example.net>, relay=mx[198.51.100.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
Nov 23 10:00:02 mx postfix/bounce[4]: AAAAAAAAA1: sender non-delivery notification: BBBBBBBBB1
Nov 23 10:00:03 mx postfix/smtp[3]: BBBBBBBBB1: to=<forged@b.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (connect to b.test[198.51.100.4]:25: Connection refused)
Nov 23 10:00:04 mx postfix/smtpd[12]: AAAAAAAAA2: client=unknown[192.0.2.7]
Nov 23 10:00:05 mx postfix/local[3]: AAAAAAAAA2: to=<ben@example.org>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)
`
	network := Principal{Kind: Network, Name: "203.0.113.0/24"}
	if trail := follow(t, log, network); trail.Recipients != 1 || trail.Failed != 1 || trail.Messages != 1 {
		t.Errorf("the network: %+v", trail)
	}
	if trail := follow(t, log, Principal{Kind: Bounces}); trail.Recipients != 1 || trail.Messages != 1 {
		t.Errorf("the bounces: %+v", trail)
	}
	o := Look(testDomains())
	each(log, o.Line)
	got := map[Principal]float64{}
	for _, c := range o.Candidates() {
		got[c.Principal] = c.Figures[0][Recipients]
	}
	if len(got) != 2 || got[network] != 1 || got[Principal{Kind: Bounces}] != 1 {
		t.Errorf("the overview: %v", got)
	}
}

// TestFollowThroughAPipe: a second pass by pipe(8) and sendmail(1) is the account's where
// nobody else's message has its Message-ID, and the filter's user handed it in.
func TestFollowThroughAPipe(t *testing.T) {
	const log = `Nov 23 10:00:00 mx postfix/submission/smtpd[1]: AAAAAAAAA1: client=unknown[203.0.113.7], sasl_method=LOGIN, sasl_username=emil@example.org
Nov 23 10:00:00 mx postfix/cleanup[2]: AAAAAAAAA1: message-id=<spam1@b.test>
Nov 23 10:00:00 mx postfix/submission/smtpd[1]: AAAAAAAAA2: client=unknown[203.0.113.7], sasl_method=LOGIN, sasl_username=emil@example.org
Nov 23 10:00:00 mx postfix/cleanup[2]: AAAAAAAAA2: message-id=<stolen@b.test>
Nov 23 10:00:00 mx postfix/submission/smtpd[1]: DDDDDDDDD1: client=unknown[192.0.2.4], sasl_method=LOGIN, sasl_username=anna@example.org
Nov 23 10:00:00 mx postfix/cleanup[2]: DDDDDDDDD1: message-id=<stolen@b.test>
Nov 23 10:00:01 mx postfix/pickup[3]: CCCCCCCCC1: uid=99 from=<a@b.test>
Nov 23 10:00:01 mx postfix/cleanup[2]: CCCCCCCCC1: message-id=<spam1@b.test>
Nov 23 10:00:01 mx postfix/pickup[3]: CCCCCCCCC2: uid=99 from=<a@b.test>
Nov 23 10:00:01 mx postfix/cleanup[2]: CCCCCCCCC2: message-id=<stolen@b.test>
Nov 23 10:00:01 mx postfix/pickup[3]: EEEEEEEEE1: uid=33 from=<a@b.test>
Nov 23 10:00:01 mx postfix/cleanup[2]: EEEEEEEEE1: message-id=<spam1@b.test>
`
	emil := Principal{Kind: Account, Name: "emil@example.org"}
	trail := follow(t, log, emil)
	if trail.Messages != 2 {
		t.Errorf("%d messages", trail.Messages)
	}
	arrival := time.Date(2026, 11, 23, 10, 0, 1, 0, time.UTC).Unix()
	for id, mine := range map[string]bool{"CCCCCCCCC1": true, "CCCCCCCCC2": false, "EEEEEEEEE1": false, "DDDDDDDDD1": false} {
		if got := emil.Owns(&Queued{Origin: "unknown", ID: []byte(id), Arrival: arrival}, testDomains(), trail); got != mine {
			t.Errorf("%s: %v", id, got)
		}
	}
}
