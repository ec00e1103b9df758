package ledger

import (
	"fmt"
	"strings"
	"testing"
)

// What becomes of a recipient that an alias sent elsewhere counts for the alias's
// domain, once, also where it never comes there.
func TestForwardsFail(t *testing.T) {
	const to, from = "a@example.com>, orig_to=<info@example.org>", "from=<x@example.net>, "
	const remote = "mx.example.com[192.0.2.9]:25"
	const again = "+300s\nqmgr[3]: 4F978A2E954: " + from + "size=1234, nrcpt=3 (queue active)\n"
	const expired = "qmgr[3]: 4F978A2E954: " + from + "status=expired, returned to sender\n+11s\n"
	late := deferred("smtp", to, "none")
	bounced := strings.NewReplacer("dsn=4.4.1", "dsn=5.1.1", "status=deferred", "status=bounced")
	others := sent("smtp", "b@example.org>", remote) + sent("smtp", "c@example.org>", remote)
	// The second pass is 762B4A2E872; the alias was looked up before the first.
	second := func(log string) string { return strings.ReplaceAll(log, "4F978A2E954", "762B4A2E872") }
	handed := strings.Replace(sent("smtp", to, "127.0.0.1[127.0.0.1]:10024"), "250 ok", "250 2.0.0 Ok: queued as 762B4A2E872", 1) +
		second("smtpd[6]: 4F978A2E954: client=localhost[127.0.0.1]\nqmgr[3]: 4F978A2E954: "+from+"size=1500, nrcpt=2 (queue active)\n"+
			sent("smtp", "b@example.com>", remote))
	const putBack = `
		postsuper[8]: 4F978A2E954: requeued
		pickup[9]: 762B4A2E872: uid=102 from=<x@example.net> orig_id=4F978A2E954
		qmgr[3]: 762B4A2E872: from=<x@example.net>, size=1234, nrcpt=1 (queue active)
	`
	for name, tt := range map[string]struct{ log, want string }{
		"sent":                              {sent("smtp", to, remote) + others, "recipients 1"},
		"sent at last":                      {others + late + again + sent("smtp", to, remote), "recipients 1, deferred 1"},
		"refused":                           {others + bounced.Replace(late), "recipients 1, failed 1"},
		"expired":                           {others + late + again + late + expired, "recipients 1, deferred 1, failed 1"},
		"sent at last, another one expires": {sent("smtp", "c@example.org>", remote) + late + strings.ReplaceAll(late, "a@", "b@") + again + sent("smtp", to, remote) + expired, "recipients 2, deferred 2, failed 1"},
		"refused, another one expires":      {others + late + deferred("smtp", "b@example.org>", "none") + again + bounced.Replace(late) + expired, "recipients 1, deferred 1, failed 1"},
		"put back, then expired":            {others + late + putBack + second(late+expired), "recipients 1, deferred 1, failed 1"},
		"put back, then sent":               {others + late + putBack + second(sent("smtp", to, remote)+expired), "recipients 1, deferred 1"},
		"refused behind a filter":           {handed + second(bounced.Replace(deferred("smtp", "a@example.com>", "none"))), "recipients 1, failed 1"},
		"sent behind a filter":              {handed + second(sent("smtp", "a@example.com>", remote)+expired), "recipients 1"},
		"expired behind a filter":           {handed + second(deferred("smtp", "a@example.com>", "none")+again+expired), "recipients 1, deferred 1, failed 1"},
	} {
		t.Run(name, func(t *testing.T) {
			told(t, testSite(), stamped(strangers+tt.log)).Read(func(s *State) {
				sums := s.Forwards.Everything(s.Now).Sums[Window24h]
				got := fmt.Sprintf("recipients %d, deferred %d, failed %d", sums[Recipients], sums[Deferred], sums[Failed])
				for _, none := range []string{", deferred 0", ", failed 0"} {
					got = strings.Replace(got, none, "", 1)
				}
				if got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
				if s.waitingForwards.n != 0 {
					t.Errorf("%d messages still wait", s.waitingForwards.n)
				}
			})
		})
	}
}
