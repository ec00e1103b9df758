package ledger

import (
	"fmt"
	"strings"
	"testing"

	"postfix_exporter/parser"
)

const flood = 100_000

func TestNamesBound(t *testing.T) {
	l := newTestLog(t, Config{})
	for i := range flood {
		l.add(named(parser.Event{Kind: parser.KindConnect}, fmt.Sprintf("postfix-%d", i)))
	}
	l.Read(func(s *State) {
		if got := len(s.Names.All()); got != MaxNames+1 {
			t.Errorf("%d names, want %d", got, MaxNames+1)
		}
		sum := uint64(0)
		for _, c := range s.Smtpd {
			sum += c.Connects
		}
		if sum != flood || s.Smtpd[0].Connects != flood-MaxNames || s.Smtpd[1].Connects != 1 {
			t.Errorf("sum %d, %s %d", sum, Other, s.Smtpd[0].Connects)
		}
	})
}

func TestUncleanNames(t *testing.T) {
	for _, name := range []string{
		"post\x00fix", "postfix\x1b[2J", "post\nfix", "\xff\xfe", "\u202egnp.exe", strings.Repeat("x", maxNameBytes+1), Other,
	} {
		n := newNames()
		if i := n.index([]byte(name)); i != 0 || len(n.All()) != 1 {
			t.Errorf("%q got a row of its own", name)
		}
	}
	n := newNames()
	for i, name := range []string{"postfix", "postfix/submission", "", "päckchen", "postfix"} {
		want := uint8(i + 1)
		if name == "postfix" {
			want = 1
		}
		if got := n.index([]byte(name)); got != want {
			t.Errorf("%q: index %d, want %d", name, got, want)
		}
	}
}

func TestFailedLoginMakesNoAccount(t *testing.T) {
	l := newTestLog(t, Config{})
	l.add(login(parser.Event{Kind: parser.KindSASLFailure, SASLReason: parser.SASLCredentials}, "bob"))
	l.add(login(parser.Event{Kind: parser.KindDovecotLogin}, "bob"))
	l.Read(func(s *State) {
		if n := s.Accounts.Entries(); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestMessagesBound(t *testing.T) {
	const flood = flood / 5
	for name, lines := range map[string]func(id string) []parser.Event{
		"in the queue": func(id string) []parser.Event { return []parser.Event{client(id, "bob", "192.0.2.1"), active(id, 1)} },
		"origin pending": func(id string) []parser.Event {
			return []parser.Event{active(id, 1), delivery(id, parser.StatusDeferred)}
		},
		"removed": func(id string) []parser.Event { return []parser.Event{pickup(id, 33, ""), active(id, 1), removed(id)} },
		"never queued, then queued": func(id string) []parser.Event {
			return []parser.Event{messageID(id), client("F"+id, "", "192.0.2.1"), active(id, 1)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTestLog(t, Config{MessageLimit: 1000})
			for i := range flood {
				l.add(lines(fmt.Sprintf("A%06X", i))...)
			}
			l.Read(func(s *State) {
				if s.MessageEntries() > 1000 || s.messages.used > 1000 {
					t.Errorf("%d entries in %d slots, limit 1000", s.MessageEntries(), s.messages.used)
				}
				if s.MessageEvictions() < flood-1000 {
					t.Errorf("%d evictions", s.MessageEvictions())
				}
				counted := uint64(0)
				for _, n := range s.Origins {
					counted += n.Messages
				}
				pending := uint64(s.messages.lists[listUnsettled].n)
				for i := s.messages.lists[listLive].head; i != 0; i = s.messages.at(i).next {
					if s.messages.at(i).origin == originPending {
						pending++
					}
				}
				if counted+pending != flood {
					t.Errorf("%d counted and %d pending, want %d", counted, pending, flood)
				}
			})
		})
	}
}

// What is used stays; what is over goes first.
func TestEvictionOrder(t *testing.T) {
	l := newTestLog(t, Config{MessageLimit: 3})
	l.add(client(idA, "bob", "192.0.2.1"), active(idA, 1))
	l.add(client(idB, "bob", "192.0.2.1"), active(idB, 1), removed(idB))
	l.wait(2e9)
	l.add(client(idC, "bob", "192.0.2.1"), active(idC, 1))
	held := func(want ...string) {
		t.Helper()
		l.Read(func(s *State) {
			for _, id := range want {
				if i, _ := s.messages.find(queueIDOf([]byte(id))); i == 0 {
					t.Errorf("%s was evicted", id)
				}
			}
		})
	}
	l.wait(2e9)
	l.add(client("ABCDEF1", "bob", "192.0.2.1"), active("ABCDEF1", 1)) // for the removed B
	held(idA, idC, "ABCDEF1")
	l.wait(2e9)
	l.add(delivery(idA, parser.StatusDeferred), client("ABCDEF2", "bob", "192.0.2.1")) // A was used, so for C
	held(idA, "ABCDEF1", "ABCDEF2")
}

func TestTallyBound(t *testing.T) {
	l := newTestLog(t, Config{})
	n := 0
	for name := range 64 {
		for subject := range uint16(8) {
			for detail := range uint16(40) {
				ev := named(delivery("", parser.StatusBounced), fmt.Sprintf("p%d", name))
				ev.DSN = parser.DSN{Class: 5, Subject: subject, Detail: detail}
				l.add(ev)
				n++
			}
		}
	}
	l.Read(func(s *State) {
		sum := uint64(0)
		for _, row := range s.Deliveries.All() {
			sum += row.N
			if dsn := row.Key.DSN; dsn != (parser.DSN{}) && !dsn.Registered() {
				t.Errorf("row of %v", dsn)
			}
			if row.Key.Status != parser.StatusBounced {
				t.Errorf("row of status %v", row.Key.Status)
			}
		}
		if rows := len(s.Deliveries.All()); rows != maxTally+1 || sum != uint64(n) {
			t.Errorf("%d rows, sum %d, want %d, %d", rows, sum, maxTally+1, n)
		}
	})
}

func TestLimits(t *testing.T) {
	for _, c := range []Config{{AccountLimit: -1}, {MessageLimit: -1}, {MessageLimit: maxMessageLimit + 1}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
