package ledger

import (
	"strings"
	"testing"
)

// Lines that come late, ids that are used again, and what was never seen.
func TestLateAndAgain(t *testing.T) {
	const clientBob = "smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org\n"
	const clientEve = "smtpd[1]: 4F978A2E954: client=x.example[203.0.113.1], sasl_method=PLAIN, sasl_username=eve\n"
	const id = "cleanup[2]: 4F978A2E954: message-id=<1@example.org>\n"
	const queued = "qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=2 (queue active)\n"
	const sentA = "smtp[5]: 4F978A2E954: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)\n"
	const deferredB = "smtp[6]: 4F978A2E954: to=<b@example.net>, relay=none, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.1, status=deferred (connect to mx.example.net[192.0.2.9]:25: Connection timed out)\n"
	const again = "qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)\n"
	const expired = "qmgr[3]: 4F978A2E954: from=<bob@example.org>, status=expired, returned to sender\n"
	const removed = "qmgr[3]: 4F978A2E954: removed\n"
	tellAll(t, map[string]story{
		"removed before the last delivery":                          {clientBob + id + queued + deferredB + removed + sentA, "bob@example.org: 1 to 2, 1 sent, 1 deferred"},
		"the client's line last":                                    {id + queued + sentA + removed + clientBob, "bob@example.org: 1 to 2, 1 sent"},
		"the queue manager before smtpd":                            {queued + clientBob + sentA, "bob@example.org: 1 to 2, 1 sent"},
		"deliveries before all":                                     {sentA + deferredB + removed + queued + id + clientBob, "bob@example.org: 1 to 2, 1 sent, 1 deferred"},
		"the client's line twice":                                   {clientBob + clientBob + id + queued + sentA, "bob@example.org: 1 to 2, 1 sent"},
		"one that was broken off, then another of the same account": {clientBob + "+60s\n" + clientBob + queued + sentA, "bob@example.org: 1 to 2, 1 sent"},
		"one that was broken off, then another's":                   {clientBob + id + "+60s\n" + clientEve + queued + sentA, "eve: 1 to 2, 1 sent"},
		"an id used again":                                          {clientBob + queued + sentA + removed + "+5s\n" + clientBob + queued + sentA, "bob@example.org: 2 to 4, 2 sent"},
		"an id used again, the end was missed":                      {clientBob + queued + sentA + "+5s\n" + clientEve + queued + sentA, "bob@example.org: 1 to 2, 1 sent\neve: 1 to 2, 1 sent"},
		"a second Message-ID in the header, after the end":          {clientBob + id + queued + sentA + removed + id + deferredB, "bob@example.org: 1 to 2, 1 sent, 1 deferred"},
		"never seen":                  {deferredB + "+11s", "unknown: 0 to 0, 1 deferred"},
		"never seen, and tried again": {deferredB + "+300s\n" + again + deferredB, "unknown: 1 to 1, 2 deferred"},
		"only its end":                {removed, ""},
		"expired":                     {clientBob + queued + sentA + deferredB + "+300s\n" + again + deferredB + expired + "bounce[7]: 4F978A2E954: sender non-delivery notification: 762B4A2E872\n" + removed, "bob@example.org: 1 to 2, 1 sent, 2 deferred"},
	})
}

// local(8) may write several lines for one recipient, which a retry that comes
// before the queue manager's line may not.
func TestFirstAttempts(t *testing.T) {
	const begin = `
		smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]
		qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=2 (queue active)
		local[4]: 4F978A2E954: to=<keeps@example.org>, relay=local, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (delivered to maildir)
		local[4]: 4F978A2E954: to=<keeps@example.org>, relay=local, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (forwarded as 762B4A2E872)
	`
	deferred := deferred("smtp", "a@example.com>, orig_to=<b@example.org>", "none")
	const again = "qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=1 (queue active)\n"
	tellAll(t, map[string]story{
		"two lines for one recipient": {begin + deferred, "forwarded 1\ninbound: 1 to 2, 2 sent, 1 deferred"},
		"tried again":                 {begin + deferred + "+300s\n" + again + deferred, "forwarded 1\ninbound: 1 to 2, 2 sent, 2 deferred"},
		"tried again, the line late": {`
			smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]
			qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=1 (queue active)
			` + deferred + "+300s\n" + deferred + again, "forwarded 1\ninbound: 1 to 1, 2 deferred"},
	})
}

// What an expired message was still to reach has failed, once, and only that.
func TestExpiredFails(t *testing.T) {
	const begin = `
		smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
		qmgr[3]: 4F978A2E954: from=<other@example.com>, size=1234, nrcpt=3 (queue active)
	`
	bounced := strings.Replace(sent("smtp", "a@example.net>", "mx.example.net[192.0.2.9]:25"), "dsn=2.0.0, status=sent (250 ok)",
		"dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 no)", 1)
	tried := bounced + sent("smtp", "b@example.net>", "mx.example.net[192.0.2.9]:25")
	const expired = "qmgr[3]: 4F978A2E954: from=<other@example.com>, status=expired, returned to sender\n"
	const again = "qmgr[3]: 4F978A2E954: from=<other@example.com>, size=1234, nrcpt=3 (queue active)\n" // of the whole queue file, as ever
	for name, log := range map[string]string{
		"tried again":                begin + tried + deferred("smtp", "c@example.net>", "none") + "+300s\n" + again + deferred("smtp", "c@example.net>", "none") + expired + "+11s\n",
		"in order":                   begin + tried + deferred("smtp", "c@example.net>", "none") + expired + "qmgr[3]: 4F978A2E954: removed\n+11s\n",
		"deliveries that came late":  begin + deferred("smtp", "c@example.net>", "none") + expired + "qmgr[3]: 4F978A2E954: removed\n" + tried + "+11s\n",
		"the client's line the last": strings.Join(strings.SplitAfterN(begin, "\n", 3)[2:], "") + tried + expired + strings.SplitAfterN(begin, "\n", 3)[1] + "+11s\n",
		"expired twice":              begin + tried + expired + expired + "+11s\n" + expired + "+11s\n",
	} {
		t.Run(name, func(t *testing.T) {
			told(t, testSite(), stamped(log)).Read(func(s *State) {
				got := s.Accounts.Everything(s.Now).Sums[Window1h]
				if s.Expired != 1 || got[Failed] != 2 || got[Messages] != 1 || got[Recipients] != 3 || got[Foreign] != 1 {
					t.Errorf("%v, %d expired", got, s.Expired)
				}
			})
		})
	}
}
