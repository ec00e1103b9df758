package parser

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// Stamps without a year and a zone, over New Year, both changes of the clock and
// a restart. Each is written by a clock that never stands still, and is read as
// the time it was written at.
func TestStampsFollowTheClock(t *testing.T) {
	for _, test := range []struct{ zone, from, to string }{
		{"Europe/Berlin", "2026-12-31T20:00:00Z", "2027-01-01T02:00:00Z"},
		{"Europe/Berlin", "2026-10-24T23:30:00Z", "2026-10-25T03:00:00Z"}, // 3:00 is 2:00
		{"Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29T03:00:00Z"}, // 2:00 is 3:00
		{"America/New_York", "2026-11-01T04:30:00Z", "2026-11-01T08:00:00Z"},
		{"America/New_York", "2026-03-08T05:30:00Z", "2026-03-08T09:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-04T17:00:00Z"}, // half an hour
		{"UTC", "2028-02-28T22:00:00Z", "2028-03-01T02:00:00Z"},
	} {
		location, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, _ := time.Parse(time.RFC3339, test.from)
		to, _ := time.Parse(time.RFC3339, test.to)
		for _, restart := range []bool{false, true} {
			p := New(Options{Reference: from, Location: location})
			var ev Event
			for now := from; now.Before(to); now = now.Add(7 * time.Second) {
				p.Parse([]byte(now.In(location).Format(time.Stamp)+" mx postfix/smtpd[1]: connect from unknown[192.0.2.1]"), &ev)
				if ev.Time != now.UnixNano() {
					t.Fatalf("%s: %v is read as %v", test.zone, now.In(location), time.Unix(0, ev.Time).In(location))
				}
				if restart {
					p = New(Options{Reference: now.AddDate(3, 0, 0), Last: time.Unix(0, ev.Time), Location: location})
				}
			}
		}
	}
}

// After a rest of months the year is the one nearest to the line before.
func TestStampAfterARest(t *testing.T) {
	last := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, want := range []time.Time{last.AddDate(0, 0, 5), last.AddDate(0, 4, 0), last.AddDate(0, 0, -3)} {
		p := New(Options{Last: last})
		var ev Event
		p.Parse([]byte(want.Format(time.Stamp)+" mx postfix/smtpd[1]: connect from unknown[192.0.2.1]"), &ev)
		if ev.Time != want.UnixNano() {
			t.Errorf("%v is read as %v", want, time.Unix(0, ev.Time).UTC())
		}
	}
}
