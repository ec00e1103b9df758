package ledger

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"postfix_exporter/parser"
)

func newTestParser() *parser.Parser {
	return parser.New(parser.Options{Reference: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), Location: time.UTC})
}

func readLog(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/mixed.log")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The same lines give the same state, however they are cut into blocks.
func TestFold(t *testing.T) {
	lines := strings.SplitAfter(string(readLog(t)), "\n")
	for name, blocks := range map[string][]string{
		"one block": {strings.Join(lines, "")}, "line by line": lines, "no last newline": {strings.TrimSuffix(strings.Join(lines, ""), "\n")},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTestLog(t, Config{})
			src := l.NewSource("mail.log", newTestParser())
			for _, b := range blocks {
				l.Fold(src, []byte(b))
			}
			l.FoldBatch(src, Batch{Facts: Facts{Truncated: 3}})
			bob := l.accounts()["bob@example.test"]
			if want := (Account{"bob@example.test", Totals{1, 2, deliveries(1, 1, 0)}}); bob != want {
				t.Errorf("bob: %+v, want %+v", bob, want)
			}
			if got := l.origins()[OriginBounce]; got != (Accepted{1, 1}) {
				t.Errorf("bounces: %v", got)
			}
			l.Read(func(s *State) {
				row := s.Sources[0]
				sum := uint64(0)
				for _, n := range row.Lines {
					sum += n
				}
				if sum != uint64(len(lines)-1) || row.Lines[parser.Unknown]+row.Lines[parser.Malformed] != 1 {
					t.Errorf("lines by outcome: %v", row.Lines)
				}
				if row.Facts.Truncated != 3 || row.Lost[parser.LossJournaldRateLimit] != 17 || row.Repeated != 5 {
					t.Errorf("%+v", row)
				}
				if want := time.Date(2026, 11, 3, 9, 1, 9, 0, time.UTC).UnixNano(); row.LastLine != want {
					t.Errorf("last line at %v", time.Unix(0, row.LastLine))
				}
			})
		})
	}
}

// A source that is opened again goes on with its own figures.
func TestNewSource(t *testing.T) {
	l := newTestLog(t, Config{})
	a := l.NewSource("a", newTestParser())
	b := l.NewSource("b", newTestParser())
	l.Fold(a, []byte("x\ny\n"))
	l.Fold(b, []byte("z\n"))
	l.Fold(l.NewSource("a", newTestParser()), []byte("z\n"))
	l.Read(func(s *State) {
		if len(s.Sources) != 2 || s.Sources[0].Lines[parser.Malformed] != 3 || s.Sources[1].Lines[parser.Malformed] != 1 || s.Sources[0].Bytes != 6 {
			t.Errorf("%+v", s.Sources)
		}
	})
}

// After warm-up no line costs an allocation.
func TestFoldAllocatesNothing(t *testing.T) {
	log := readLog(t)
	l := newTestLog(t, Config{})
	src := l.NewSource("mail.log", newTestParser())
	if n := testing.AllocsPerRun(100, func() { l.Fold(src, log) }); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

func TestApplyAllocatesNothing(t *testing.T) {
	l := newTestLog(t, Config{})
	events := mixedEvents()
	if n := testing.AllocsPerRun(100, func() {
		for i := range events {
			l.Apply(&events[i])
		}
	}); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

func mixedEvents() []parser.Event {
	const name = "postfix/submission"
	return []parser.Event{
		named(parser.Event{Kind: parser.KindConnect}, name),
		client(idA, "bob", "192.0.2.1"), messageID(idA), active(idA, 2),
		client(idC, "", "2001:db8::1"), messageID(idC), active(idC, 2), delivery(idC, parser.StatusBounced),
		named(parser.Event{Kind: parser.KindDisconnect, Commands: new(parser.Commands)}, name),
		delivery(idA, parser.StatusSent), delivery(idA, parser.StatusDeferred), removed(idA), removed(idC),
		tried(named(parser.Event{Kind: parser.KindSASLFailure, SASLReason: parser.SASLCredentials}, name), "LOGIN"),
		named(parser.Event{Kind: parser.KindReject, Action: parser.ActionReject, Code: 554}, name),
		{Outcome: parser.Foreign},
	}
}

// Run it with: go test -run='^$' -bench=Apply -benchmem ./internal/ledger.
func BenchmarkApply(b *testing.B) {
	l := newTestLog(b, Config{})
	events := mixedEvents()
	id := []byte(idA)
	var ids [][]byte // where it stands in the events
	for i := range events {
		if text := events[i].Bytes(events[i].QueueID); string(text) == idA {
			ids = append(ids, text)
		}
	}
	now := l.now.UnixNano()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ev := &events[i%len(events)]
		if i%len(events) == 0 { // a new message
			n := i
			for d := range id {
				id[d] = "0123456789ABCDEF"[n&15]
				n >>= 4
			}
			for _, text := range ids {
				copy(text, id)
			}
		}
		now += int64(100 * time.Microsecond)
		ev.Time = now
		l.Apply(ev)
	}
}

func BenchmarkFold(b *testing.B) {
	log := readLog(b)
	l := newTestLog(b, Config{})
	src := l.NewSource("mail.log", newTestParser())
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		l.Fold(src, log)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*strings.Count(string(log), "\n")), "ns/line")
}

// A session's commands are counted from its own line, also where many are read
// before the first is applied.
func TestFoldCountsEachLinesCommands(t *testing.T) {
	var log strings.Builder
	want := uint64(0)
	for n := range 3 * batchSize {
		if n%3 == 0 {
			log.WriteString("Nov  3 09:01:02 mx postfix/smtpd[77]: connect from unknown[192.0.2.1]\n")
			continue
		}
		want += uint64(n)
		fmt.Fprintf(&log, "Nov  3 09:01:02 mx postfix/smtpd[77]: disconnect from unknown[192.0.2.1] ehlo=1 rcpt=%d commands=%d\n", n, n+1)
	}
	l := newTestLog(t, Config{})
	l.Fold(l.NewSource("mail.log", newTestParser()), []byte(log.String()))
	l.Read(func(s *State) {
		if got := s.Smtpd[s.Names.index([]byte("postfix"))].Commands[parser.VerbRcpt].Accepted; got != want {
			t.Errorf("%d recipients, want %d", got, want)
		}
	})
}
