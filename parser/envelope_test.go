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

// TestFraction: the parts of a second of ISO stamps, of any number of digits, read
// anew and with another stamp of that second just before it.
func TestFraction(t *testing.T) {
	const second, message = "2026-11-23T13:41:21", " mx postfix/qmgr[1]: 4F978A2E954: removed"
	begin := time.Date(2026, time.November, 23, 13, 41, 21, 0, time.UTC).UnixNano()
	zones := map[string]int64{"Z": 0, "+00:00": 0, "-00:00": 0, "+01:30": -90 * 60e9, "-08:00": 8 * 3600e9}
	for fraction, nanos := range map[string]int64{
		"": 0, ".": 0, ".5": 500_000_000, ".05": 50_000_000, ".186": 186_000_000, ".186234": 186_234_000, ".9876543": 987_654_300,
		".98765432": 987_654_320, ".987654321": 987_654_321, ".98765432199": 987_654_321, ".00000000": 0,
	} {
		for zone, offset := range zones {
			for _, before := range []string{"", "Z", ".5Z", ".186234+01:30", "-08:00", "+00:00"} {
				p, ev := newParser(), new(Event)
				p.Parse([]byte(second+before+message), ev)
				p.Parse([]byte(second+fraction+zone+message), ev)
				if got := ev.Time - begin; ev.Outcome != Parsed || got != nanos+offset {
					t.Errorf("%q %s after %q: %v, %d, want %d", fraction, zone, before, ev.Outcome, got, nanos+offset)
				}
			}
		}
	}
}

// TestSameSecond: what looks like the stamp before, but is none.
func TestSameSecond(t *testing.T) {
	const rest = "mx postfix/qmgr[1]: 4F978A2E954: removed"
	for _, test := range [][2]string{
		{"2026-11-23T13:41:21.186234Z ", "2026-11-23T13:41:21.186234 "},
		{"2026-11-23T13:41:21.186234Z ", "2026-11-23T13:41:21.18623x "},
		{"2026-11-23T13:41:21.186234Z ", "2026-11-23T13:41:21x186234Z "},
		{"2026-11-23T13:41:21.186234+01:00 ", "2026-11-23T13:41:21.186234+01:00x"},
		{"2026-11-23T13:41:21Z ", "2026-11-23T13:41:2 1Z "},
		{"Nov 23 13:41:21 ", "Nov 23 13:41:21x"},
		{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
		{"", ""},
	} {
		p, ev := newParser(), new(Event)
		p.Parse([]byte(test[0]+rest), ev)
		if p.Parse([]byte(test[1]+rest), ev); ev.Outcome != Malformed || ev.Time != 0 {
			t.Errorf("%q after %q: %v, %d", test[1], test[0], ev.Outcome, ev.Time)
		}
	}
}

// TestDecimal: seconds as Postfix's delays have them, and its edges.
func TestDecimal(t *testing.T) {
	for text, want := range map[string]struct {
		d   time.Duration
		end int
	}{
		"0/": {0, 1}, "9,": {9 * time.Second, 1}, "0.05/": {50 * time.Millisecond, 4}, "5.1/0": {5100 * time.Millisecond, 3}, "1./": {time.Second, 2},
		"12": {12 * time.Second, 2}, "12.5": {12500 * time.Millisecond, 4}, "0.123456/": {123456 * time.Microsecond, 8}, "1.2.3/0/0": {1200 * time.Millisecond, 3},
		"0.12345678912/": {123456789, 13}, "432000/0/0": {432000 * time.Second, 6}, "1234567.5": {1234567500 * time.Millisecond, 9},
		"999999999.5,": {999999999500 * time.Millisecond, 11}, "1234567890": {0, -1}, ".5/": {0, -1}, "": {0, -1}, "x": {0, -1}, "-1": {0, -1},
	} {
		for _, behind := range []string{"", ", dsn=2.0.0"} { // at the line's end, and far from it
			if text == "" && behind != "" {
				continue
			}
			if d, end := decimalAt([]byte("="+text+behind), 1); d != want.d || end >= 0 && end != want.end+1 || (end < 0) != (want.end < 0) {
				t.Errorf("%q: %v, %d, want %v, %d", text+behind, d, end, want.d, want.end)
			}
		}
	}
}

// What is longer than a Span can hold is read as far as it can.
func TestLineBeyondSpans(t *testing.T) {
	line := "Nov  3 09:01:02 mx postfix/cleanup[77]: 4F978A2E954: message-id=<" + strings.Repeat("x", 70_000) + ">"
	var ev Event
	New(Options{}).Parse([]byte(line), &ev)
	if ev.Outcome != Parsed || string(ev.Bytes(ev.QueueID)) != "4F978A2E954" || int(ev.MessageID.end) != maxLine {
		t.Errorf("%v, queue id %q, message id up to %d", ev.Outcome, ev.Bytes(ev.QueueID), ev.MessageID.end)
	}
}
