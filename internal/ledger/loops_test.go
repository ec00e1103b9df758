package ledger

import "testing"

// A loop counts for the domain of ours that leads into it; a domain that may be
// anybody's text gets no row.
func TestLoops(t *testing.T) {
	loop := func(daemon, to string) string {
		return strangers + daemon + "[5]: 4F978A2E954: to=<" + to + ", relay=x, delay=0.2, delays=0.1/0/0/0.1, dsn=5.4.6, status=bounced (mail forwarding loop for a@example.org)\n"
	}
	for name, tt := range map[string]struct {
		log     string
		domains bool // are known
		want    string
	}{
		"local":                         {loop("local", "a@Example.org>"), true, "example.org"},
		"local, domains in tables":      {loop("local", "a@example.org>"), false, "example.org"},
		"an alias":                      {loop("smtp", "a@circle.example>, orig_to=<b@alias.example>"), true, "alias.example"},
		"an alias, domains in tables":   {loop("smtp", "a@circle.example>, orig_to=<b@alias.example>"), false, "alias.example"},
		"elsewhere":                     {loop("smtp", "a@circle.example>"), true, Other},
		"elsewhere, domains in tables":  {loop("smtp", "a@circle.example>"), false, Other},
		"the client's own route":        {loop("smtp", "a@circle.example>, orig_to=<a%circle.example@example.org>"), true, Other},
		"to us, by the relay transport": {loop("smtp", "a@example.org>"), true, "example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			site := testSite()
			site.DomainsKnown = tt.domains
			told(t, site, stamped(tt.log)).Read(func(s *State) {
				shown, other := s.Loops.Shown(s.Now)
				for _, one := range append(shown, other) {
					want := uint64(0)
					if one.Name == tt.want {
						want = 1
					}
					if got := one.Sums[Window5m][Failed]; got != want {
						t.Errorf("%s: %d, want %d", one.Name, got, want)
					}
				}
				if tt.want != Other && len(shown) != 1 {
					t.Errorf("%d rows", len(shown))
				}
			})
		})
	}
}
