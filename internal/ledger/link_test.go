package ledger

import (
	"strings"
	"testing"
)

func TestPipeFilter(t *testing.T) {
	const bobs = `
		smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
		cleanup[2]: 4F978A2E954: message-id=<1@example.org>
		qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)
	`
	const handed = `
		pipe[4]: 4F978A2E954: to=<a@example.net>, relay=scan, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (delivered via scan service)
		qmgr[3]: 4F978A2E954: removed
	`
	const pickup = "pickup[6]: 762B4A2E872: uid=999 from=<bob@example.org>\n"
	const id = "cleanup[2]: 762B4A2E872: message-id=<1@example.org>\n"
	const delivered = `
		qmgr[3]: 762B4A2E872: from=<bob@example.org>, size=1500, nrcpt=1 (queue active)
		smtp[5]: 762B4A2E872: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 no)
	`
	const bob = `
		bob@example.org: 1 to 1, 1 bounced
		handed over 1`
	tellAll(t, map[string]story{
		"in order":             {bobs + pickup + id + delivered + handed, bob},
		"the hand-over first":  {bobs + handed + pickup + id + delivered, bob},
		"the pickup line last": {bobs + id + delivered + handed + pickup, bob},
		"the first pass late":  {pickup + id + delivered + bobs + handed + "+10s", bob},
		"the first pass's client line late": {`
			cleanup[2]: 4F978A2E954: message-id=<1@example.org>
			qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)
			smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
			` + pickup + id + delivered + handed, bob},
		"a copy that local(8) forwards has the Message-ID, too": {
			bobs + pickup + `
			local[4]: 762B4A2E872: to=<moved@example.org>, relay=local, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (forwarded as 8888A2E8721)
			cleanup[2]: 8888A2E8721: message-id=<1@example.org>
			qmgr[3]: 8888A2E8721: from=<bob@example.org>, size=1600, nrcpt=1 (queue active)
			` + id + delivered + handed, `
			bob@example.org: 1 to 1, 1 sent, 1 bounced
			forward: 1 to 1
			handed over 1`,
		},
		"put back, long after the first pass": {
			bobs + pickup + id + `
			qmgr[3]: 762B4A2E872: from=<bob@example.org>, size=1500, nrcpt=1 (queue active)
			smtp[5]: 762B4A2E872: to=<a@example.net>, relay=none, delay=0.2, delays=0.1/0/0/0.1, dsn=4.4.1, status=deferred (connect to mx.example.net[192.0.2.9]:25: Connection timed out)
			` + handed + `
			+3h
			postsuper[8]: 762B4A2E872: requeued
			` + strings.ReplaceAll(`
			pickup[9]: 4F978A2E954: uid=102 from=<bob@example.org> orig_id=762B4A2E872
			cleanup[2]: 4F978A2E954: message-id=<1@example.org>
			qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1600, nrcpt=1 (queue active)
			`+handed, "4F978A2E954", "8888A2E8721") + strings.ReplaceAll(pickup+id+delivered, "762B4A2E872", "9999A2E8721"), `
			bob@example.org: 1 to 1, 1 deferred, 1 bounced
			handed over 2`,
		},
		"the filter's user writes of its own": {
			`
			pickup[6]: 762B4A2E872: uid=999 from=<bob@example.org>
			cleanup[2]: 762B4A2E872: message-id=<2@example.org>
			` + bobs + delivered + "+10s", `
			bob@example.org: 1 to 1
			local: 1 to 1, 1 bounced`,
		},
		"another local user has the Message-ID of an account's": {
			bobs + `
			pickup[6]: 762B4A2E872: uid=33 from=<bob@example.org>
			` + id + delivered + handed, `
			bob@example.org: 1 to 1
			handed over 1
			local: 1 to 1, 1 bounced`,
		},
		"a stranger has it, too: whose the second pass is nobody knows": {
			bobs + `
			smtpd[1]: 8888A2E8721: client=evil.example[198.51.100.7]
			cleanup[2]: 8888A2E8721: message-id=<1@example.org>
			qmgr[3]: 8888A2E8721: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)
			` + pickup + id + delivered + handed, `
			bob@example.org: 1 to 1
			handed over 1
			inbound: 1 to 1
			unknown: 0 to 0, 1 bounced`,
		},
		"the same message twice from one account": {
			bobs + `
			smtpd[1]: 8888A2E8721: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
			cleanup[2]: 8888A2E8721: message-id=<1@example.org>
			qmgr[3]: 8888A2E8721: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)
			` + pickup + id + delivered + handed, `
			bob@example.org: 2 to 2, 1 bounced
			handed over 1`,
		},
	})
}

func TestProxy(t *testing.T) {
	const front = "smtpd[1]: NOQUEUE: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org\n"
	const stranger = "smtpd[1]: NOQUEUE: client=c.example.net[192.0.2.1]\n"
	const back = `
		smtpd[9]: 762B4A2E872: client=localhost[127.0.0.1], orig_client=c.example.net[192.0.2.1]
		cleanup[2]: 762B4A2E872: message-id=<1@example.org>
	`
	const queued = "qmgr[3]: 762B4A2E872: from=<bob@example.org>, size=1500, nrcpt=1 (queue active)\n"
	const accept = "smtpd[1]: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as 762B4A2E872; from=<bob@example.org> to=<a@example.net> proto=ESMTP helo=<h>\n"
	const acceptBob = "smtpd[1]: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as 762B4A2E872; from=<bob@example.org> to=<a@example.net> proto=ESMTP helo=<h> sasl_username=<bob@example.org>\n"
	const delivered = `
		smtp[5]: 762B4A2E872: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
		qmgr[3]: 762B4A2E872: removed
	`
	const bob = "bob@example.org: 1 to 1, 1 sent"
	tellAll(t, map[string]story{
		"in order":                       {front + back + queued + accept + delivered, bob},
		"the answer after the delivery":  {front + back + queued + delivered + accept, bob},
		"the back end's line last":       {front + queued + accept + delivered + back, bob},
		"the answer before the back end": {front + accept + back + queued + delivered, bob},
		"the front's line was missed":    {back + queued + acceptBob + delivered, bob},
		"another process's answer": {`
			smtpd[7]: NOQUEUE: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=eve
			` + front + back + queued + accept + delivered, bob},
		"a stranger":           {stranger + back + queued + accept + delivered, "inbound: 1 to 1, 1 sent\nrelayed 1"},
		"an answer was missed": {front + back + queued + delivered + "+10s", "unknown: 1 to 1, 1 sent"},
		"an answer that names a remote client's message": {front + accept + `
			smtpd[9]: 762B4A2E872: client=x.example[203.0.113.1]
			` + queued, "inbound: 1 to 1"},
		"an answer that names another account's message": {front + `
			smtpd[9]: 762B4A2E872: client=x.example[203.0.113.1], sasl_method=PLAIN, sasl_username=eve
			` + queued + accept, "eve: 1 to 1"},
		"nothing is taken twice": {front + back + queued + delivered + accept + accept + "+11s\n" + front, bob},
	})
}

func TestOffspring(t *testing.T) {
	const bobs = `
		smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
		qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=2 (queue active)
		smtp[5]: 4F978A2E954: to=<a@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 no)
	`
	const link = "bounce[7]: 4F978A2E954: sender non-delivery notification: 762B4A2E872\n"
	const childs = `
		cleanup[2]: 762B4A2E872: message-id=<2@mx.example.org>
		qmgr[3]: 762B4A2E872: from=<>, size=1500, nrcpt=1 (queue active)
		smtp[5]: 762B4A2E872: to=<bob@example.org>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 no)
		qmgr[3]: 762B4A2E872: removed
	`
	const bounced = `
		bob@example.org: 1 to 2, 1 bounced
		bounce: 1 to 1, 1 bounced`
	const moved = `
		smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]
		qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=1 (queue active)
		local[4]: 4F978A2E954: to=<moved@example.org>, relay=local, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (forwarded as 762B4A2E872)
	`
	const copied = `
		cleanup[2]: 762B4A2E872: message-id=<1@example.net>
		qmgr[3]: 762B4A2E872: from=<x@example.net>, size=1500, nrcpt=2 (queue active)
		smtp[5]: 762B4A2E872: to=<me@elsewhere.example>, orig_to=<moved@example.org>, relay=mx.elsewhere.example[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
		smtp[5]: 762B4A2E872: to=<you@elsewhere.example>, orig_to=<moved@example.org>, relay=mx.elsewhere.example[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=4.7.1, status=deferred (host mx.elsewhere.example[192.0.2.9] said: 451 4.7.1 later)
		+300s
		qmgr[3]: 762B4A2E872: from=<x@example.net>, size=1500, nrcpt=1 (queue active)
		smtp[5]: 762B4A2E872: to=<you@elsewhere.example>, orig_to=<moved@example.org>, relay=mx.elsewhere.example[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
	`
	const forwarded = `
		forward: 1 to 2, 2 sent, 1 deferred
		forwarded 2
		inbound: 1 to 1, 1 sent`
	const requeued = `
		postsuper[8]: 4F978A2E954: requeued
		pickup[9]: 762B4A2E872: uid=102 from=<bob@example.org> orig_id=4F978A2E954
		cleanup[2]: 762B4A2E872: message-id=<1@example.org>
		qmgr[3]: 762B4A2E872: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)
		smtp[5]: 762B4A2E872: to=<b@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
	`
	tellAll(t, map[string]story{
		"a bounce before Postfix 3.11":       {bobs + childs + link, bounced},
		"a bounce from Postfix 3.11 on":      {bobs + link + childs, bounced},
		"a bounce of 3.11, an id used again": {childs + link + "+5s\n" + bobs + link + childs, "bob@example.org: 1 to 2, 1 bounced\nbounce: 2 to 2, 2 bounced"},
		"a copy that local(8) forwards":      {moved + copied, forwarded},
		"a copy, its link late":              {copied[:strings.Index(copied, "+300s")] + moved + copied[strings.Index(copied, "+300s"):], forwarded},
		"put back by postsuper":              {bobs + requeued, "bob@example.org: 1 to 2, 1 sent, 1 bounced"},
		"put back before its owner is told": {`
			qmgr[3]: 4F978A2E954: from=<bob@example.org>, size=1234, nrcpt=1 (queue active)
			` + requeued + `
			smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org
			+10s`, "bob@example.org: 1 to 1, 1 sent"},
		"put back twice": {bobs + requeued + `
			postsuper[8]: 762B4A2E872: requeued
			pickup[9]: 8888A2E8721: uid=102 from=<bob@example.org> orig_id=762B4A2E872
			smtp[5]: 8888A2E8721: to=<b@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)
			`, "bob@example.org: 1 to 2, 2 sent, 1 bounced"},
		"put back, never seen before": {requeued, "unknown: 1 to 1, 1 sent"},
	})
}
