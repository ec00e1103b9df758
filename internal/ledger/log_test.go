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
	if c.MyNetworks == nil {
		c.MyNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("2001:db8:1::/48")}
	}
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &testLog{Ledger: l, now: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}
}

func (l *testLog) add(events ...parser.Event) {
	for i := range events {
		l.now = l.now.Add(time.Millisecond)
		ev := events[i]
		ev.Time = l.now.UnixNano()
		l.Apply(&ev)
	}
}

// wait lets log time pass; a line of another program is enough to see it.
func (l *testLog) wait(d time.Duration) {
	l.now = l.now.Add(d)
	l.add(parser.Event{Outcome: parser.Foreign})
}

func client(id, user, address string) parser.Event {
	return parser.Event{
		Kind: parser.KindClient, Daemon: parser.Smtpd, SyslogName: []byte("postfix"), QueueID: []byte(id),
		SASLUsername: []byte(user), ClientAddress: []byte(address),
	}
}

func secondPass(id, orig string) parser.Event {
	ev := client(id, "", "127.0.0.1")
	ev.OrigQueueID = []byte(orig)
	return ev
}

func pickup(id string, uid uint32, orig string) parser.Event {
	return parser.Event{
		Kind: parser.KindPickup, Daemon: parser.Pickup, SyslogName: []byte("postfix"), QueueID: []byte(id), UID: uid,
		OrigQueueID: []byte(orig),
	}
}

func messageID(id string) parser.Event {
	return parser.Event{Kind: parser.KindMessageID, Daemon: parser.Cleanup, SyslogName: []byte("postfix"), QueueID: []byte(id)}
}

func active(id string, recipients int64) parser.Event {
	return parser.Event{
		Kind: parser.KindQueueActive, Daemon: parser.Qmgr, SyslogName: []byte("postfix"), QueueID: []byte(id), Recipients: recipients,
	}
}

func removed(id string) parser.Event {
	return parser.Event{Kind: parser.KindRemoved, Daemon: parser.Qmgr, SyslogName: []byte("postfix"), QueueID: []byte(id)}
}

func delivery(id string, status parser.Status) parser.Event {
	return parser.Event{
		Kind: parser.KindDelivery, Daemon: parser.SMTP, SyslogName: []byte("postfix"), QueueID: []byte(id), Status: status,
		RelayHost: []byte("mx.example.net"), DSN: parser.DSN{Class: 2}, Delays: [4]time.Duration{time.Second, 0, 0, time.Minute},
	}
}

func forwarded(id, child string) parser.Event {
	ev := delivery(id, parser.StatusSent)
	ev.Daemon, ev.ChildQueueID = parser.Local, []byte(child)
	return ev
}

func bounce(parent, child string) parser.Event {
	return parser.Event{
		Kind: parser.KindBounce, Daemon: parser.Bounce, SyslogName: []byte("postfix"), QueueID: []byte(parent),
		Notification: parser.NotificationNonDelivery, ChildQueueID: []byte(child),
	}
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

// accounts gives the rows that are not empty, by name.
func (l *testLog) accounts() map[string]Account {
	got := map[string]Account{}
	l.Read(func(s *State) {
		for _, a := range s.Accounts.All() {
			if a != (Account{Name: a.Name}) {
				got[a.Name] = a
			}
		}
	})
	return got
}

func deliveries(sent, deferred, bounced uint64) (d [parser.NumStatuses]uint64) {
	d[parser.StatusSent], d[parser.StatusDeferred], d[parser.StatusBounced] = sent, deferred, bounced
	return d
}
