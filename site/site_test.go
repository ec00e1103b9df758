package site

import (
	"net/netip"
	"testing"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
)

func TestOf(t *testing.T) {
	s := Of(&postconf.Instance{
		MyDestination: []string{"a.example"}, VirtualDomains: []string{"b.example"}, RelayDomains: []string{"c.example", ".d.example"}, RelaySubdomains: true,
		Filters: []postconf.Filter{{Host: "h", Port: "1", UID: -1}, {Pipe: "p", UID: 7}, {Pipe: "of nobody known", UID: -1}},
	})
	want := []string{"a.example", "b.example", "c.example", ".c.example", ".d.example"}
	if len(s.Domains) != len(want) {
		t.Fatalf("%q", s.Domains)
	}
	for i := range want {
		if s.Domains[i] != want[i] {
			t.Errorf("%q", s.Domains)
		}
	}
	if len(s.Filters) != 2 || s.Filters[0].Host != "h" || s.Filters[1] != (ledger.Filter{Pipe: "p", UID: 7}) {
		t.Errorf("%+v", s.Filters)
	}
}

// Whom one of several instances trusts, and what it takes mail for, holds for each;
// what can't be said of one can't be said at all.
func TestOfSeveral(t *testing.T) {
	one := postconf.Instance{
		MyNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, MyDestination: []string{"a.example"}, AlwaysBCC: "archive@x.example",
		DomainsKnown: true, RelayJudged: true,
	}
	other := postconf.Instance{
		MyNetworks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, MyDestination: []string{"b.example"}, AlwaysBCC: "archive@y.example",
		DomainsKnown: true, RelayJudged: true, HandsBack: true,
	}
	s := Of(&one, &other)
	if len(s.MyNetworks) != 2 || len(s.Domains) != 2 || len(s.AlwaysBCC) != 2 || !s.DomainsKnown || !s.RelayJudged || s.NothingBack {
		t.Errorf("%+v", s)
	}
	other.DomainsKnown, other.StrangersTag = false, "postfix-out"
	if s := Of(&one, &other); s.DomainsKnown || s.RelayJudged || s.StrangersTag != "" {
		t.Errorf("the domains of one stand in tables: %+v", s)
	}
	one.DomainsKnown, one.StrangersTag = false, "postfix-out"
	if s := Of(&one, &other); !s.RelayJudged || s.StrangersTag != "postfix-out" {
		t.Errorf("those of both do: %+v", s)
	}
	other.RelayJudged = false
	if Of(&one, &other).RelayJudged {
		t.Error("one's networks are not all known")
	}
}
