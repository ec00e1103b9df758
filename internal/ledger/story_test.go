package ledger

import (
	"fmt"
	"net/netip"
	"sort"
	"strings"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// testSite is a server for example.org, with two content filters.
func testSite() Site {
	return Site{
		MyNetworks:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")},
		Domains:     []string{"example.org", ".example.org", "alias.example"},
		RelayJudged: true, DomainsKnown: true,
		Filters: []Filter{{Host: "192.0.2.200", Port: "10024"}, {Pipe: "scan", UID: 999}},
	}
}

// stamped gives each line of a story its envelope, a millisecond after the one
// before. A line "+10s" lets time pass; a line may begin with its program's name
// alone ("smtpd[1]: …") or with a whole tag.
func stamped(story string) string {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	var b strings.Builder
	for line := range strings.Lines(story) {
		line = strings.TrimSpace(line)
		if wait, ok := strings.CutPrefix(line, "+"); ok {
			d, err := time.ParseDuration(wait)
			if err != nil {
				panic(err)
			}
			now = now.Add(d)
			line = "postfix/qmgr[1]: fixing nothing"
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		now = now.Add(time.Millisecond)
		if tag, _, _ := strings.Cut(line, " "); !strings.Contains(tag, "/") {
			line = "postfix/" + line
		}
		fmt.Fprintf(&b, "%s mx %s\n", now.Format("2006-01-02T15:04:05.000000Z"), line)
	}
	return b.String()
}

func told(t testing.TB, site Site, log string) *Ledger {
	t.Helper()
	l := newLedger(t, Config{})
	l.Configure(site)
	src := l.NewSource("mail.log", newTestParser())
	l.Fold(src, []byte(log))
	l.Read(func(s *State) {
		for _, o := range []parser.Outcome{parser.Unknown, parser.Malformed, parser.Foreign} {
			if n := s.Sources[0].Lines[o]; n > 0 {
				t.Errorf("%d lines %v", n, o)
			}
		}
	})
	return l
}

// figures lists what a ledger says of whom, without the zeros.
func figures(l *Ledger) string {
	var all []string
	line := func(who string, messages, recipients uint64, deliveries [parser.NumStatuses]uint64) {
		text := fmt.Sprintf("%s: %d to %d", who, messages, recipients)
		for status, n := range deliveries {
			if n > 0 {
				text += fmt.Sprintf(", %d %v", n, parser.Status(status))
			}
		}
		if text != who+": 0 to 0" {
			all = append(all, text)
		}
	}
	l.Read(func(s *State) {
		for _, a := range s.Accounts.All() {
			line(a.Name, a.Messages, a.Recipients, a.Deliveries)
		}
		for o, n := range s.Origins {
			if Origin(o) != OriginSASL {
				line(Origin(o).String(), n.Messages, n.Recipients, s.OriginDeliveries[o])
			}
		}
		for what, n := range map[string]uint64{"relayed": s.Relayed, "forwarded": s.Forwarded, "handed over": s.HandedOver} {
			if n > 0 {
				all = append(all, fmt.Sprintf("%s %d", what, n))
			}
		}
	})
	sort.Strings(all)
	return strings.Join(all, "\n")
}

// trimmed is a text of a table without its indentation, its lines sorted.
func trimmed(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// Each story is what Postfix writes, in its own words; figures are what may come
// of it, and nothing else.
type story struct{ log, figures string }

func tellAll(t *testing.T, stories map[string]story) {
	t.Helper()
	for name, tt := range stories {
		t.Run(name, func(t *testing.T) {
			l := told(t, testSite(), stamped(tt.log))
			if got, want := figures(l), trimmed(tt.figures); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
