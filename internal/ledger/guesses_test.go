package ledger

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"postfix_exporter/parser"
)

func TestGuesses(t *testing.T) {
	const from, elsewhere network = networkIPv4 | 7, networkIPv4 | 8
	type failure struct {
		user string
		w    witness
		n    uint32
	}
	for name, test := range map[string]struct {
		failures []failure
		account  string
		want     uint32
	}{
		"the account":                           {[]failure{{"bob@example.test", byServer, 3}}, "bob@example.test", 3},
		"in other letters":                      {[]failure{{"Bob@Example.TEST", byServer, 1}, {"BOB@example.test", byServer, 1}}, "bob@example.test", 2},
		"without its domain":                    {[]failure{{"bob", byServer, 2}, {"bob@example.test", byServer, 1}}, "bob@example.test", 3},
		"the account has none":                  {[]failure{{"bob", byServer, 2}, {"bob@a.test", byServer, 1}, {"bob@b.test", byServer, 1}}, "bob", 4},
		"a namesake":                            {[]failure{{"bob@other.test", byServer, 9}}, "bob@example.test", 0},
		"another account":                       {[]failure{{"alice@example.test", byServer, 9}, {"bo", byServer, 1}}, "bob@example.test", 0},
		"a try that two tell of":                {[]failure{{"bob", byAuth, 3}, {"bob", byServer, 3}}, "bob", 3},
		"a try that only one names":             {[]failure{{"bob", byAuth, 3}, {"", byServer, 3}}, "bob", 3},
		"others' tries that only one names":     {[]failure{{"alice", byAuth, 3}, {"", byServer, 3}}, "bob", 0},
		"nobody is named":                       {[]failure{{"", byServer, 4}}, "bob", 4},
		"IMAP names its users, SMTP doesn't":    {[]failure{{"alice", byServer, 4}, {"", byServer, 5}}, "bob", 5},
		"a name that looks like a key":          {[]failure{{"bob@", byServer, 1}}, "bob@example.test", 0},
		"two at signs":                          {[]failure{{"a@b@c.test", byServer, 1}}, "a@b@c.test", 1},
		"a long name, like it for 256 letters":  {[]failure{{fmt.Sprintf("%0300d", 1), byServer, 1}}, "bob", 0},
		"an account with a quote and a comma":   {[]failure{{`"x, sasl_username=bob`, byServer, 2}}, "bob", 0},
		"more than fits":                        {[]failure{{"bob", byServer, 60_000}, {"bob", byServer, 60_000}}, "bob", 65535},
		"as many as the session had, then auth": {[]failure{{"bob", byServer, 5}, {"bob", byAuth, 1}}, "bob", 5},
	} {
		g := newGuesses(1000, Seed{})
		now := tickOf(1.7e18)
		for _, f := range test.failures {
			g.failed(now, from, []byte(f.user), g.seed.lowered([]byte(f.user)), f.w, f.n)
		}
		if got := g.prior(now, from, []byte(test.account)); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
		if got := g.prior(now, elsewhere, []byte(test.account)); got != 0 {
			t.Errorf("%s: another network has %d", name, got)
		}
		if got := g.prior(now+360+60, from, []byte(test.account)); got != 0 {
			t.Errorf("%s: %d an hour and a step later", name, got)
		}
		if got := g.prior(now+360, from, []byte(test.account)); got != test.want {
			t.Errorf("%s: %d an hour later, want %d", name, got, test.want)
		}
	}
}

// A flood of names, each once, does not flush what is guessed at in earnest.
func TestGuessesFlood(t *testing.T) {
	g := newGuesses(1024, Seed{1, 2})
	now := tickOf(1.7e18)
	failed := func(from network, user []byte, n uint32) {
		g.failed(now, from, user, g.seed.lowered(user), byServer, n)
	}
	const victims = 20
	for i := range victims {
		failed(networkIPv4|network(i), fmt.Appendf(nil, "victim%d", i), 5)
	}
	for i := range 100_000 {
		failed(networkIPv4|network(1000+i%5000), fmt.Appendf(nil, "name%d", i), 1)
	}
	lost := 0
	for i := range victims {
		if g.prior(now, networkIPv4|network(i), fmt.Appendf(nil, "victim%d", i)) != 5 {
			lost++
		}
	}
	if lost > 0 || g.evictions < 90_000 || len(g.table) != 128 {
		t.Errorf("%d victims lost, %d evictions, %d places", lost, g.evictions, len(g.table)*guessWays)
	}
	name := []byte("somebody@example.test")
	if allocations := testing.AllocsPerRun(1000, func() { failed(1, name, 1); g.prior(now, 2, name) }); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func failedLogin(user, address string) parser.Event {
	ev := login(named(parser.Event{Kind: parser.KindSASLFailure, SASLReason: parser.SASLCredentials}, "postfix"), user)
	ev.ClientAddress = ev.Add(address)
	return ev
}

// The first accepted message of a network tells of the failures before it; its
// later ones, and those of a network that the account knows, tell nothing.
func TestBreakIn(t *testing.T) {
	l := newTestLog(t, Config{})
	l.add(client(idA, "bob", "192.0.2.1"), active(idA, 1))
	l.add(failedLogin("bob", "192.0.2.1"), client(idB, "bob", "192.0.2.9"), active(idB, 1)) // at home
	for i := range 7 {
		l.add(failedLogin("bob", "198.51.100.7"), failedLogin("alice", "198.51.100.7"), failedLogin("bob", fmt.Sprintf("203.0.113.%d", i)))
	}
	l.add(client(idC, "bob", "198.51.100.8"), active(idC, 1))
	l.add(client("ABCDEF1", "bob", "198.51.100.8"), active("ABCDEF1", 1))
	l.wait(2 * time.Hour)
	l.add(client("ABCDEF2", "bob", "203.0.113.1"), active("ABCDEF2", 1)) // its failures are too old
	list, more := l.TakeBreakIns()
	if len(list) != 1 || more != 0 || list[0].Account != "bob" || list[0].Failures != 7 || list[0].Client != netip.MustParsePrefix("198.51.100.0/24") {
		t.Errorf("%+v, %d more", list, more)
	}
	if list, _ := l.TakeBreakIns(); len(list) != 0 {
		t.Errorf("again: %+v", list)
	}
	l.ReadNow(func(s *State, now int64) {
		shown, _ := s.Accounts.Shown(now)
		if len(shown) != 1 || shown[0].Prior != [NumWindows]uint32{0, 0, 7} || shown[0].Networks != [NumWindows]uint32{1, 1, 3} {
			t.Errorf("%+v", shown)
		}
	})
}

func TestBreakInsBound(t *testing.T) {
	l := newTestLog(t, Config{})
	for i := range 3 * maxBreakIns {
		user, address := fmt.Sprintf("user%d", i), fmt.Sprintf("192.0.%d.1", i%200)
		l.add(failedLogin(user, address), client(fmt.Sprintf("A%06X", i), user, address))
	}
	if list, more := l.TakeBreakIns(); len(list) != maxBreakIns || more != 2*maxBreakIns {
		t.Errorf("%d listed, %d more", len(list), more)
	}
}

// The most of each window, against all there were.
func TestPriors(t *testing.T) {
	random := seeded(t)
	for range 300 {
		var p priors
		var all []prior
		now := tickOf(1.7e18)
		for range 40 {
			now += tick(random.Uint32N(500))
			one := prior{now, random.Uint32N(10) + 1}
			all = append(all, one)
			p.add(now, one.failures)
			at := now + tick(random.Uint32N(500))
			var want [NumWindows]uint32
			for _, one := range all {
				for w := range want {
					if Window(w).holds(one.when, at) {
						want[w] = max(want[w], one.failures)
					}
				}
			}
			if got := p.most(at); got != want {
				t.Fatalf("%v of %v, want %v", got, all, want)
			}
		}
		if len(p.list) > maxPriors {
			t.Fatalf("%d kept", len(p.list))
		}
	}
}
