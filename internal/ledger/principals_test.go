package ledger

import (
	"fmt"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// send lets an account send one message, which is delivered.
func (l *testLog) send(n int, user, address string, recipients int64) {
	id := fmt.Sprintf("A%06X", n%(1<<24))
	l.add(client(id, user, address), active(id, recipients), delivery(id, parser.StatusSent), removed(id))
}

// shown gives what is shown, by name; Other is the rest.
func (l *testLog) shown() map[string]Principal {
	got := map[string]Principal{}
	l.ReadNow(func(s *State, now int64) {
		shown, other := s.Accounts.Shown(now)
		for _, p := range append(shown, other) {
			got[p.Name] = p
		}
	})
	return got
}

// A flood of accounts stays within the limits; those idle for longest go, and
// the totals over all stay exact.
func TestAccountsBound(t *testing.T) {
	l := newTestLog(t, Config{AccountLimit: 100, ShownAccounts: 10, MessageLimit: 1000})
	const flood = flood / 4
	for i := range flood {
		l.send(i, fmt.Sprintf("user%d", i), "192.0.2.1", 2)
		if i%20 == 0 {
			l.wait(tickLength)
			l.send(flood+i, "regular", "192.0.2.1", 2)
		}
	}
	l.add(client("B000000", "evil\n", "192.0.2.1"), active("B000000", 1))
	l.Read(func(s *State) {
		a := &s.Accounts
		if a.Entries() != 100 || len(a.rows) != 101 || len(a.index) != 100 {
			t.Errorf("%d entries, %d rows, %d in the index", a.Entries(), len(a.rows), len(a.index))
		}
		if want := uint64(flood + 1 - 100); a.evictions != want {
			t.Errorf("%d evictions, want %d", a.evictions, want)
		}
		if want := (Totals{flood + flood/20 + 1, 2*(flood+flood/20) + 1, deliveries(flood+flood/20, 0, 0)}); a.total != want {
			t.Errorf("total %+v, want %+v", a.total, want)
		}
		if i, ok := a.index["regular"]; !ok || a.rows[i].Messages != flood/20 {
			t.Error("who sends regularly was forgotten")
		}
	})
	if len(l.shown()) != 11 {
		t.Errorf("%d are shown", len(l.shown())-1)
	}
}

// A message that outlives its account's row counts for nobody else.
func TestStaleHandle(t *testing.T) {
	l := newTestLog(t, Config{AccountLimit: 2, ShownAccounts: 1})
	l.add(client(idA, "first", "192.0.2.1"), active(idA, 1)) // it is shown
	l.add(client(idB, "bob", "192.0.2.1"), active(idB, 1))
	l.add(client(idC, "alice", "192.0.2.1"), active(idC, 1)) // has bob's row now
	l.add(delivery(idB, parser.StatusSent))
	got := l.accounts()
	if got["alice"].Deliveries != deliveries(0, 0, 0) || got[Other].Deliveries != deliveries(1, 0, 0) {
		t.Errorf("%+v", got)
	}
	l.add(client("ABCDEF1", "bob", "192.0.2.1"), active("ABCDEF1", 1), delivery(idC, parser.StatusSent))
	if got := l.accounts(); got["bob"].Deliveries != deliveries(0, 0, 0) || got[Other].Deliveries != deliveries(2, 0, 0) {
		t.Errorf("%+v", got)
	}
}

// With fewer accounts than seats all are shown, and what is shown adds up.
func TestAllShown(t *testing.T) {
	l := newTestLog(t, Config{ShownAccounts: 50})
	for i := range 500 {
		l.send(i, fmt.Sprintf("user%d", i%50), "192.0.2.1", int64(i%3))
		l.wait(30 * time.Second)
	}
	got := l.shown()
	if other := got[Other]; len(got) != 51 || other.Totals != (Totals{}) || other.Sums != (Sums{}) {
		t.Errorf("%d are shown, the rest is %+v", len(got)-1, other)
	}
}

// Whoever stands high in any measure is shown, within a second, also if a crowd
// is before him in the others.
func TestLoudestShown(t *testing.T) {
	l := newTestLog(t, Config{ShownAccounts: 30})
	n := 0
	for round := range 3 {
		for i := range 300 {
			n++
			l.send(n, fmt.Sprintf("user%d", i), "192.0.2.1", int64(10+i%7+round))
		}
		l.wait(time.Minute)
	}
	l.send(1_000_000, "burst", "192.0.2.1", 500)
	for i := range 5 {
		l.send(2_000_000+i, "botnet", fmt.Sprintf("198.51.%d.1", i), 1)
		id := fmt.Sprintf("B%06X", i)
		l.add(client(id, "bouncing", "192.0.2.1"), active(id, 1), delivery(id, parser.StatusBounced))
	}
	l.wait(time.Second)
	got := l.shown()
	for _, name := range []string{"burst", "botnet", "bouncing"} {
		if got[name].Messages == 0 {
			t.Errorf("%s is not shown", name)
		}
	}
	if len(got) != 31 {
		t.Errorf("%d are shown", len(got)-1)
	}
	if got["bouncing"].Sums[Window5m][Failed] != 5 || got["botnet"].Networks[Window5m] != 5 || got["burst"].Sums[Window5m][Recipients] != 500 {
		t.Errorf("%+v", got)
	}
	l.wait(25 * time.Hour) // all is over
	for i := range 40 {
		l.send(3_000_000+i, fmt.Sprintf("user%d", 200+i), "192.0.2.1", 30)
	}
	l.wait(2 * time.Minute)
	if got := l.shown(); got["burst"].Messages != 0 || got["user200"].Messages == 0 {
		t.Error("who was loud yesterday is still shown instead of those who are loud today")
	}
}

// No counter goes back, those of members are their true totals, and rates add
// up: what is not seen to grow in a member's series grows in Other's.
func TestShownCounters(t *testing.T) {
	random := seeded(t)
	l := newTestLog(t, Config{ShownAccounts: 5})
	for i := range 5 { // these have the seats from the beginning
		l.send(i, fmt.Sprintf("user%d", i), "192.0.2.1", 0)
	}
	truth := map[string]uint64{}
	before := l.shown()
	grown, unseen, all, came := uint64(0), uint64(0), uint64(0), 0
	for i := range 20_000 {
		user := fmt.Sprintf("user%d", random.IntN(20+i/1000)*random.IntN(3))
		recipients := random.Int64N(1 + 100*int64(i/3000%3))
		l.send(100+i, user, "192.0.2.1", recipients)
		truth[user] += uint64(recipients)
		all += uint64(recipients)
		if random.IntN(20) == 0 {
			l.wait(time.Duration(random.IntN(1200)) * time.Second)
		}
		now := l.shown()
		for name, p := range now {
			was, ok := before[name]
			switch {
			case !ok:
				came++
				if name == user { // it may have come before it sent this, which no rate can show
					unseen += uint64(recipients)
				}
			case p.Recipients < was.Recipients:
				t.Fatalf("%s goes back from %d to %d", name, was.Recipients, p.Recipients)
			default:
				grown += p.Recipients - was.Recipients
			}
			if name != Other && p.Recipients != truth[name] {
				t.Fatalf("%s has %d, in truth %d", name, p.Recipients, truth[name])
			}
		}
		before = now
	}
	if grown > all || grown+unseen < all || came < 10 {
		t.Errorf("the series grew by %d and perhaps %d, in truth it was %d; %d came", grown, unseen, all, came)
	}
}

// Sums over windows: those shown and the rest are what all did.
func TestOtherSums(t *testing.T) {
	l := newTestLog(t, Config{ShownAccounts: 3})
	for i := range 2000 {
		l.send(i, fmt.Sprintf("user%d", i%17), "192.0.2.1", int64(i%5))
		if i%10 == 0 {
			l.wait(time.Minute)
		}
	}
	l.ReadNow(func(s *State, now int64) {
		shown, other := s.Accounts.Shown(now)
		want := s.Accounts.Everything(now).Sums
		for _, p := range shown {
			for w := range p.Sums {
				for m, n := range p.Sums[w] {
					other.Sums[w][m] += n
				}
			}
		}
		if other.Sums != want || want[Window5m][Messages] == 0 {
			t.Errorf("%v, want %v", other.Sums, want)
		}
	})
}

// Windows age by the clock while the log is silent, and a replay has none.
func TestClock(t *testing.T) {
	clock := time.Date(2026, 11, 3, 9, 0, 10, 0, time.UTC)
	live := newTestLog(t, Config{Clock: func() time.Time { return clock }})
	replay := newTestLog(t, Config{})
	for _, l := range []*testLog{live, replay} {
		l.send(1, "bob", "192.0.2.1", 3)
		if got := l.shown()["bob"].Sums[Window5m][Recipients]; got != 3 {
			t.Errorf("%d recipients", got)
		}
	}
	clock = clock.Add(6 * time.Minute)
	if got := live.shown()["bob"].Sums; got[Window5m][Recipients] != 0 || got[Window1h][Recipients] != 3 {
		t.Errorf("6 minutes later: %v", got)
	}
	if got := replay.shown()["bob"].Sums; got[Window5m][Recipients] != 3 {
		t.Errorf("a replay: %v", got)
	}
}

func TestForwardDomains(t *testing.T) {
	for name, test := range map[string]struct {
		own     []string
		domains []string
		want    []string
	}{
		"of the configuration": {[]string{"Example.test"}, []string{"example.TEST", "other.test"}, []string{"example.test"}},
		"in tables":            {nil, []string{"example.TEST", "x y.test", "a\"b", "päckchen.test", "-", ""}, []string{"example.test", "-"}},
	} {
		l := newTestLog(t, Config{})
		l.Configure(Site{Domains: test.own, DomainsKnown: test.own != nil})
		for _, domain := range test.domains {
			l.state.forwarded(try{attempt: attempt{status: parser.StatusSent, first: true}, alias: l.ownDomain(&l.state.Forwards, []byte(domain), 0)})
		}
		l.state.forwarded(try{attempt: attempt{status: parser.StatusBounced}, alias: l.ownDomain(&l.state.Forwards, []byte(test.domains[0]), 0)})
		var got []string
		for _, a := range l.state.Forwards.All() {
			got = append(got, a.Name)
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		shown, other := l.state.Forwards.Shown(l.state.Now)
		if s := shown[0].Sums[Window5m]; s[Recipients] != 1 || s[Failed] != 1 || other.Sums[Window5m][Recipients] != uint64(len(test.domains)-len(test.want)) {
			t.Errorf("%s: %v, the rest %v", name, shown, other)
		}
	}
}

// A smaller limit than that of the snapshot: who is idle goes, who is shown stays.
func TestRestoreSmallerLimits(t *testing.T) {
	l := newTestLog(t, Config{ShownAccounts: 10})
	for i := range 100 {
		l.send(i, fmt.Sprintf("user%d", i), "192.0.2.1", 1)
		l.wait(tickLength)
	}
	small, err := Restore(Config{AccountLimit: 20, ShownAccounts: 5}, l.Snapshot(nil))
	if err != nil {
		t.Fatal(err)
	}
	after := &testLog{Ledger: small, now: l.now}
	a := &small.state.Accounts
	if len(after.shown()) != 6 || a.Entries() != 20 || len(a.free) != 80 {
		t.Errorf("%d shown, %d entries, %d free", len(after.shown())-1, a.Entries(), len(a.free))
	}
	if _, ok := a.index["user99"]; !ok {
		t.Error("the last one is forgotten")
	}
	for i := range 50 {
		after.send(1000+i, fmt.Sprintf("new%d", i), "192.0.2.1", 1)
	}
	if a.Entries() != 20 || a.total.Messages != 150 || len(a.rows) != 101 {
		t.Errorf("%d entries, %d rows, %d messages", a.Entries(), len(a.rows), a.total.Messages)
	}
	if _, err := Restore(Config{AccountLimit: 20, ShownAccounts: 5}, small.Snapshot(nil)); err != nil {
		t.Error(err)
	}
}
