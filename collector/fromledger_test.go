package collector

import (
	"net/netip"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// ledgerCollectors lists all collectors that show the ledger, with 42 bytes of
// the log not read yet.
func ledgerCollectors(l *ledger.Ledger) []Collector {
	lag := map[string]func() int64{"mail.log": func() int64 { return 42 }}
	now := func() time.Time { return time.Date(2026, 11, 3, 9, 10, 0, 0, time.UTC) }
	names := Names{Account: PlainNames, User: func(uid string) string { return "user" + uid }}
	return []Collector{
		NewAccount(l, names), NewAuth(l), NewClient(l), NewForward(l), NewLocalUser(l, names),
		NewAnvil(l), NewBounce(l), NewDelivery(l), NewDovecot(l), NewLog(l, lag, now), NewMessage(l), NewMilter(l),
		NewPostscreen(l), NewSmtpd(l), NewTLS(l),
	}
}

func newTestLedger(t testing.TB, log string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.New(ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l.Configure(ledger.Site{MyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, RelayJudged: true})
	p := parser.New(parser.Options{Reference: time.Date(2026, 11, 3, 9, 2, 0, 0, time.UTC), Location: time.UTC})
	l.Fold(l.NewSource("mail.log", p), []byte(log))
	return l
}

func TestLedgerCollectors(t *testing.T) {
	log, err := os.ReadFile("testdata/ledger.log")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range ledgerCollectors(newTestLedger(t, string(log))) {
		t.Run(c.Name(), func(t *testing.T) { compareGolden(t, c) })
	}
}

// Before the first line of a log the counters that alerts rest on are there,
// and no row of a table is.
func TestEmptyLedger(t *testing.T) {
	samples := map[string]int{}
	for _, c := range ledgerCollectors(newTestLedger(t, "")) {
		ch := make(chan prometheus.Metric, 1000)
		if err := c.Update(t.Context(), ch); err != nil {
			t.Errorf("%s: %v", c.Name(), err)
		}
		samples[c.Name()] = len(ch)
	}
	for name, n := range samples {
		empty := slices.Contains([]string{"anvil", "dovecot", "forward", "smtpd", "tls"}, name)
		if empty != (n == 0) {
			t.Errorf("%s: %d samples of an empty log", name, n)
		}
	}
}

// A slow reader of a scrape must not hold up the log.
func TestScrapeDoesNotHoldTheLog(t *testing.T) {
	l := newTestLedger(t, "")
	ch := make(chan prometheus.Metric) // nobody reads yet
	done := make(chan error)
	go func() { done <- NewMessage(l).Update(t.Context(), ch) }()
	<-ch                       // it is sending
	l.Apply(new(parser.Event)) // would hang under the lock
	go func() {
		for range ch {
		}
	}()
	if err := <-done; err != nil {
		t.Error(err)
	}
	close(ch)
}
