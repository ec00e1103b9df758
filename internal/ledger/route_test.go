package ledger

import (
	"strings"
	"testing"
)

const strangers = `
	smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]
	qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=3 (queue active)
`

// sent is the first attempt for a stranger's message.
func sent(daemon, to, relay string) string {
	return daemon + "[5]: 4F978A2E954: to=<" + to + ", relay=" + relay +
		", delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 ok)\n"
}

func deferred(daemon, to, relay string) string {
	return strings.Replace(sent(daemon, to, relay), "dsn=2.0.0, status=sent (250 ok)", "dsn=4.4.1, status=deferred (connect to x[192.0.2.9]:25: Connection timed out)", 1)
}

// Where the domains are known, only they say who is relayed for.
func TestRoutes(t *testing.T) {
	const remote = "mx.example.net[192.0.2.9]:25"
	again := "+300s\nqmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=1 (queue active)\n"
	for name, tt := range map[string]struct{ log, want string }{
		"local delivery":          {sent("local", "a@example.org>", "local"), ""},
		"a store on another host": {sent("lmtp", "a@example.org>", "store[10.0.0.7]:24"), ""},
		"a subdomain of ours":     {sent("relay/smtp", "a@x.y.example.org>", "in[10.0.0.7]:25"), ""},
		"upper case":              {sent("smtp", "a@EXAMPLE.ORG>", remote), ""},
		"elsewhere":               {sent("smtp", "a@example.com>", remote), "relayed 1"},
		"elsewhere, by the transport for relay domains": {sent("relay/smtp", "a@example.com>", remote), "relayed 1"},
		"elsewhere, and deferred":                       {deferred("smtp", "a@example.com>", "none"), "relayed 1"},
		"elsewhere, the host is known to be dead":       {deferred("error", "a@example.com>", "none"), "relayed 1"},
		"elsewhere, tried again":                        {deferred("smtp", "a@example.com>", "none") + again + sent("smtp", "a@example.com>", remote), "relayed 1"},
		"two recipients":                                {sent("smtp", "a@example.com>", remote) + sent("smtp", "b@example.com>", remote), "relayed 2"},
		"to a content filter":                           {sent("smtp", "a@example.org>", "192.0.2.200[192.0.2.200]:10024"), "handed over 1"},
		"elsewhere, to a content filter":                {sent("smtp", "a@example.com>", "192.0.2.200[192.0.2.200]:10024"), "handed over 1\nrelayed 1"},
		"an alias":                                      {sent("smtp", "a@example.com>, orig_to=<info@example.org>", remote), "forwarded 1"},
		"an alias in another domain":                    {sent("smtp", "a@example.com>, orig_to=<info@alias.example>", remote), "forwarded 1"},
		"a local name":                                  {sent("smtp", "a@example.com>, orig_to=<root>", remote), "forwarded 1"},
		"an alias within":                               {sent("smtp", "a@example.org>, orig_to=<info@alias.example>", remote), ""},
		"an alias, tried again":                         {deferred("smtp", "a@example.com>, orig_to=<info@example.org>", "none") + again + sent("smtp", "a@example.com>, orig_to=<info@example.org>", remote), "forwarded 1"},
		"an alias, to a content filter":                 {sent("smtp", "a@example.com>, orig_to=<info@example.org>", "192.0.2.200[192.0.2.200]:10024"), "forwarded 1\nhanded over 1"},
		"no alias of ours":                              {sent("smtp", "a@example.com>, orig_to=<b@example.com>", remote), "relayed 1"},
		"the client's own route, with %":                {sent("smtp", "a@example.com>, orig_to=<a%example.com@example.org>", remote), "relayed 1"},
		"the client's own route, with @":                {sent("smtp", `a@example.com>, orig_to=<"a@example.com"@example.org>`, remote), "relayed 1"},
		"the client's own route, with !":                {sent("smtp", "a@example.com>, orig_to=<example.com!a@example.org>", remote), "relayed 1"},
		"a probe":                                       {strings.Replace(sent("smtp", "a@example.com>", remote), "status=sent", "status=deliverable", 1), ""},
		"a copy of everything":                          {sent("smtp", "archive@example.com>", remote), ""},
	} {
		t.Run(name, func(t *testing.T) {
			site := testSite()
			site.AlwaysBCC = []string{"archive@example.com"}
			l := told(t, site, stamped(strangers+tt.log))
			if got := routes(l); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			l.Read(func(s *State) {
				tally := s.Clients.Tally(s.Now, ClientRelayed, Window1h)
				top, _ := tally.Largest(2)
				if s.Relayed == 0 && len(top) == 0 || len(top) == 1 && uint64(top[0].N) == s.Relayed && top[0].Client.String() == "192.0.2.0/24" {
					return
				}
				t.Errorf("relayed %d, and for whom: %v", s.Relayed, top)
			})
		})
	}
}

// routes are the figures that no origin has.
func routes(l *Ledger) string {
	var lines []string
	for line := range strings.Lines(figures(l)) {
		if !strings.Contains(line, ":") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.Join(lines, "\n")
}

// Where domains stand in tables, a backup MX is no open relay; what Postfix's own
// choice of a transport makes certain is still told.
func TestRoutesOfTables(t *testing.T) {
	const remote = "mx.example.net[192.0.2.9]:25"
	unknown := testSite()
	unknown.DomainsKnown = false
	tagged := unknown
	tagged.StrangersTag = "postfix"
	blind := testSite()
	blind.RelayJudged = false
	for name, tt := range map[string]struct {
		log                    string
		unknown, tagged, blind string
	}{
		"by the transport for relay domains": {log: sent("relay/smtp", "a@example.com>", remote)},
		"by the default transport":           {sent("smtp", "a@example.com>", remote), "", "relayed 1", ""},
		"to a store on another host":         {log: sent("lmtp", "a@example.com>", "store[10.0.0.7]:24")},
		"to this host":                       {log: sent("smtp", "a@example.com>", "127.0.0.1[127.0.0.1]:2525")},
		"a dead host":                        {log: deferred("error", "a@example.com>", "none")},
		"to a content filter":                {sent("smtp", "a@example.com>", "192.0.2.200[192.0.2.200]:10024"), "handed over 1", "handed over 1", "handed over 1"},
		"a known domain":                     {log: sent("smtp", "a@example.org>", remote)},
		"an alias":                           {sent("smtp", "a@example.com>, orig_to=<info@alias.example>", remote), "forwarded 1", "forwarded 1", "forwarded 1"},
		"an alias in a table":                {sent("smtp", "a@example.com>, orig_to=<info@example.net>", remote), "forwarded 1", "forwarded 1", ""},
		"an alias within a domain":           {sent("smtp", "a@example.net>, orig_to=<info@example.net>", remote), "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for what, run := range map[string]struct {
				site Site
				want string
			}{"unknown": {unknown, tt.unknown}, "tagged": {tagged, tt.tagged}, "blind": {blind, tt.blind}} {
				if got := routes(told(t, run.site, stamped(strangers+tt.log))); got != run.want {
					t.Errorf("%s: %q, want %q", what, got, run.want)
				}
			}
		})
	}
}

// Only strangers are relayed for.
func TestRelayedFor(t *testing.T) {
	to := sent("smtp", "a@example.com>", "mx.example.net[192.0.2.9]:25")
	queued := "qmgr[3]: 4F978A2E954: from=<x@example.net>, size=1234, nrcpt=1 (queue active)\n"
	for name, tt := range map[string]struct{ log, want string }{
		"an account":                     {"smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n" + queued + to, ""},
		"a trusted client":               {"smtpd[1]: 4F978A2E954: client=c.example.net[10.1.2.3]\n" + queued + to, ""},
		"a local user":                   {"pickup[1]: 4F978A2E954: uid=33 from=<x>\n" + queued + to, ""},
		"a bounce":                       {queued + to + "bounce[1]: 762B4A2E872: sender non-delivery notification: 4F978A2E954\n", ""},
		"nobody knows whom":              {queued + to + "+11s\n", ""},
		"a stranger":                     {"smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]\n" + queued + to, "relayed 1"},
		"a stranger, whose line is late": {queued + to + "smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1]\n", "relayed 1"},
		"an account, whose line is late": {queued + to + "smtpd[1]: 4F978A2E954: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := routes(told(t, testSite(), stamped(tt.log))); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// What the configuration says may change while the log goes on.
func TestConfigure(t *testing.T) {
	l := newTestLog(t, Config{})
	site := testSite()
	l.Configure(site)
	l.add(client(idA, "", "10.1.2.3"), active(idA, 1))
	site.MyNetworks = nil
	l.Configure(site)
	l.add(client(idB, "", "10.1.2.3"), active(idB, 1))
	if got := l.origins(); got[OriginNetwork] != (Accepted{1, 1}) || got[OriginInbound] != (Accepted{1, 1}) {
		t.Errorf("%v", got)
	}
}
