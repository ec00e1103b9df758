package ledger

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// BenchmarkScrape is how long a scrape holds the lock, with full tables (medians):
// 100,000 accounts, 200 of them shown that sent all day from everywhere to
// everywhere, and every network and name among the failed logins.
//
//	go test ./internal/ledger -run '^$' -bench Scrape
func BenchmarkScrape(b *testing.B) {
	l := newTestLog(b, Config{})
	for i := range defaultAccountLimit {
		l.state.Accounts.handle(fmt.Appendf(nil, "user%d", i), tickOf(l.now.UnixNano()))
	}
	for step := range 24 * 60 {
		l.wait(time.Minute)
		now := tickOf(l.state.Now)
		for i := range 200 {
			handle := l.state.Accounts.handle(fmt.Appendf(nil, "user%d", i), now)
			l.state.Accounts.accepted(handle, now, 10, true)
			l.state.Accounts.from(l.state.Accounts.row(handle), now, 0, networkIPv4|network(step))
			l.state.Accounts.attempted(handle, now, attempt{status: parser.StatusBounced, domain: uint64(step) + 1})
		}
		for i := range 1000 {
			from := networkIPv4 | network(step*1000+i)
			for e := range ClientEvent(NumClientEvents) {
				l.state.Clients.add(now, from, e)
			}
			l.state.guesses.failed(now, from, []byte("x"), uint64(i), byServer, 1)
			l.state.Attackers.failed(now, l.state.seed.mix(1, uint64(from)), l.state.seed.mix(2, uint64(step*1000+i)))
		}
	}
	took := map[string][]float64{} // milliseconds
	for b.Loop() {
		for name, read := range map[string]func(*State, int64){
			"accounts": func(s *State, now int64) { s.Accounts.Shown(now) },
			"clients": func(s *State, now int64) {
				for e := range ClientEvent(NumClientEvents) {
					for w := range Window(NumWindows) {
						s.Clients.Tally(now, e, w)
					}
				}
			},
			"attackers": func(s *State, now int64) {
				for w := range Window(NumWindows) {
					s.Attackers.Count(now, w)
				}
			},
		} {
			begun := time.Now()
			l.ReadNow(read)
			took[name] = append(took[name], time.Since(begun).Seconds()*1000)
		}
	}
	for name, all := range took {
		slices.Sort(all)
		b.ReportMetric(all[len(all)/2], "ms-"+name)
	}
}
