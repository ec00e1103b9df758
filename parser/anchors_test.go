package parser

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the zone of TestDaylightSaving, also where the machine has none
)

// TestFields states by hand what lines of strangers' making must give: the
// golden files alone would bless a bug. A field of value "-" must be absent.
func TestFields(t *testing.T) {
	type fields map[string]string
	reject := "postfix/smtpd[1]: NOQUEUE: reject: RCPT from localhost[127.0.0.1]: "
	bounced := "postfix/smtp[1]: 4F978A2E954: to=<u@dead.test>, relay=mx.dead.test[192.0.2.9]:25, delay=1, delays=0.1/0.2/0.3/0.4, dsn=5.7.1, status=bounced "
	for _, c := range []struct {
		name, line string
		want       fields
	}{
		{
			"user name that looks like another field",
			"postfix/smtpd[1]: warning: localhost[127.0.0.1]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=x, sasl_username=bob@example.test",
			fields{"kind": "sasl_failure", "sasl_method": "PLAIN", "sasl_reason": "credentials", "sasl_username": "x, sasl_username=bob@example.test", "client_address": "127.0.0.1", "reason": "(reason unavailable)"},
		},
		{
			"stale user name of an earlier try",
			"postfix/smtpd[1]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: Connection lost to authentication server, sasl_username=previous@example.test",
			fields{"sasl_reason": "backend", "sasl_username": "-"},
		},
		{
			"stale user name, mechanism refused",
			"postfix/smtpd[1]: warning: unknown[203.0.113.9]: SASL FOO, authentication failed: Invalid authentication mechanism: FOO,, sasl_username=previous@example.test",
			fields{"sasl_reason": "mechanism", "sasl_method": "FOO,", "sasl_username": "-"},
		},
		{
			"no user name to be had",
			"postfix/smtpd[1]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=(unavailable)",
			fields{"sasl_reason": "credentials", "sasl_username": "-"},
		},
		{
			"no user name logged",
			"postfix/smtpd[1]: warning: mail.example.com[192.0.2.25]:50312: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
			fields{"sasl_reason": "credentials", "sasl_username": "-", "client_port": "50312"},
		},
		{
			"aborted",
			"postfix/smtpd[1]: warning: unknown[203.0.113.9]: SASL PLAIN authentication aborted",
			fields{"kind": "sasl_failure", "sasl_reason": "aborted", "sasl_method": "PLAIN"},
		},
		{
			"look-alikes in quoted sender and recipient",
			reject + `554 5.7.1 <v> proto=SMTP helo=<z@gmail.test>: Relay access denied; from=<"x> to=<y, sasl_username=bob"@b.test> to=<"v> proto=SMTP helo=<z"@gmail.test> proto=ESMTP helo=<foo>`,
			fields{"kind": "reject", "action": "reject", "stage": "rcpt", "code": "554", "dsn": "5.7.1", "reject_reason": "relay_denied", "from": `"x> to=<y, sasl_username=bob"@b.test`, "to": `"v> proto=SMTP helo=<z"@gmail.test`, "proto": "ESMTP", "helo": "foo", "sasl_username": "-", "noqueue": "true", "cut": "-"},
		},
		{
			"a whole tail in the quoted sender",
			reject + `554 5.7.1 <v@gmail.test>: Relay access denied; from=<"; from=<x> to=<y> proto=SMTP helo=<z>"@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test>`,
			fields{"reject_reason": "relay_denied", "from": `"; from=<x> to=<y> proto=SMTP helo=<z>"@b.test`, "to": "v@gmail.test", "proto": "ESMTP", "helo": "h.test", "cut": "-"},
		},
		{
			"a whole tail and a colon in the quoted sender",
			reject + `554 5.7.1 <v@gmail.test>: Relay access denied; from=<"; from=<x> to=<y> proto=SMTP helo=<z>: "@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test>`,
			fields{"reject_reason": "relay_denied", "from": `"; from=<x> to=<y> proto=SMTP helo=<z>: "@b.test`, "to": "v@gmail.test", "proto": "ESMTP", "helo": "h.test"},
		},
		{
			"an account in the quoted sender",
			reject + `554 5.7.1 <v@gmail.test>: Relay access denied; from=<"; from=<x> to=<y> proto=SMTP helo=<z> sasl_username=root "@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test>`,
			fields{"sasl_username": "-", "to": "v@gmail.test", "helo": "h.test"},
		},
		{
			"many beginnings of a tail in the quoted recipient",
			reject + `554 5.7.1 <; from=<; from=<; from=<; from=<; from=<; from=<; from=<; from=<; from=<>: User unknown@gmail.test>: Relay access denied; from=<a@b.test> to=<"; from=<; from=<; from=<; from=<; from=<; from=<; from=<; from=<; from=<>: User unknown"@gmail.test> proto=ESMTP helo=<h.test>`,
			fields{"reject_reason": "relay_denied", "from": "a@b.test", "to": `"; from=<; from=<; from=<; from=<; from=<; from=<; from=<; from=<; from=<>: User unknown"@gmail.test`, "helo": "h.test"},
		},
		{
			"a blocklist's TXT record with a tail",
			"postfix/smtpd[1]: NOQUEUE: reject: RCPT from bad.listed.test[198.51.100.66]: 554 5.7.1 Service unavailable; Client host [198.51.100.66] blocked using zen.rbl.test; https://x.test/SBL1; from=<a> to=<b> proto=SMTP helo=<x>; from=<a@listed.test> to=<rbl@example.test> proto=ESMTP helo=<x.listed.test>",
			fields{"reject_reason": "dnsbl", "from": "a@listed.test", "to": "rbl@example.test", "proto": "ESMTP", "helo": "x.listed.test"},
		},
		{
			"another host's refusal quoted in ours",
			reject + "550 5.1.1 <x@example.test>: Recipient address rejected: undeliverable address: host 192.0.2.7[192.0.2.7] said: 550 5.7.1 <x@example.test>: Relay access denied (in reply to RCPT TO command); from=<a@b.test> to=<x@example.test> proto=ESMTP helo=<a>",
			fields{"reject_reason": "user_unknown", "code": "550", "dsn": "5.1.1"},
		},
		{
			"helo full of question marks",
			reject + "554 5.7.1 <victim@gmail.test>: Relay access denied; from=<a@b.test> to=<victim@gmail.test> proto=ESMTP helo=<a??sasl_username=root??b>",
			fields{"helo": "a??sasl_username=root??b", "sasl_username": "-", "to": "victim@gmail.test", "from": "a@b.test"},
		},
		{
			"null sender",
			reject + "554 5.7.1 <v@gmail.test>: Relay access denied; from=<> to=<v@gmail.test> proto=SMTP helo=<h.test>",
			fields{"from": "", "to": "v@gmail.test"},
		},
		{
			"account of 3.10",
			"postfix/submission/smtpd[1]: 4jYJNC3Mj4z1SCdY: reject: RCPT from unknown[203.0.113.9]: 550 5.1.1 <n@example.test>: Recipient address rejected: User unknown in local recipient table; from=<alice@example.test> to=<n@example.test> proto=ESMTP helo=<h.test> sasl_method=LOGIN sasl_username=alice@example.test sasl_sender=bob@example.test",
			fields{"queue_id": "4jYJNC3Mj4z1SCdY", "syslog_name": "postfix/submission", "reject_reason": "user_unknown", "sasl_method": "LOGIN", "sasl_username": "alice@example.test", "sasl_sender": "bob@example.test", "helo": "h.test"},
		},
		{
			"sender login without an account, 3.10",
			reject + "554 5.7.1 <v@gmail.test>: Relay access denied; from=<a@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test> sasl_sender=bob@example.test",
			fields{"reject_reason": "relay_denied", "from": "a@b.test", "helo": "h.test", "sasl_sender": "bob@example.test", "sasl_username": "-", "cut": "-"},
		},
		{
			"sender login that looks like an account",
			reject + "554 5.7.1 <v@gmail.test>: Relay access denied; from=<a@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test> sasl_sender=[; from=<x> to=<y> proto=SMTP helo=<z> sasl_method=PLAIN sasl_username=root]",
			fields{"reject_reason": "relay_denied", "sasl_method": "-", "sasl_username": "-", "sasl_sender": "-"},
		},
		{
			"sender login that looks like the rest of an account's name",
			reject + "554 5.7.1 <v@gmail.test>: Relay access denied; from=<a@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test> sasl_method=PLAIN sasl_username=alice sasl_sender=[x sasl_sender=y]",
			fields{"sasl_username": "alice", "sasl_sender": "[x sasl_sender=y]", "to": "v@gmail.test"},
		},
		{
			"sender login that looks like a second one, accepted",
			`postfix/smtpd[1]: B0A31A2E903: client=unknown[203.0.113.9], sasl_method=PLAIN, sasl_username=alice, sasl_sender="x, sasl_sender=y"`,
			fields{"kind": "client", "sasl_username": "alice", "sasl_sender": `"x, sasl_sender=y"`},
		},
		{
			"another host's greylist",
			reject + "450 4.1.1 <x@example.test>: Recipient address rejected: unverified address: host 192.0.2.7[192.0.2.7] said: 450 4.7.1 Greylisted, blocked using x (in reply to RCPT TO command); from=<a@b.test> to=<x@example.test> proto=ESMTP helo=<a>",
			fields{"reject_reason": "other"},
		},
		{
			"nothing refused",
			reject[:len("postfix/smtpd[1]: NOQUEUE: ")] + "hold: RCPT from localhost[127.0.0.1]: <x@example.test>: Recipient address triggers HOLD action; from=<a@b.test> to=<x@example.test> proto=ESMTP helo=<a>",
			fields{"kind": "reject", "action": "hold", "reject_reason": "other"},
		},
		{
			"a domain that looks like a client",
			"postfix/smtpd[1]: reject: ETRN x... from unknown[6.6.6.6]... from unknown[203.0.113.9]",
			fields{"kind": "reject", "stage": "etrn", "client_address": "203.0.113.9"},
		},
		{
			"over the limit already",
			"postfix/smtpd[1]: warning: Refusing STARTTLS request from unknown[203.0.113.9] for service smtp",
			fields{"kind": "limit", "limit": "new_tls_rate", "client_address": "203.0.113.9", "service": "smtp", "value": "-"},
		},
		{
			"the SASL library's own words",
			"postfix/smtpd[1]: warning: SASL authentication failure: Password verification failed",
			fields{"outcome": "ignored", "reason": "-"},
		},
		{
			"a lookup's look-alike",
			"postfix/smtpd[1]: warning: something new about x: RBL lookup error: y",
			fields{"outcome": "unknown"},
		},
		{
			"refused content",
			"postfix/smtpd[1]: 4F978A2E954: reject: DATA content from unknown[203.0.113.9]: 550 5.7.1 message content rejected; from=<a@b.test> to=<bob@example.test> proto=ESMTP helo=<a>",
			fields{"stage": "data_content", "reject_reason": "content"},
		},
		{
			"account of a milter's line, before 3.10",
			"postfix/cleanup[1]: 4F978A2E954: milter-reject: END-OF-MESSAGE from unknown[203.0.113.9]: 5.7.1 Spam; from=<x> to=<y>; from=<a@b.test> to=<bob@example.test> proto=ESMTP helo=<a> sasl_username=<alice@example.test>",
			fields{"kind": "milter", "action": "reject", "stage": "end_of_message", "dsn": "5.7.1", "code": "-", "from": "a@b.test", "to": "bob@example.test", "sasl_username": "alice@example.test", "reject_reason": "milter", "reason": "Spam; from=<x> to=<y>"},
		},
		{
			"bare line feed has no code",
			"postfix/smtpd[1]: 4jY6lp1mpvz1YSn1: reject: END-OF-MESSAGE from localhost[127.0.0.1]: bare <LF> received; from=<a@b.test> to=<bob@example.test> proto=ESMTP helo=<a>",
			fields{"kind": "reject", "violation": "bare_lf", "stage": "end_of_message", "code": "-", "dsn": "-", "from": "a@b.test", "to": "bob@example.test"},
		},
		{
			"stage of two words",
			"postfix/smtpd[1]: 4F978A2E954: reject: BDAT content from unknown[203.0.113.9]: 550 5.7.1 message content rejected; from=<a@b.test> to=<bob@example.test> proto=ESMTP helo=<a>",
			fields{"stage": "bdat_content", "client_address": "203.0.113.9", "from": "a@b.test"},
		},
		{
			"connect-time reject",
			"postfix/smtpd[1]: NOQUEUE: reject: CONNECT from unknown[203.0.113.9]: 554 5.7.1 <unknown[203.0.113.9]>: Client host rejected: Access denied; proto=SMTP",
			fields{"stage": "connect", "proto": "SMTP", "from": "-", "to": "-", "helo": "-", "code": "554", "reject_reason": "policy"},
		},
		{
			"postscreen parts by commas",
			"postfix/postscreen[1]: NOQUEUE: reject: RCPT from [203.0.113.9]:40000: 550 5.7.1 Service unavailable; client [203.0.113.9] blocked using zen.spamhaus.org; from=<a@b.test>, to=<bob@example.test>, proto=ESMTP, helo=<h.test>",
			fields{"kind": "reject", "reject_reason": "dnsbl", "from": "a@b.test", "to": "bob@example.test", "proto": "ESMTP", "helo": "h.test", "client_address": "203.0.113.9", "client_port": "40000"},
		},
		{
			"message id with anything",
			"postfix/cleanup[1]: 762B4A2E872: message-id=<a b> sasl_username=bob, status=sent (x)",
			fields{"kind": "message_id", "queue_id": "762B4A2E872", "message_id": "<a b> sasl_username=bob, status=sent (x)", "sasl_username": "-", "status": "-"},
		},
		{
			"sender with a look-alike",
			`postfix/qmgr[1]: 762B4A2E872: from=<"a>, size=1, nrcpt=999 (queue active)"@b.test>, size=322, nrcpt=1 (queue active)`,
			fields{"kind": "queue_active", "from": `"a>, size=1, nrcpt=999 (queue active)"@b.test`, "size": "322", "nrcpt": "1"},
		},
		{
			"sender with an escaped quote",
			`postfix/qmgr[1]: 762B4A2E872: from=<"\">, status=expired, returned to sender"@b.test>, size=322, nrcpt=1 (queue active)`,
			fields{"kind": "queue_active", "from": `"\">, status=expired, returned to sender"@b.test`, "size": "322"},
		},
		{
			"forced to expire",
			"postfix/qmgr[1]: 4F978A2E954: from=<alice@example.test>, status=force-expired, returned to sender",
			fields{"kind": "expired", "from": "alice@example.test"},
		},
		{
			"recipient with a status",
			`postfix/smtp[1]: 4F978A2E954: to=<"odd user, status=sent"@dead.test>, relay=none, delay=0.01, delays=0.01/0.01/0/0, dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:9: Connection refused)`,
			fields{"kind": "delivery", "to": `"odd user, status=sent"@dead.test`, "relay": "none", "relay_address": "-", "dsn": "4.4.1", "status": "deferred", "delay": "0.01", "delays": "[0.01 0.01 0 0]", "reason": "connect to 127.0.0.1[127.0.0.1]:9: Connection refused"},
		},
		{
			"recipient with the rest of a line",
			`postfix/smtp[1]: 4F978A2E954: to=<"a>, relay=x[6.6.6.6]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (ok)"@dead.test>, orig_to=<"b>, relay=y"@example.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (x)`,
			fields{"to": `"a>, relay=x[6.6.6.6]:25, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (ok)"@dead.test`, "orig_to": `"b>, relay=y"@example.test`, "relay": "none", "status": "deferred", "dsn": "4.4.1"},
		},
		{
			"recipient ending in a backslash",
			`postfix/smtp[1]: 4F978A2E954: to=<"a\\"@dead.test>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (x)`,
			fields{"to": `"a\\"@dead.test`, "status": "deferred"},
		},
		{
			"reply with a status",
			"postfix/smtp[1]: 4jY6lm6md8z1YSmT: to=<good@sink.test>, relay=127.0.0.1[127.0.0.1]:2526, delay=0.17, delays=0.05/0.01/0.07/0.04, tls=none, dsn=5.7.1, status=bounced (host 127.0.0.1[127.0.0.1] said: 550-5.7.1 [198.51.100.1] Our system has detected that this message is 550 5.7.1 likely unsolicited mail. status=sent (250 fake) blocked using zen.spamhaus.org (in reply to end of DATA command))",
			fields{"status": "bounced", "dsn": "5.7.1", "code": "550", "tls_policy": "none", "relay_host": "127.0.0.1", "relay_address": "127.0.0.1", "child_queue_id": "-"},
		},
		{
			"reply with a whole line",
			bounced + "(host mx.dead.test[192.0.2.9] said: 550 5.7.1 , relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 ok: queued as 4F978A2E999)) (in reply to RCPT TO command))",
			fields{"status": "bounced", "dsn": "5.7.1", "relay_address": "192.0.2.9", "code": "550", "child_queue_id": "-", "delays": "[0.1 0.2 0.3 0.4]"},
		},
		{
			"acceptance that goes on",
			"postfix/smtp[1]: 4F978A2E954: to=<u@sink.test>, relay=mx[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F978A2E999) status=bounced (x)",
			fields{"status": "sent", "code": "250", "child_queue_id": "-", "reason": "250 2.0.0 Ok: queued as 4F978A2E999) status=bounced (x"},
		},
		{
			"acceptance through a filter",
			"postfix/smtp[1]: 4F978A2E954: to=<u@sink.test>, relay=127.0.0.1[127.0.0.1]:10024, conn_use=3, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 3F3A1120AB)",
			fields{"status": "sent", "child_queue_id": "3F3A1120AB", "conn_use": "3", "code": "250"},
		},
		{
			"a socket as relay",
			"postfix/lmtp[1]: 4F978A2E954: to=<bob@example.test>, relay=mx.example.test[private/dovecot-lmtp], delay=0.1, delays=0.05/0/0/0.05, dsn=2.0.0, status=sent (250 2.0.0 <bob@example.test> Saved)",
			fields{"daemon": "lmtp", "relay_host": "mx.example.test", "relay_address": "private/dovecot-lmtp", "status": "sent"},
		},
		{
			"cut in the reason",
			bounced + "(host mx.dead.test[192.0.2.9] said: 550 5.7.1 very long te",
			fields{"outcome": "parsed", "cut": "true", "status": "bounced", "code": "550", "dsn": "5.7.1"},
		},
		{
			"cut in the recipient",
			reject + "554 5.7.1 <v@gmail.test>: Relay access denied; from=<a@b.test> to=<v@gma",
			fields{"outcome": "parsed", "cut": "true", "reject_reason": "relay_denied"},
		},
		{
			"submitter in the sender",
			`postfix/pickup[1]: 4F978A2E958: uid=33 from=<"x uid=0 from=<root> orig_id=ABCDEF12"@b.test>`,
			fields{"kind": "pickup", "uid": "33", "from": `"x uid=0 from=<root> orig_id=ABCDEF12"@b.test`, "orig_queue_id": "-"},
		},
		{
			"requeued",
			`postfix/pickup[1]: 4F978A2E957: uid=107 from=<"odd, from=<x> orig_id=ABCDEF01"@example.test> orig_id=4jY6lm6md8z1YSmT`,
			fields{"uid": "107", "orig_queue_id": "4jY6lm6md8z1YSmT"},
		},
		{
			"header that looks like a tail",
			`postfix/cleanup[1]: 4F978A2E954: warning: header Subject: x from unknown[6.6.6.6]; from=<evil> to=<x> proto=SMTP helo=<q>: y from unknown[203.0.113.9]; from=<a@b.test> to=<bob@example.test> proto=ESMTP helo=<h.test>: watched`,
			fields{"kind": "content", "action": "warn", "client_address": "203.0.113.9", "from": "a@b.test", "to": "bob@example.test", "helo": "h.test", "severity": "-"},
		},
		{
			"header check on a sender that looks like a tail",
			`postfix/cleanup[1]: 4F978A2E954: warning: header Subject: x from unknown[203.0.113.9]; from=<"; from=<x> to=<y> proto=SMTP helo=<z>: "@b.test> to=<bob@example.test> proto=ESMTP helo=<h.test>`,
			fields{"kind": "content", "client_address": "203.0.113.9", "to": "bob@example.test", "helo": "h.test"},
		},
		{
			"the same with the site's text: it could be either",
			`postfix/cleanup[1]: 4F978A2E954: reject: header Subject: x from unknown[203.0.113.9]; from=<" from unknown[6.6.6.6]; from=<x> to=<y> proto=SMTP helo=<z>: "@b.test> to=<bob@example.test> proto=ESMTP helo=<h.test>: 5.7.1 no`,
			fields{"kind": "content", "action": "reject", "reject_reason": "content", "client": "-", "client_address": "-", "from": "-", "to": "-", "helo": "-"},
		},
		{
			"a header that a milter wrote",
			"postfix/cleanup[1]: 4F978A2E954: milter-header-reject: header X-Spam: yes from unknown[6.6.6.6]; from=<x> to=<y> from unknown[203.0.113.9]; from=<a@b.test> to=<bob@example.test> proto=ESMTP helo=<h.test>: 5.7.1 no",
			fields{"kind": "content", "action": "reject", "reject_reason": "content", "client_address": "203.0.113.9", "from": "a@b.test", "helo": "h.test"},
		},
		{
			"refused by the MIME grammar",
			"postfix/cleanup[1]: 4F978A2E954: reject: mime-error improper use of 8-bit data in message header: Subject: x from unknown[203.0.113.9]; from=<a@b.test> to=<bob@example.test>",
			fields{"kind": "content", "action": "reject", "reject_reason": "content", "client_address": "203.0.113.9", "from": "a@b.test"},
		},
		{
			"local origin",
			"postfix/cleanup[1]: 4F978A2E954: reject: header Subject: buy from local; from=<www@example.test> to=<bob@example.test>",
			fields{"kind": "content", "action": "reject", "client": "local", "from": "www@example.test", "to": "bob@example.test"},
		},
		{
			"client of a filtered message",
			"postfix/smtpd[1]: B0A31A2E903: client=localhost[127.0.0.1]:4000, sasl_method=PLAIN, sasl_username=alice@example.test, sasl_sender=s@x.test, orig_queue_id=762B4A2E872, orig_client=mail.example.com[192.0.2.25]",
			fields{"kind": "client", "queue_id": "B0A31A2E903", "client_port": "4000", "sasl_username": "alice@example.test", "sasl_sender": "s@x.test", "orig_queue_id": "762B4A2E872", "orig_client": "mail.example.com[192.0.2.25]"},
		},
		{
			"lost in the middle, 3.10",
			"postfix/smtpd[1]: 4jYJNC3Mj4z1SCdY: lost connection after DATA (4096 bytes) from unknown[203.0.113.9]",
			fields{"kind": "connection_lost", "lost": "lost_connection", "stage": "data", "queue_id": "4jYJNC3Mj4z1SCdY", "client_address": "203.0.113.9"},
		},
		{
			"lost in the middle, before 3.10",
			"postfix/smtpd[1]: timeout after END-OF-MESSAGE from unknown[2001:db8::9]",
			fields{"kind": "connection_lost", "lost": "timeout", "stage": "end_of_message", "queue_id": "-", "noqueue": "-", "client_address": "2001:db8::9"},
		},
		{
			"pipelined commands",
			`postfix/smtpd[1]: improper command pipelining after EHLO from localhost[127.0.0.1]: DATA\r\n from unknown[6.6.6.6]: x`,
			fields{"kind": "violation", "violation": "pipelining", "stage": "ehlo", "client_address": "127.0.0.1", "reason": `DATA\r\n from unknown[6.6.6.6]: x`},
		},
		{
			"early talker",
			`postfix/postscreen[1]: PREGREET 100 after 2.5 from [203.0.113.9]:40000: GET / HTTP/1.1\r\n from [6.6.6.6]:25: x`,
			fields{"kind": "postscreen", "postscreen": "pregreet", "client_address": "203.0.113.9", "value": "100"},
		},
		{"anvil, IPv6", "postfix/anvil[1]: statistics: max auth rate 30/60s for (submission:2001:db8::9) at Nov 23 13:41:21", fields{"anvil": "auth_rate", "value": "30", "service": "submission", "client_address": "2001:db8::9"}},
		{"anvil, service with an address", "postfix/anvil[1]: statistics: max recipient rate 1200/60s for (127.0.0.1:10025:127.0.0.1) at Nov 23 13:41:21", fields{"anvil": "recipient_rate", "value": "1200", "service": "127.0.0.1:10025", "client_address": "127.0.0.1"}},
		{"anvil, loopback", "postfix/anvil[1]: statistics: max connection rate 6/60s for (10025:::1) at Nov 23 13:41:21", fields{"service": "10025", "client_address": "::1"}},
		{"process limit", `postfix/master[1]: warning: service "127.0.0.1:10025" (127.0.0.1:10025) has reached its process limit "2": new clients may experience noticeable delays`, fields{"kind": "process_limit", "service": "127.0.0.1:10025", "value": "2"}},
		{"notification", "postfix/bounce[1]: 4F978A2E954: sender non-delivery notification: 4jY6lm6md8z1YSmT", fields{"kind": "bounce", "notification": "non_delivery", "child_queue_id": "4jY6lm6md8z1YSmT"}},
		{"notification that failed", "postfix/bounce[1]: warning: 4jY6lm6md8z1YSmT: sender notification failed to a@b.test: x", fields{"kind": "bounce", "notification": "failed", "queue_id": "4jY6lm6md8z1YSmT"}},
		{
			"Dovecot user name with fields in it",
			"dovecot: imap-login: Aborted login (auth failed, 1 attempts in 2 secs): user=<x>, method=PLAIN, rip=6.6.6.6, lip=6.6.6.6, session=<y>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, session=<abc>",
			fields{"kind": "dovecot_login_failure", "dovecot_protocol": "imap", "dovecot_reason": "auth_failed", "client_address": "203.0.113.9", "sasl_username": "x>, method=PLAIN, rip=6.6.6.6, lip=6.6.6.6, session=<y"},
		},
		{"Dovecot, refused user name", "dovecot: auth: plain(?,203.0.113.9): Username character disallowed by auth_username_chars: 0x2c (username: x,6.6.6.6): Password mismatch)", fields{"kind": "dovecot_auth_failure", "dovecot_reason": "disallowed", "client_address": "203.0.113.9"}},
		{"Dovecot, session", "dovecot: auth: passwd-file(bob@example.test,2001:db8::9,<abcDEF>): Password mismatch", fields{"sasl_username": "bob@example.test", "client_address": "2001:db8::9", "dovecot_reason": "password"}},
		{"Dovecot, PAM", "dovecot: auth-worker(4711): pam(bob,203.0.113.9): pam_authenticate() failed: Authentication failure (Password mismatch?)", fields{"dovecot_reason": "password", "sasl_username": "bob", "client_address": "203.0.113.9"}},
		{"Dovecot 2.4, user name with fields in it", "dovecot: auth(x,6.6.6.6,sasl:plain y,2001:db8::9,sasl:plain)<abc>: passwd-file: unknown user (given password: secret): x,6.6.6.6): Password mismatch", fields{"kind": "dovecot_auth_failure", "dovecot_protocol": "auth", "dovecot_reason": "unknown_user", "sasl_username": "x,6.6.6.6,sasl:plain y", "client_address": "2001:db8::9", "reason": "unknown user"}},
		{"postscreen's own address", "postfix/postscreen[1]: CONNECT from [203.0.113.9]:40000 to [192.0.2.1]:25", fields{"postscreen": "connect", "client_address": "203.0.113.9", "reason": "-"}},
		{"foreign line about lost ones", "sshd[1]: Invalid user x: 99999 messages lost due to rate-limiting from 203.0.113.9 port 4", fields{"outcome": "foreign", "kind": "-"}},
		{"foreign line about suppressed ones", "mylogger[1]: Suppressed 999999 messages from postfix@-.service", fields{"outcome": "foreign", "kind": "-"}},
		{"rsyslog's loss", "rsyslogd: imjournal: 1200 messages lost due to rate-limiting (20000 allowed within 600 seconds)", fields{"kind": "log_loss", "loss": "rsyslog_rate_limit", "value": "1200"}},
		{"rsyslog's loss, by the sender's name", "rsyslogd[77]: imuxsock[pid: 4711, name: smtpd]: 88 messages lost due to rate-limiting (200 allowed within 5 seconds)", fields{"kind": "log_loss", "value": "88"}},
		{"rsyslog's loss, by a strange name", "rsyslogd[77]: imuxsock[pid: 4711, name: x]: 7 messages lost due to rate-limiting]: 88 messages lost due to x", fields{"value": "7"}},
		{"journald's loss", "systemd-journald[123]: Suppressed 1234 messages from postfix@-.service", fields{"kind": "log_loss", "loss": "journald_rate_limit", "value": "1234"}},
		{"repeat", "last message repeated 5 times", fields{"kind": "log_repeat", "value": "5"}},
		{"repeat within a tag", "postfix/smtpd[4711]: message repeated 5 times: [ connect from unknown[203.0.113.9]]", fields{"kind": "log_repeat", "value": "5", "reason": "connect from unknown[203.0.113.9]"}},
		{"foreign", "sshd[1]: Failed password for postfix/smtpd[2]: connect from unknown[6.6.6.6]", fields{"outcome": "foreign"}},
		{"long syslog name", "a/b/c/d.e-f/smtpd[7]: connect from unknown[203.0.113.9]", fields{"kind": "connect", "syslog_name": "a/b/c/d.e-f", "program": "smtpd", "pid": "7"}},
		{"no queue id in a word", "postfix/qmgr[1]: warning: removed", fields{"queue_id": "-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := jsonFields(t, parseOne(stamp+c.line))
			for name, want := range c.want {
				value, present := got[name]
				switch text := fmt.Sprint(value); {
				case want == "-" && present:
					t.Errorf("%s is %q, must be absent", name, text)
				case want != "-" && !present:
					t.Errorf("%s is absent, must be %q", name, want)
				case want != "-" && text != want:
					t.Errorf("%s is\n %s, must be\n %s", name, text, want)
				}
			}
		})
	}
}

func jsonFields(t *testing.T, ev *Event) (fields map[string]any) {
	t.Helper()
	if err := json.Unmarshal(AppendJSON(nil, ev), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestDisconnectCommands(t *testing.T) {
	ev := parseOne(stamp + "postfix/smtpd[1]: disconnect from unknown[203.0.113.9] ehlo=2 auth=0/7 rcpt=1/9 quit=1 commands=4/19")
	var want Commands
	want[VerbEhlo] = CommandCount{2, 2}
	want[VerbAuth] = CommandCount{0, 7}
	want[VerbRcpt] = CommandCount{1, 9}
	want[VerbQuit] = CommandCount{1, 1}
	if ev.Kind != KindDisconnect || *ev.Commands != want {
		t.Errorf("%v %v, want %v", ev.Kind, *ev.Commands, want)
	}
}

// TestYear gives a year to stamps that have none.
func TestYear(t *testing.T) {
	p, ev := newParser(), new(Event)
	for _, c := range []struct{ stamp, want string }{
		{"Dec 31 23:59:59", "2025-12-31T23:59:59Z"}, // the first line is never long after the reference
		{"Jan  1 00:00:00", "2026-01-01T00:00:00Z"},
		{"Dec 31 23:59:58", "2025-12-31T23:59:58Z"}, // a line that came late
		{"Jan 01 00:00:01", "2026-01-01T00:00:01Z"}, // as postlogd(8) pads
		{"Jun 30 12:00:00", "2026-06-30T12:00:00Z"},
		{"Dec  1 12:00:00", "2026-12-01T12:00:00Z"},
		{"Jan 15 12:00:00", "2027-01-15T12:00:00Z"},
	} {
		p.Parse([]byte(c.stamp+" mx postfix/qmgr[1]: 4F978A2E954: removed"), ev)
		if got := time.Unix(0, ev.Time).UTC().Format(time.RFC3339); ev.Outcome != Parsed || got != c.want {
			t.Errorf("%s gives %v %s, want %s", c.stamp, ev.Outcome, got, c.want)
		}
	}
}

// TestDaylightSaving crosses both changes of the clock in a year.
func TestDaylightSaving(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p, ev := New(Options{Reference: reference, Location: berlin}), new(Event)
	for _, c := range []struct{ stamp, want string }{
		{"Mar 29 01:59:59", "2026-03-29T00:59:59Z"},
		{"Mar 29 03:00:00", "2026-03-29T01:00:00Z"},
		{"Jul 15 12:00:00", "2026-07-15T10:00:00Z"},
		{"Oct 25 01:59:59", "2026-10-24T23:59:59Z"},
		{"Oct 25 03:00:00", "2026-10-25T02:00:00Z"},
		{"Oct 25 01:30:00", "2026-10-24T23:30:00Z"},
	} {
		p.Parse([]byte(c.stamp+" mx postfix/qmgr[1]: 4F978A2E954: removed"), ev)
		if got := time.Unix(0, ev.Time).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s gives %s, want %s", c.stamp, got, c.want)
		}
	}
}
