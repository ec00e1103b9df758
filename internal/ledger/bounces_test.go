package ledger

import (
	"fmt"
	"strings"
	"testing"
)

// A bounce that the server makes counts for who sent the message that bounced,
// once that is known.
func TestBouncesByOrigin(t *testing.T) {
	const account = "smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob@example.org\n"
	const stranger = "smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]\n"
	const script = "pickup[6]: 4F978A2E954: uid=33 from=<x@example.org>\n"
	const queued = "qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=1 (queue active)\n"
	const tried = "smtp[5]: 4F978A2E954: to=<a@example.com>, relay=none, delay=0.2, delays=0.1/0/0/0.1, dsn=5.4.4, status=bounced (Host or domain name not found)\n"
	const bounce = "bounce[7]: 4F978A2E954: sender non-delivery notification: 762B4A2E872\n"
	const second = "smtpd[6]: 8888A2E8721: client=localhost[127.0.0.1], orig_queue_id=4F978A2E954\n"
	for name, tt := range map[string]struct {
		log  string
		want Origin
	}{
		"an account's":                     {account + queued + tried + bounce, OriginSASL},
		"a stranger's":                     {stranger + queued + tried + bounce, OriginInbound},
		"a script's":                       {script + queued + tried + bounce, OriginLocal},
		"an account's, told late":          {queued + tried + bounce + account, OriginSASL},
		"nobody's":                         {queued + tried + bounce + "+11s\n", OriginUnknown},
		"of a message that was never seen": {bounce + "+11s\n", OriginUnknown},
		"before all other lines":           {bounce + account + queued + tried, OriginSASL},
		"behind a filter":                  {account + queued + second + strings.ReplaceAll(queued+tried+bounce, "4F978A2E954", "8888A2E8721"), OriginSASL},
		"a warning is none":                {account + queued + "bounce[7]: 4F978A2E954: sender delay notification: 762B4A2E872\n" + stranger + queued + bounce, OriginInbound},
	} {
		t.Run(name, func(t *testing.T) {
			told(t, testSite(), stamped(tt.log)).Read(func(s *State) {
				var want [numOrigins]uint64
				want[tt.want] = 1
				if s.OriginBounces != want {
					t.Errorf("%v, want %v", s.OriginBounces, want)
				}
			})
		})
	}
}

// What comes from strangers as bounces do, and what is only like it.
func TestInboundBounces(t *testing.T) {
	const queued = "qmgr[3]: 4F978A2E954: from=<>, size=1234, nrcpt=1 (queue active)\n"
	refused := func(code, dsn, to, reason, from string) string {
		return "smtpd[1]: NOQUEUE: reject: RCPT from c.example.net[192.0.2.1]: " + code + " " + dsn + " <" + to + ">: " + reason +
			"; from=<" + from + "> to=<" + to + "> proto=ESMTP helo=<c.example.net>\n"
	}
	const unknown = "Recipient address rejected: User unknown in local recipient table"
	for name, tt := range map[string]struct{ log, want string }{
		"accepted":         {"smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]\n" + queued, "1 accepted, 0 rejected"},
		"an account's":     {"smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n" + queued, "0 accepted, 0 rejected"},
		"a trusted host's": {"smtpd[1]: 4F978A2E954: client=h[10.0.0.7]\n" + queued, "0 accepted, 0 rejected"},
		"our own":          {"bounce[7]: 9999A2E8721: sender non-delivery notification: 4F978A2E954\n" + queued, "0 accepted, 0 rejected"},
		"of no null sender": {
			"smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]\n" + strings.Replace(queued, "<>", "<x@example.net>", 1), "0 accepted, 0 rejected",
		},
		"an unknown user":                   {refused("550", "5.1.1", "made.up@example.org", unknown, ""), "0 accepted, 1 rejected"},
		"an unknown user, to try again":     {refused("450", "4.1.1", "made.up@example.org", unknown, ""), "0 accepted, 0 rejected"},
		"an unknown user, of a null sender": {refused("550", "5.1.1", "made.up@example.org", unknown, "x@example.net"), "0 accepted, 0 rejected"},
		"a relay test":                      {refused("554", "5.7.1", "a@example.com", "Relay access denied", ""), "0 accepted, 0 rejected"},
		"content": {
			"cleanup[2]: 4F978A2E954: reject: header Subject: pills from c.example.net[192.0.2.1]; from=<> to=<a@example.org> proto=ESMTP helo=<c.example.net>: 5.7.1 no\n" +
				"cleanup[2]: 4F978A2E954: milter-reject: END-OF-MESSAGE from c.example.net[192.0.2.1]: 550 5.7.1 spam; from=<> to=<a@example.org> proto=ESMTP helo=<c.example.net>\n",
			"0 accepted, 2 rejected",
		},
	} {
		t.Run(name, func(t *testing.T) {
			told(t, testSite(), stamped(tt.log)).Read(func(s *State) {
				if got := fmt.Sprintf("%d accepted, %d rejected", s.InboundBounces.Accepted, s.InboundBounces.Rejected); got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
			})
		})
	}
}
