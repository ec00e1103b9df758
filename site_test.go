package main

import (
	"net/netip"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-kit/log"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/parser"
)

// A change of main.cf reaches the ledger while it runs.
func TestConfigureAnew(t *testing.T) {
	root := fstest.MapFS{"etc/postfix/main.cf": {Data: []byte("mynetworks = 10.0.0.0/8\n")}, "etc/postfix/master.cf": {}}
	options := postconf.Options{FS: root}
	found, err := postconf.Discover(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	book, err := ledger.New(ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h := house{logger: log.NewNopLogger(), ledger: book, instances: []*instance{{watch: postconf.NewWatch(found, options)}}}
	src := book.NewSource("log", parser.New(parser.Options{Location: time.UTC, Reference: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}))
	accepted := func(id string) {
		book.Fold(src, []byte("Nov 23 13:41:21 mx postfix/smtpd[1]: "+id+": client=x.example[10.1.2.3]\n"+
			"Nov 23 13:41:21 mx postfix/qmgr[2]: "+id+": from=<a@b.example>, size=1, nrcpt=1 (queue active)\n"))
	}
	last := h.configure(t.Context(), nil)
	accepted("4F978A2E954")
	if !slices.Equal(h.configure(t.Context(), last), last) {
		t.Error("nothing has changed, and it is read anew")
	}
	root["etc/postfix/main.cf"] = &fstest.MapFile{Data: []byte("mynetworks = 192.0.2.0/24\n"), ModTime: time.Unix(1, 0)}
	if slices.Equal(h.configure(t.Context(), last), last) {
		t.Error("a change is not seen")
	}
	accepted("762B4A2E872")
	book.Read(func(s *ledger.State) {
		if s.Origins[ledger.OriginNetwork].Messages != 1 || s.Origins[ledger.OriginInbound].Messages != 1 {
			t.Errorf("%+v", s.Origins)
		}
	})
}

func TestSiteOf(t *testing.T) {
	site := siteOf(&postconf.Instance{
		MyDestination: []string{"a.example"}, VirtualDomains: []string{"b.example"}, RelayDomains: []string{"c.example", ".d.example"}, RelaySubdomains: true,
		Filters: []postconf.Filter{{Host: "h", Port: "1", UID: -1}, {Pipe: "p", UID: 7}, {Pipe: "of nobody known", UID: -1}},
	})
	want := []string{"a.example", "b.example", "c.example", ".c.example", ".d.example"}
	if len(site.Domains) != len(want) {
		t.Fatalf("%q", site.Domains)
	}
	for i := range want {
		if site.Domains[i] != want[i] {
			t.Errorf("%q", site.Domains)
		}
	}
	if len(site.Filters) != 2 || site.Filters[0].Host != "h" || site.Filters[1] != (ledger.Filter{Pipe: "p", UID: 7}) {
		t.Errorf("%+v", site.Filters)
	}
}

// Whom one of several instances trusts, and what it takes mail for, holds for each;
// what can't be said of one can't be said at all.
func TestSiteOfSeveral(t *testing.T) {
	one := postconf.Instance{
		MyNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, MyDestination: []string{"a.example"}, AlwaysBCC: "archive@x.example",
		DomainsKnown: true, RelayJudged: true,
	}
	other := postconf.Instance{
		MyNetworks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, MyDestination: []string{"b.example"}, AlwaysBCC: "archive@y.example",
		DomainsKnown: true, RelayJudged: true, HandsBack: true,
	}
	site := siteOf(&one, &other)
	if len(site.MyNetworks) != 2 || len(site.Domains) != 2 || len(site.AlwaysBCC) != 2 || !site.DomainsKnown || !site.RelayJudged || site.NothingBack {
		t.Errorf("%+v", site)
	}
	other.DomainsKnown, other.StrangersTag = false, "postfix-out"
	if site := siteOf(&one, &other); site.DomainsKnown || site.RelayJudged || site.StrangersTag != "" {
		t.Errorf("the domains of one stand in tables: %+v", site)
	}
	one.DomainsKnown, one.StrangersTag = false, "postfix-out"
	if site := siteOf(&one, &other); !site.RelayJudged || site.StrangersTag != "postfix-out" {
		t.Errorf("those of both do: %+v", site)
	}
	other.RelayJudged = false
	if siteOf(&one, &other).RelayJudged {
		t.Error("one's networks are not all known")
	}
}
