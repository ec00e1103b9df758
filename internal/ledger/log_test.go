package ledger

import (
	"net/netip"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// testLog applies events as a log would bring them, a millisecond apart.
type testLog struct {
	*Ledger
	now time.Time
}

func newTestLog(t testing.TB, c Config) *testLog {
	t.Helper()
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	l.Configure(Site{MyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}})
	return &testLog{Ledger: l, now: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}
}

func (l *testLog) add(events ...parser.Event) {
	for i := range events {
		ev := events[i]
		l.now = l.now.Add(time.Millisecond)
		if ev.Outcome == parser.Foreign {
			l.now = l.now.Add(ev.Delay)
		}
		ev.Time = l.now.UnixNano()
		l.Apply(&ev)
	}
}

// wait lets log time pass.
func (l *testLog) wait(d time.Duration) { l.add(later(d)) }

// later is a line of another program after some time.
func later(d time.Duration) parser.Event { return parser.Event{Outcome: parser.Foreign, Delay: d} }

// named, queued, login, tried and child give texts to an event that no line was parsed into.

func named(ev parser.Event, name string) parser.Event {
	ev.SyslogName = ev.Add(name)
	return ev
}

func queued(ev parser.Event, id string) parser.Event {
	ev.QueueID = ev.Add(id)
	return ev
}

func login(ev parser.Event, user string) parser.Event {
	ev.SASLUsername = ev.Add(user)
	return ev
}

func tried(ev parser.Event, method string) parser.Event {
	ev.SASLMethod = ev.Add(method)
	return ev
}

func child(ev parser.Event, id string) parser.Event {
	ev.ChildQueueID = ev.Add(id)
	return ev
}

func client(id, user, address string) parser.Event {
	ev := queued(named(parser.Event{Kind: parser.KindClient, Daemon: parser.Smtpd}, "postfix"), id)
	ev.SASLUsername, ev.ClientAddress = ev.Add(user), ev.Add(address)
	return ev
}

func secondPass(id, orig string) parser.Event {
	ev := client(id, "", "127.0.0.1")
	ev.OrigQueueID = ev.Add(orig)
	return ev
}

func pickup(id string, uid uint32, orig string) parser.Event {
	ev := queued(named(parser.Event{Kind: parser.KindPickup, Daemon: parser.Pickup, UID: uid}, "postfix"), id)
	ev.OrigQueueID = ev.Add(orig)
	return ev
}

func messageID(id string) parser.Event {
	return queued(named(parser.Event{Kind: parser.KindMessageID, Daemon: parser.Cleanup}, "postfix"), id)
}

func active(id string, recipients int64) parser.Event {
	return queued(named(parser.Event{Kind: parser.KindQueueActive, Daemon: parser.Qmgr, Recipients: recipients}, "postfix"), id)
}

func removed(id string) parser.Event {
	return queued(named(parser.Event{Kind: parser.KindRemoved, Daemon: parser.Qmgr}, "postfix"), id)
}

func delivery(id string, status parser.Status) parser.Event {
	ev := queued(named(parser.Event{
		Kind: parser.KindDelivery, Daemon: parser.SMTP, Status: status,
		DSN: parser.DSN{Class: 2}, Delays: [4]time.Duration{time.Second, 0, 0, time.Minute},
	}, "postfix"), id)
	ev.RelayHost = ev.Add("mx.example.net")
	return ev
}

func forwarded(id, copied string) parser.Event {
	ev := delivery(id, parser.StatusSent)
	ev.Daemon = parser.Local
	return child(ev, copied)
}

func bounce(parent, notification string) parser.Event {
	return child(queued(named(parser.Event{
		Kind: parser.KindBounce, Daemon: parser.Bounce, Notification: parser.NotificationNonDelivery,
	}, "postfix"), parent), notification)
}

// origins gives what was accepted, without the zeros.
func (l *testLog) origins() map[Origin]Accepted {
	got := map[Origin]Accepted{}
	l.Read(func(s *State) {
		for o, n := range s.Origins {
			if n != (Accepted{}) {
				got[Origin(o)] = n
			}
		}
	})
	return got
}

// accounts gives the rows that are not empty, by name; Other is what is done by
// those who have no row.
func (l *testLog) accounts() map[string]Account {
	got := map[string]Account{}
	l.Read(func(s *State) {
		other := Account{Name: Other, Totals: s.Accounts.total}
		for _, a := range s.Accounts.All() {
			other.Totals = other.since(a.Totals)
			if a.Totals != (Totals{}) {
				got[a.Name] = a
			}
		}
		if other.Totals != (Totals{}) {
			got[Other] = other
		}
	})
	return got
}

func deliveries(sent, deferred, bounced uint64) (d [parser.NumStatuses]uint64) {
	d[parser.StatusSent], d[parser.StatusDeferred], d[parser.StatusBounced] = sent, deferred, bounced
	return d
}
