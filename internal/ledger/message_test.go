package ledger

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"postfix_exporter/parser"
)

const (
	idA = "4F978A2E954"
	idB = "762B4A2E872"
	idC = "4jY6hS3dgmz1tcWl"
)

func TestAttribution(t *testing.T) {
	bob := func(messages, recipients, sent, deferred, bounced uint64) map[string]Account {
		return map[string]Account{"bob": {
			"bob", Totals{messages, recipients, deliveries(sent, deferred, bounced)},
		}}
	}
	none := map[string]Account{}
	tests := map[string]struct {
		events   []parser.Event
		origins  map[Origin]Accepted
		accounts map[string]Account
	}{
		"an account's message, retried, counts once": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), messageID(idA), active(idA, 3),
				delivery(idA, parser.StatusSent), delivery(idA, parser.StatusDeferred), delivery(idA, parser.StatusBounced),
				active(idA, 1), delivery(idA, parser.StatusDeferred), active(idA, 1), delivery(idA, parser.StatusSent), removed(idA),
			},
			map[Origin]Accepted{OriginSASL: {1, 3}},
			bob(1, 3, 2, 2, 1),
		},
		"an account in mynetworks is an account": {
			[]parser.Event{client(idA, "bob", "127.0.0.1"), active(idA, 1)},
			map[Origin]Accepted{OriginSASL: {1, 1}},
			bob(1, 1, 0, 0, 0),
		},
		"trusted networks, strangers and clients without an address": {
			[]parser.Event{
				client(idA, "", "127.0.0.2"), active(idA, 1), client(idB, "", "2001:db8:1::7"), active(idB, 2),
				client(idC, "", "2001:db8:2::7"), active(idC, 4), client("ABCDEF1", "", "unknown"), active("ABCDEF1", 8),
			},
			map[Origin]Accepted{OriginNetwork: {2, 3}, OriginInbound: {2, 12}},
			none,
		},
		"accepted but never queued is not counted": {
			[]parser.Event{client(idA, "bob", "192.0.2.1"), messageID(idA), queued(parser.Event{Kind: parser.KindCanceled}, idA)},
			map[Origin]Accepted{},
			none,
		},
		"a local user's message": {
			[]parser.Event{pickup(idA, 33, ""), messageID(idA), active(idA, 2), delivery(idA, parser.StatusSent), removed(idA)},
			map[Origin]Accepted{OriginLocal: {1, 2}},
			none,
		},
		"requeued by postsuper: the owner stays, nothing counts again": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), active(idA, 5), delivery(idA, parser.StatusDeferred),
				queued(parser.Event{Kind: parser.KindRequeued}, idA),
				pickup(idB, 107, idA), active(idB, 5), delivery(idB, parser.StatusSent),
			},
			map[Origin]Accepted{OriginSASL: {1, 5}},
			bob(1, 5, 1, 1, 0),
		},
		"requeued before its first run": {
			[]parser.Event{client(idA, "bob", "192.0.2.1"), pickup(idB, 107, idA), active(idB, 5)},
			map[Origin]Accepted{OriginSASL: {1, 5}},
			bob(1, 5, 0, 0, 0),
		},
		"requeued, its owner never seen": {
			[]parser.Event{pickup(idB, 107, idA), active(idB, 5)},
			map[Origin]Accepted{OriginUnknown: {1, 5}},
			none,
		},
		"a content filter's second pass": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), active(idA, 2), secondPass(idB, idA), active(idB, 2),
				delivery(idA, parser.StatusSent), removed(idA), delivery(idB, parser.StatusBounced), removed(idB),
			},
			map[Origin]Accepted{OriginSASL: {1, 2}},
			bob(1, 2, 1, 0, 1),
		},
		"a second pass whose first was not seen": {
			[]parser.Event{secondPass(idB, idA), active(idB, 2), later(keepUnsettled)},
			map[Origin]Accepted{OriginUnknown: {1, 2}},
			none,
		},
		"a bounce, linked before its own lines (Postfix 3.11)": {
			[]parser.Event{bounce(idA, idB), messageID(idB), active(idB, 1), delivery(idB, parser.StatusSent), removed(idB)},
			map[Origin]Accepted{OriginBounce: {1, 1}},
			none,
		},
		"a bounce, linked after it is gone": {
			[]parser.Event{messageID(idB), active(idB, 1), delivery(idB, parser.StatusSent), removed(idB), bounce(idA, idB)},
			map[Origin]Accepted{OriginBounce: {1, 1}},
			none,
		},
		"a forwarded copy": {
			[]parser.Event{
				client(idA, "", "192.0.2.1"), active(idA, 1), messageID(idB), active(idB, 4), forwarded(idA, idB), delivery(idB, parser.StatusSent),
			},
			map[Origin]Accepted{OriginInbound: {1, 1}, OriginForward: {1, 4}},
			none,
		},
		"a remote host's queue id links nothing": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), active(idA, 1), messageID(idB), active(idB, 1),
				child(delivery(idA, parser.StatusSent), idB),
			},
			map[Origin]Accepted{OriginSASL: {1, 1}},
			bob(1, 1, 1, 0, 0),
		},
		"an origin once told stays": {
			[]parser.Event{
				client(idB, "bob", "192.0.2.1"), active(idB, 1), bounce(idA, idB), forwarded(idA, idB), delivery(idB, parser.StatusSent),
			},
			map[Origin]Accepted{OriginSASL: {1, 1}},
			bob(1, 1, 1, 0, 0),
		},
		"an address probe is no message": {
			[]parser.Event{messageID(idA), active(idA, 1), delivery(idA, parser.StatusUndeliverable), removed(idA)},
			map[Origin]Accepted{},
			none,
		},
		"a queue id used again": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), active(idA, 1), delivery(idA, parser.StatusSent), removed(idA),
				client(idA, "", "192.0.2.1"), active(idA, 2), delivery(idA, parser.StatusSent), removed(idA),
				pickup(idA, 33, ""), messageID(idA), active(idA, 4), delivery(idA, parser.StatusSent),
			},
			map[Origin]Accepted{OriginSASL: {1, 1}, OriginInbound: {1, 2}, OriginLocal: {1, 4}},
			bob(1, 1, 1, 0, 0),
		},
		"a queue id used again by a bounce": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), messageID(idA), active(idA, 1), delivery(idA, parser.StatusSent), removed(idA), later(2 * reuse),
				messageID(idA), active(idA, 1), bounce(idB, idA), delivery(idA, parser.StatusSent),
			},
			map[Origin]Accepted{OriginSASL: {1, 1}, OriginBounce: {1, 1}},
			bob(1, 1, 1, 0, 0),
		},
		"a queue id used again, by whom was not seen": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), active(idA, 1), removed(idA), later(2 * reuse), active(idA, 2), delivery(idA, parser.StatusSent), removed(idA),
				bounce(idB, idA),
			},
			map[Origin]Accepted{OriginSASL: {1, 1}, OriginBounce: {1, 2}},
			bob(1, 1, 0, 0, 0),
		},
		"a retry before the link": {
			[]parser.Event{messageID(idB), active(idB, 3), delivery(idB, parser.StatusDeferred), active(idB, 1), bounce(idA, idB)},
			map[Origin]Accepted{OriginBounce: {1, 3}},
			none,
		},
		"an attempt after removed": {
			[]parser.Event{client(idA, "bob", "192.0.2.1"), active(idA, 2), removed(idA), delivery(idA, parser.StatusSent)},
			map[Origin]Accepted{OriginSASL: {1, 2}},
			bob(1, 2, 1, 0, 0),
		},
		"lines without a queue id": {
			[]parser.Event{
				client("", "bob", "192.0.2.1"), active("", 1), delivery("", parser.StatusSent), removed(""), messageID(""), bounce(idA, ""),
				login(parser.Event{Kind: parser.KindClient, NoQueue: true}, "bob"),
			},
			map[Origin]Accepted{},
			none,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newTestLog(t, Config{})
			l.add(tt.events...)
			if got := l.origins(); !maps.Equal(got, tt.origins) {
				t.Errorf("origins %v, want %v", got, tt.origins)
			}
			if got := l.accounts(); !maps.Equal(got, tt.accounts) {
				t.Errorf("accounts %v, want %v", got, tt.accounts)
			}
		})
	}
}

// Lines of different programs may come in any order; only the queue manager's
// own keep theirs.
func TestEveryOrder(t *testing.T) {
	queued := active(idA, 2)
	tests := map[string]struct {
		events []parser.Event
		origin Origin
	}{
		"account": {
			[]parser.Event{
				client(idA, "bob", "192.0.2.1"), messageID(idA), queued, delivery(idA, parser.StatusSent), delivery(idA, parser.StatusBounced),
				removed(idA),
			}, OriginSASL,
		},
		"local":  {[]parser.Event{pickup(idA, 33, ""), messageID(idA), queued, delivery(idA, parser.StatusSent), removed(idA)}, OriginLocal},
		"bounce": {[]parser.Event{bounce(idB, idA), messageID(idA), queued, delivery(idA, parser.StatusSent), removed(idA)}, OriginBounce},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l := newTestLog(t, Config{})
			permute(tt.events, func(events []parser.Event) {
				kinds := kindsOf(events)
				if slices.Index(kinds, parser.KindRemoved) < slices.Index(kinds, parser.KindQueueActive) {
					return
				}
				l.state = newState(Config{AccountLimit: 10, ShownAccounts: 10, MessageLimit: 10})
				l.add(events...)
				l.wait(time.Hour)
				l.wait(keepWaiting)
				if got := l.origins(); len(got) != 1 || got[tt.origin] != (Accepted{1, 2}) {
					t.Errorf("%v: origins %v", kinds, got)
				}
				if tt.origin == OriginSASL {
					if got, want := l.accounts()["bob"].Deliveries, deliveries(1, 0, 1); got != want {
						t.Errorf("%v: deliveries %v, want %v", kinds, got, want)
					}
				}
				l.Read(func(s *State) {
					if s.MessageEntries() != 0 {
						t.Errorf("%v: %d entries left", kinds, s.MessageEntries())
					}
				})
			})
		})
	}
}

func kindsOf(events []parser.Event) (kinds []parser.Kind) {
	for _, ev := range events {
		kinds = append(kinds, ev.Kind)
	}
	return kinds
}

func permute(events []parser.Event, f func([]parser.Event)) {
	var rec func(int)
	rec = func(n int) {
		if n == len(events) {
			f(events)
			return
		}
		for i := n; i < len(events); i++ {
			events[n], events[i] = events[i], events[n]
			rec(n + 1)
			events[n], events[i] = events[i], events[n]
		}
	}
	rec(0)
}

// A message whose origin no line tells is unknown, once the link that could
// still have told it is overdue.
func TestUnknown(t *testing.T) {
	for name, born := range map[string]parser.Event{"the queue manager's line alone": active(idA, 3), "made inside": messageID(idA)} {
		for end, last := range map[string]parser.Event{"delivered": delivery(idA, parser.StatusDeferred), "removed": removed(idA)} {
			t.Run(name+", "+end, func(t *testing.T) {
				l := newTestLog(t, Config{})
				l.add(born, active(idA, 3), last)
				if got := l.origins(); len(got) != 0 {
					t.Errorf("told too early: %v", got)
				}
				l.wait(keepUnsettled)
				want := map[Origin]Accepted{OriginUnknown: {1, 3}}
				if got := l.origins(); !maps.Equal(got, want) {
					t.Errorf("origins %v, want %v", got, want)
				}
				l.add(bounce(idB, idA), active(idA, 1))
				if got := l.origins(); got[OriginUnknown] != want[OriginUnknown] || got[OriginBounce] != (Accepted{}) {
					t.Errorf("counted again: %v", got)
				}
			})
		}
	}
}

func TestKeep(t *testing.T) {
	l := newTestLog(t, Config{})
	l.add(client(idA, "bob", "192.0.2.1"))                   // never ends
	l.add(client(idB, "bob", "192.0.2.1"), active(idB, 1))   // stays in the queue
	l.add(pickup(idC, 33, ""), active(idC, 1), removed(idC)) // ends
	l.add(pickup("ABCDEF1", 33, ""), active("ABCDEF1", 1), pickup("ABCDEF2", 107, "ABCDEF1"), active("ABCDEF2", 1))
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 5}, {keepClosed, 3}, {keepWaiting, 2}, {120 * time.Hour, 2}} {
		l.wait(step.wait)
		l.Read(func(s *State) {
			if s.MessageEntries() != step.want {
				t.Errorf("%d entries after %v, want %d", s.MessageEntries(), step.wait, step.want)
			}
			if s.Queued() != 2 {
				t.Errorf("%d queued after %v, want 2", s.Queued(), step.wait)
			}
		})
	}
	l.add(delivery(idB, parser.StatusSent))
	if got := l.accounts()["bob"].Deliveries[parser.StatusSent]; got != 1 {
		t.Errorf("after five days in the queue: %d sent, want 1", got)
	}
}

// What is removed leaves as fast as the new comes.
func TestKeepAtFullSpeed(t *testing.T) {
	l := newTestLog(t, Config{})
	const perSecond = 100
	for i := range perSecond * int(3*keepClosed/2/time.Second) {
		id := fmt.Sprintf("A%06X", i)
		l.add(pickup(id, 33, ""), removed(id))
		l.now = l.now.Add(time.Second/perSecond - 2*time.Millisecond)
	}
	l.Read(func(s *State) {
		if most := perSecond * (int(keepClosed/time.Second) + 1); s.MessageEntries() > most {
			t.Errorf("%d entries, want at most %d", s.MessageEntries(), most)
		}
	})
}

// A line with a forged stamp moves the clock; the next honest one moves it back.
func TestForgedStamp(t *testing.T) {
	l := newTestLog(t, Config{})
	for i := range 1000 {
		id := fmt.Sprintf("A%06X", i)
		l.add(client(id, "bob", "192.0.2.1"), active(id, 1), removed(id))
	}
	honest := l.now
	l.now = honest.AddDate(200, 0, 0)
	l.add(pickup(idA, 33, ""), active(idA, 1), removed(idA))
	l.now = honest
	l.add(delivery("A0003E7", parser.StatusSent))
	l.Read(func(s *State) {
		if s.Now != l.now.UnixNano() {
			t.Errorf("the clock stands at %v", time.Unix(0, s.Now))
		}
		if s.MessageEntries() < 900 {
			t.Errorf("one forged line cost all but %d entries", s.MessageEntries())
		}
	})
	if got := l.accounts()["bob"].Deliveries[parser.StatusSent]; got != 1 {
		t.Errorf("%d sent, want 1", got)
	}
	for range 20 {
		l.wait(keepClosed)
	}
	l.Read(func(s *State) {
		if s.MessageEntries() != 0 {
			t.Errorf("%d entries left, closed at a time that never came", s.MessageEntries())
		}
	})
}
