package parser

import (
	"strings"
	"testing"
	"time"
)

// TestProcessID reads each line twice: the second time from memory.
func TestProcessID(t *testing.T) {
	for _, test := range []struct {
		tag     string
		pid     string
		outcome Outcome
	}{
		{"postfix/qmgr[1]:", "1", Parsed},
		{"postfix/qmgr[999]:", "999", Parsed},
		{"postfix/qmgr[1234]:", "1234", Parsed},
		{"postfix/qmgr[12345]:", "12345", Parsed},
		{"postfix/qmgr[123456]:", "123456", Parsed},
		{"postfix/qmgr[4194304]:", "4194304", Parsed},
		{"postfix/qmgr[1234567890]:", "1234567890", Parsed},
		{"postfix/qmgr:", "", Parsed},
		{"postfix/[::1]:25/qmgr[1234]:", "1234", Parsed},
		{"postfix/qmgr[12345678901]:", "", Unknown},
		{"postfix/qmgr[]:", "", Unknown},
		{"postfix/qmgr[12a45]:", "", Unknown},
		{"postfix/qmgr[1234/]:", "", Unknown},
	} {
		p, ev := newParser(), new(Event)
		p.Parse([]byte("Nov 23 13:41:21 mx postfix/qmgr[1]: 4F978A2E954: removed"), ev)
		for range 2 {
			p.Parse([]byte("Nov 23 13:41:21 mx "+test.tag+" 4F978A2E954: removed"), ev)
			if ev.Outcome != test.outcome || string(ev.Bytes(ev.PID)) != test.pid {
				t.Errorf("%s: %v, pid %q, want %v, %q", test.tag, ev.Outcome, ev.Bytes(ev.PID), test.outcome, test.pid)
			}
			if test.outcome == Parsed && ev.Daemon != Qmgr {
				t.Errorf("%s: daemon %v", test.tag, ev.Daemon)
			}
		}
	}
}

// TestHeadMemoryIsBounded meets more hosts and tags than it remembers.
func TestHeadMemoryIsBounded(t *testing.T) {
	p, ev := newParser(), new(Event)
	for i := range 5000 {
		host := strings.Repeat("h", 1+i%70)
		name := strings.Repeat("n", 1+i%37)
		p.Parse([]byte("Nov 23 13:41:21 "+host+" postfix/"+name+"/qmgr[1234]: 4F978A2E954: removed"), ev)
		if ev.Kind != KindRemoved || string(ev.Bytes(ev.Host)) != host || string(ev.Bytes(ev.SyslogName)) != "postfix/"+name || string(ev.Bytes(ev.Program)) != "qmgr" {
			t.Fatalf("%q %q: %v %q %q %q", host, name, ev.Kind, ev.Bytes(ev.Host), ev.Bytes(ev.SyslogName), ev.Bytes(ev.Program))
		}
	}
}

// TestFraction: the parts of a second of ISO stamps, of any number of digits.
func TestFraction(t *testing.T) {
	for fraction, want := range map[string]int64{
		"": 0, ".": 0, ".5": 500_000_000, ".05": 50_000_000, ".186": 186_000_000, ".186234": 186_234_000, ".9876543": 987_654_300,
		".98765432": 987_654_320, ".987654321": 987_654_321, ".98765432199": 987_654_321, ".00000000": 0,
	} {
		for _, zone := range []string{"Z", "+00:00", "-00:00"} {
			ev := parseOne("2026-11-23T13:41:21" + fraction + zone + " mx postfix/qmgr[1]: 4F978A2E954: removed")
			if got := ev.Time - time.Date(2026, time.November, 23, 13, 41, 21, 0, time.UTC).UnixNano(); ev.Outcome != Parsed || got != want {
				t.Errorf("%q %s: %v, %d, want %d", fraction, zone, ev.Outcome, got, want)
			}
		}
	}
}
