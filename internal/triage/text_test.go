package triage

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// testReport is a report in which every text that strangers choose is one.
func testReport(evil string) *Report {
	at := Moment(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC).UnixNano())
	p := Principal{Kind: Account, Name: "emil@example.org" + evil}
	r := &Report{
		Made: time.Date(2026, 11, 23, 10, 7, 0, 0, time.UTC), AsOf: time.Date(2026, 11, 23, 10, 0, 30, 0, time.UTC), Host: "mx" + evil,
		Sources: []string{"the exporter at http://127.0.0.1:9154/metrics"}, Missing: []string{"the log: permission denied" + evil},
		Ranking: []Candidate{
			sends(Account, p.Name, 12431, figure(1500, 300, 290, 20), figure(1500, 300, 290, 20), figure(1600, 300, 290, 20)),
			{Principal: Principal{Kind: Local, Name: "33", User: "www" + evil}, Queued: 3, Share: 0.1},
			{Principal: Principal{Kind: Bounces}, Queued: 500},
		},
		Door:      []Knock{{Network: "192.0.2.0/24", Events: map[string]float64{"auth_failure": 40, "x" + evil: 1}, Sum: 41}},
		Principal: &p,
		Queue:     &Share{Mine: 12431, Total: 13002, Held: 31, Bounces: 480, Oldest: int64(at) / 1e9, Samples: []string{"A1" + evil}, Scripts: []Count{{"33:mail.php" + evil, 3}}},
		Trail: &Trail{
			LogFrom: at - 1e12, LogTo: at, First: at, Last: at + 3e10, Messages: 400, Recipients: 1500, Failed: 300, Domains: 66, Samples: []string{"A1" + evil},
			Networks:     []NetworkSeen{{Network: netip.MustParsePrefix("203.0.113.0/24"), Messages: 12, First: at, Last: at, SharedWith: "anna" + evil}},
			Destinations: []Count{{"unknown.test" + evil, 300}}, Reasons: []Count{{"user_unknown", 300}}, Replies: []Count{{"550 5.1.1" + evil, 300}},
			Aliases: []Count{{"a" + evil, 1}}, Targets: []Count{{"b" + evil, 1}}, Minutes: []Minute{{Time: at, Messages: 1, Recipients: 3, Failed: 1}},
		},
		Processes: []Process{{PID: 12, Command: "php" + evil, Dir: "/var/www" + evil}},
		Steps:     []Step{{Title: "Hold its messages", Note: "Nothing is lost yet.", Run: []string{"hold"}, Undo: []string{"release"}}},
	}
	Rank(r.Ranking, 13002)
	return r
}

func draw(t *testing.T, r *Report, s Style) string {
	t.Helper()
	var b strings.Builder
	s.Zone = time.UTC
	if err := r.Write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestText: the screen. It must fit one, and say what matters.
func TestText(t *testing.T) {
	text := draw(t, testReport(""), Style{Rows: 2})
	golden(t, "screen.golden", text)
	for line := range strings.Lines(text) {
		if n := len([]rune(line)); n > 121 {
			t.Errorf("a line of %d characters: %s", n, line)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Error("there are colours where none are wanted")
	}
	if !strings.Contains(draw(t, testReport(""), Style{Rows: 2, Colour: true}), "\x1b[1m") {
		t.Error("there are no colours")
	}
}

// TestTextIsPlain: what strangers wrote reaches no terminal raw, nor breaks a line.
func TestTextIsPlain(t *testing.T) {
	const evil = "\x1b[2J\n\r\x07\u202e\xff<"
	text := draw(t, testReport(evil), Style{Rows: 3})
	shows(t, text)
	if want := draw(t, testReport(""), Style{Rows: 3}); strings.Count(text, "\n") != strings.Count(want, "\n") {
		t.Error("a stranger's text begins a new line")
	}
	files, err := testReport(evil).Evidence(time.UTC)
	if err != nil || len(files) != 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		shows(t, strings.ReplaceAll(string(f.Text), "\t", " "))
	}
}

// TestEvidenceNamesNobodyElse: other accounts are nobody's business, and a customer
// gets the summary.
func TestEvidenceNamesNobodyElse(t *testing.T) {
	files, err := testReport("").Evidence(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name == "summary.txt" {
			golden(t, "summary.golden", string(f.Text))
			if strings.Contains(string(f.Text), "anna") || strings.Contains(string(f.Text), "www") {
				t.Error("the summary names others")
			}
		}
	}
}

func TestJSON(t *testing.T) {
	text, err := testReport("").JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.golden", string(text))
	evil, err := testReport("\x1b\u202e\U000e0041\xff").JSON()
	if err != nil {
		t.Fatal(err)
	}
	shows(t, string(evil))
	var back map[string]any
	if err := json.Unmarshal(evil, &back); err != nil || back["host"] != "mx\x1b\u202e\U000e0041\ufffd" {
		t.Errorf("%q, %v", back["host"], err)
	}
}

// TestProgress: it is over when nothing is sent and nothing waits, and never while
// something can't be read.
func TestProgress(t *testing.T) {
	for want, change := range map[string]func(*Report){
		"still sending: 1500 recipients in 5 minutes; 12,400 left in the queue, 31 on hold": func(r *Report) { r.Trail = nil },
		"silent for 5 minutes; 12,400 left in the queue, 31 on hold":                        func(*Report) {},
		"all clear: nothing sent for 5 minutes; 0 left in the queue, 31 on hold": func(r *Report) {
			r.Queue.Mine = 31
		},
		"still sending: 3 recipients in 5 minutes, the last message 1m55s ago; 0 left in the queue, 31 on hold": func(r *Report) {
			r.Ranking, r.Queue.Mine = nil, 31 // by the log alone
			r.Trail.Minutes[0].Time, r.Trail.Last = Moment(r.Made.UnixNano()-120e9), Moment(r.Made.UnixNano()-115e9)
		},
		"not known whether it sends: neither exporter nor log can be read; 12,400 left in the queue, 31 on hold": func(r *Report) { r.Ranking, r.Trail = nil, nil },
		"silent for 5 minutes; the queue is not known":                                                           func(r *Report) { r.Queue = nil },
	} {
		r := testReport("")
		change(r)
		line, over := r.Progress()
		if line != want || over != strings.HasPrefix(want, "all clear") {
			t.Errorf("%s, %v; want %s", line, over, want)
		}
	}
}
