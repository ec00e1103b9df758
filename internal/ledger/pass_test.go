package ledger

import (
	"net/netip"
	"strings"
	"testing"
)

// A content filter's second pass is the same message.
func TestSecondPass(t *testing.T) {
	const bobs = `
		smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
		cleanup[2]: 4F978A2E954: message-id=<1@example.org>
		qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=2 (queue active)
	`
	const handed = `
		smtp[4]: 4F978A2E954: to=<a@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 762B4A2E872)
		smtp[4]: 4F978A2E954: to=<b@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 762B4A2E872)
		qmgr[3]: 4F978A2E954: removed
	`
	const second = `
		cleanup[2]: 762B4A2E872: message-id=<1@example.org>
		qmgr[3]: 762B4A2E872: from=<bob@example.org>, size=1500, nrcpt=2 (queue active)
	`
	const delivered = `
		smtp[5]: 762B4A2E872: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
		smtp[5]: 762B4A2E872: to=<b@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 no such user)
		qmgr[3]: 762B4A2E872: removed
	`
	// Its queue file keeps the first pass's id.
	const again = `
		smtp[5]: 762B4A2E872: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
		smtp[5]: 762B4A2E872: to=<b@example.net>, relay=none, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.1, status=deferred (connect to mx.example.net[192.0.2.9]:25: Connection timed out)
		+20s
		postsuper[8]: 762B4A2E872: requeued
		pickup[9]: 8888A2E8721: uid=102 from=<bob@example.org> orig_id=762B4A2E872
		qmgr[3]: 8888A2E8721: from=<bob@example.org>, size=1500, nrcpt=1 (queue active)
		smtpd[6]: 9999A2E8721: client=localhost[127.0.0.1], orig_queue_id=4F978A2E954, orig_client=c.example.net[192.0.2.1]
		qmgr[3]: 9999A2E8721: from=<bob@example.org>, size=1600, nrcpt=1 (queue active)
		smtp[4]: 8888A2E8721: to=<b@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 9999A2E8721)
		smtp[5]: 9999A2E8721: to=<b@example.net>, relay=none, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.1, status=deferred (connect to mx.example.net[192.0.2.9]:25: Connection timed out)
		+11s
	`
	const bob = `
		bob@example.org: 1 to 2, 1 sent, 1 bounced
		handed over 2
	`
	const xforward = "smtpd[6]: 762B4A2E872: client=localhost[127.0.0.1], orig_queue_id=4F978A2E954, orig_client=c.example.net[192.0.2.1]\n"
	const plain = "smtpd[6]: 762B4A2E872: client=localhost[127.0.0.1]\n"
	tellAll(t, map[string]story{
		"XFORWARD":                                 {bobs + xforward + second + handed + delivered, bob},
		"XFORWARD, the first pass late":            {xforward + second + delivered + bobs + handed + "+10s", bob},
		"queued as, at once":                       {bobs + plain + second + handed + delivered, bob},
		"queued as, after the second pass is over": {bobs + plain + second + delivered + handed, bob},
		"queued as, before any other line":         {bobs + handed + plain + second + delivered, bob},
		"queued as, its client line last":          {bobs + second + handed + delivered + plain, bob},
		"queued as, no line but the qmgr's first":  {bobs + second + delivered + handed + plain, bob},
		"retried by the filter's answer": {
			bobs + `
			smtp[4]: 4F978A2E954: to=<a@example.net>, relay=none, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:10024: Connection refused)
			smtp[4]: 4F978A2E954: to=<b@example.net>, relay=none, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:10024: Connection refused)
			+300s
			qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=2 (queue active)
			` + plain + second + handed + delivered, `
			bob@example.org: 1 to 2, 1 sent, 2 deferred, 1 bounced
			handed over 2`,
		},
		"a filter that is configured and keeps the message": {
			bobs + `
			smtp[4]: 4F978A2E954: to=<a@example.net>, relay=192.0.2.200[192.0.2.200]:10024, delay=0.2, delays=0.1/0/0/0.1, dsn=2.7.0, status=sent (250 2.7.0 Ok, discarded, id=1-01 - spam)
			`, `
			bob@example.org: 1 to 2
			handed over 1`,
		},
		"another port of the filter's host is no filter": {
			bobs + `
			smtp[4]: 4F978A2E954: to=<a@example.net>, relay=192.0.2.200[192.0.2.200]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
			`, `bob@example.org: 1 to 2, 1 sent`,
		},
		"local delivery over loopback is final": {
			bobs + `
			lmtp[4]: 4F978A2E954: to=<a@example.org>, relay=127.0.0.1[127.0.0.1]:24, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <a@example.org> x1Saved Saved)
			lmtp[4]: 4F978A2E954: to=<b@example.org>, relay=mx[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 99999A2E872)
			+11s
			`, `bob@example.org: 1 to 2, 2 sent`,
		},
		"the second pass is put back, and goes through the filter again": {
			bobs + xforward + second + handed + again, `
			bob@example.org: 1 to 2, 1 sent, 2 deferred
			handed over 3`,
		},
		"the same, the first pass is forgotten": {
			bobs + xforward + second + handed + "+300s\n" + again, `
			bob@example.org: 1 to 2, 1 sent, 2 deferred
			handed over 3`,
		},
		"the same, the answer comes before the client's line": {
			bobs + xforward + second + handed + "+300s\n" + moved(again, "smtpd[6]: 9999A2E8721", "smtp[5]: 9999A2E8721"), `
			bob@example.org: 1 to 2, 1 sent, 2 deferred
			handed over 3`,
		},
		"a first pass that was never seen": {xforward + second + delivered + "+10s", `unknown: 1 to 2, 1 sent, 1 bounced`},
		"a webmail program on this host":   {plain + second + delivered + "+10s", `network: 1 to 2, 1 sent, 1 bounced`},
		"a stranger's mail through the filter": {
			`
			smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]
			qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=1 (queue active)
			smtp[4]: 4F978A2E954: to=<a@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 762B4A2E872)
			` + plain + `
			qmgr[3]: 762B4A2E872: from=<x@example.net>, size=1500, nrcpt=1 (queue active)
			local[5]: 762B4A2E872: to=<a@example.org>, relay=local, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (delivered to mailbox)
			`, `
			inbound: 1 to 1, 1 sent
			handed over 1`,
		},
		"two filters, one after the other": {
			bobs + plain + second + handed + `
			smtp[4]: 762B4A2E872: to=<a@example.net>, relay=127.0.0.1[127.0.0.1]:10026, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 8888A2E8721)
			smtpd[1]: 8888A2E8721: client=localhost[127.0.0.1]
			qmgr[3]: 8888A2E8721: from=<bob@example.org>, size=1500, nrcpt=1 (queue active)
			smtp[5]: 8888A2E8721: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
			`, `
			bob@example.org: 1 to 2, 1 sent
			handed over 3`,
		},
	})
}

// moved is a story with its line that begins so before the one that begins otherwise.
func moved(story, line, before string) string {
	at := strings.Index(story, line)
	line = story[at : at+strings.IndexByte(story[at:], '\n')+1]
	story = strings.Replace(story, line, "", 1)
	return strings.Replace(story, before, line+before, 1)
}

// What strangers and remote hosts write links nothing.
func TestForgedPass(t *testing.T) {
	const bobs = `
		smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
		qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)
	`
	const spam = `
		qmgr[3]: 762B4A2E872: from=<bob@example.org>, size=1500, nrcpt=3 (queue active)
		smtp[5]: 762B4A2E872: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 no)
	`
	tellAll(t, map[string]story{
		"orig_queue_id within sasl_sender, which any client may choose": {
			bobs + "smtpd[6]: 762B4A2E872: client=evil.example[198.51.100.7], sasl_sender=x, orig_queue_id=4F978A2E954\n" + spam, `
			bob@example.org: 1 to 1
			inbound: 1 to 3, 1 bounced
			relayed 1`,
		},
		"the same from an account of this server": {
			bobs + "smtpd[6]: 762B4A2E872: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=eve, sasl_sender=x, orig_queue_id=4F978A2E954\n" + spam, `
			bob@example.org: 1 to 1
			eve: 1 to 3, 1 bounced`,
		},
		"a remote host says queued as another account's id": {
			bobs + "smtpd[6]: 762B4A2E872: client=evil.example[198.51.100.7], sasl_method=PLAIN, sasl_username=eve\n" + spam + `
			smtp[4]: 4F978A2E954: to=<a@evil.example>, relay=evil.example[198.51.100.7]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 762B4A2E872)
			`, `
			bob@example.org: 1 to 1, 1 sent
			eve: 1 to 3, 1 bounced`,
		},
		"and of a stranger's, or of this host's": {
			bobs + "smtpd[6]: 762B4A2E872: client=localhost[127.0.0.1]\n" + spam + `
			smtp[4]: 4F978A2E954: to=<a@evil.example>, relay=evil.example[198.51.100.7]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 762B4A2E872)
			+10s`, `
			bob@example.org: 1 to 1, 1 sent
			network: 1 to 3, 1 bounced`,
		},
		"a tunnel on this host leads to a remote one that says so": {
			bobs + `
			smtp[4]: 4F978A2E954: to=<a@evil.example>, relay=localhost[127.0.0.1]:1125, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 762B4A2E872)
			smtpd[6]: 762B4A2E872: client=evil.example[198.51.100.7], sasl_method=PLAIN, sasl_username=eve
			` + spam, `
			bob@example.org: 1 to 1, 1 sent
			eve: 1 to 3, 1 bounced`,
		},
		"the same, a stranger's message that came before": {
			bobs + "smtpd[6]: 762B4A2E872: client=evil.example[198.51.100.7]\n" + spam + `
			smtp[4]: 4F978A2E954: to=<a@evil.example>, relay=localhost[127.0.0.1]:1125, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 762B4A2E872)
			`, `
			bob@example.org: 1 to 1, 1 sent
			inbound: 1 to 3, 1 bounced
			relayed 1`,
		},
		"a message that says it is its own": {
			bobs + `
			smtp[4]: 4F978A2E954: to=<a@evil.example>, relay=localhost[127.0.0.1]:1125, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F978A2E954)
			`, `bob@example.org: 1 to 1, 1 sent`,
		},
		"a message that says it is its own first pass": {
			`
			smtpd[6]: 762B4A2E872: client=localhost[127.0.0.1], orig_queue_id=762B4A2E872
			` + spam + "+10s", `network: 1 to 3, 1 bounced`,
		},
		"two that name each other, which is nonsense": {
			`
			smtpd[6]: 762B4A2E872: client=localhost[127.0.0.1], orig_queue_id=8888A2E8721
			smtpd[6]: 8888A2E8721: client=localhost[127.0.0.1], orig_queue_id=762B4A2E872
			` + spam + "+10s", `unknown: 0 to 0, 1 bounced`,
		},
	})
}

// Where nothing is configured that brings mail back, that of this host's own
// programs counts at once, also if the log then falls silent.
func TestOwnMailWithoutFilter(t *testing.T) {
	for nothingBack, want := range map[bool]uint64{true: 1, false: 0} {
		l := newTestLog(t, Config{})
		l.Configure(Site{MyNetworks: loopbackNetworks(), NothingBack: nothingBack})
		l.add(client(idA, "", "127.0.0.1"), active(idA, 2))
		l.Read(func(s *State) {
			if got := s.Origins[OriginNetwork].Messages; got != want {
				t.Errorf("nothing comes back: %v; %d messages at once, want %d", nothingBack, got, want)
			}
		})
		l.wait(keepUnsettled + 1e9)
		l.Read(func(s *State) {
			if got := s.Origins[OriginNetwork]; got != (Accepted{1, 2}) {
				t.Errorf("nothing comes back: %v; %+v later", nothingBack, got)
			}
		})
	}
}

func loopbackNetworks() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }
