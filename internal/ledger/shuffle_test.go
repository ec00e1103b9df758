package ledger

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// A stampedLine is a line of a log and when it was written; process is its tag
// with the process id: a process's own lines keep their order.
type stampedLine struct {
	at      time.Duration
	process string
	text    string
}

// shuffle brings lines as a syslog daemon may: each up to 50 ms late, but none
// before one of the same process.
func shuffle(random *rand.Rand, lines []stampedLine) []stampedLine {
	late := slices.Clone(lines)
	last := map[string]time.Duration{}
	for i := range late {
		line := &late[i]
		line.at = max(line.at+time.Duration(random.Int64N(int64(50*time.Millisecond))), last[line.process])
		last[line.process] = line.at
	}
	slices.SortStableFunc(late, func(a, b stampedLine) int { return int(a.at - b.at) })
	return late
}

// settled folds lines and lets time pass until nothing is open.
func settled(t testing.TB, site Site, reference time.Time, lines []stampedLine) *Ledger {
	t.Helper()
	l := newLedger(t, Config{})
	l.Configure(site)
	var log bytes.Buffer
	for _, line := range lines {
		log.WriteString(line.text)
	}
	l.Fold(l.NewSource("log", parser.New(parser.Options{Reference: reference, Location: time.UTC})), log.Bytes())
	ev := parser.Event{Outcome: parser.Foreign}
	for range 20 {
		l.Read(func(s *State) { ev.Time = s.Now + int64(time.Minute) })
		l.Apply(&ev)
	}
	return l
}

// Lines of different processes may come in any order within 50 ms: the figures
// are the same, and every attempt is somebody's.
func shuffleManyTimes(t *testing.T, site Site, reference time.Time, lines []stampedLine) {
	t.Helper()
	ordered := settled(t, site, reference, lines)
	want := figures(ordered) + windows(ordered)
	t.Logf("%d lines:\n%s", len(lines), want)
	sumsUp(t, ordered)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for n := range 6 {
		l := settled(t, site, reference, shuffle(rand.New(rand.NewPCG(seed, uint64(n))), lines))
		if got := figures(l) + windows(l); got != want {
			t.Errorf("shuffle %d:\n%s", n, differences(got, want))
		}
		sumsUp(t, l)
	}
}

// windows lists what accounts, users and aliases did within a day.
func windows(l *Ledger) string {
	var b strings.Builder
	l.Read(func(s *State) {
		for what, table := range map[string]*Principals{"account": &s.Accounts, "user": &s.LocalUsers, "domain": &s.Forwards} {
			shown, _ := table.Shown(s.Now)
			for _, p := range shown {
				fmt.Fprintf(&b, "\n%s %s: %v, %v networks, %v domains", what, p.Name, p.Sums[Window24h], p.Networks[Window24h], p.Domains[Window24h])
			}
		}
	})
	lines := strings.Split(b.String(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func differences(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	var out []string
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, "got  "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			out = append(out, "want "+line)
		}
	}
	return strings.Join(out, "\n")
}

// sumsUp checks that what belongs to somebody is all that there is.
func sumsUp(t testing.TB, l *Ledger) {
	t.Helper()
	l.Read(func(s *State) {
		tried := map[parser.Status]uint64{}
		for _, row := range s.Deliveries.All() {
			if st := row.Key.Status; st != parser.StatusDeliverable && st != parser.StatusUndeliverable {
				tried[st] += row.N
			}
		}
		owned := map[parser.Status]uint64{}
		for o := range s.OriginDeliveries {
			for status, n := range s.OriginDeliveries[o] {
				if n > 0 {
					owned[parser.Status(status)] += n
				}
			}
		}
		if s.HandedOver > 0 {
			owned[parser.StatusSent] += s.HandedOver
		}
		if !maps.Equal(tried, owned) {
			t.Errorf("attempts %v, somebody's %v", tried, owned)
		}
		var accounts, messages, recipients uint64
		for _, a := range s.Accounts.All() {
			messages += a.Messages
			recipients += a.Recipients
			for _, n := range a.Deliveries {
				accounts += n
			}
		}
		var sasl uint64
		for _, n := range s.OriginDeliveries[OriginSASL] {
			sasl += n
		}
		if o := s.Origins[OriginSASL]; accounts != sasl || messages != o.Messages || recipients != o.Recipients {
			t.Errorf("accounts have %d messages, %d recipients, %d attempts; their origin %+v, %d", messages, recipients, accounts, o, sasl)
		}
		if s.attempts.n != 0 {
			t.Errorf("%d attempts are still held back", s.attempts.n)
		}
	})
}

// The log of a real Postfix, its lines spread over the seconds of their stamps.
func TestShuffledLab(t *testing.T) {
	site := Site{
		MyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, Domains: []string{"lab.test", "partner.test"},
		RelayJudged: true, DomainsKnown: true,
	}
	var lines []stampedLine
	var second string
	begin, from := time.Duration(0), 0
	spread := func() {
		for i := from; i < len(lines); i++ {
			lines[i].at = begin + time.Second*time.Duration(i-from)/time.Duration(len(lines)-from)
		}
		from = len(lines)
		begin += time.Second
	}
	for _, text := range labLog(t) {
		if len(text) < 20 {
			continue
		}
		if string(text[:15]) != second {
			spread()
			second = string(text[:15])
		}
		tag, _, _ := strings.Cut(string(text[16:]), ": ")
		lines = append(lines, stampedLine{process: tag, text: string(text)})
	}
	spread()
	shuffleManyTimes(t, site, time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), lines)
}
