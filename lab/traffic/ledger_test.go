package traffic

import (
	"bytes"
	"flag"
	"net/netip"
	"testing"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// month is the whole thing, by hand: 48 million lines, minutes.
//
//	go test ./lab/traffic -run Month -month -v
var month = flag.Bool("month", false, "compare the ledger with the truth of a whole month")

func TestMonth(t *testing.T) {
	c := config()
	if *month {
		c.Days, c.Accounts, c.Rounds = 30, 1000, 2
	} else {
		c.Days, c.Rounds = 1, 0
	}
	f := newFolder(t)
	truth, err := Generate(f, c)
	if err != nil {
		t.Fatal(err)
	}
	f.compare(truth)
	t.Logf("%d lines, %d attacks", truth.Lines, len(truth.Attacks))
}

// folder folds a log into the exporter's ledger as it is written.
type folder struct {
	*testing.T
	book   *ledger.Ledger
	source *ledger.Source
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	book, err := ledger.New(ledger.Config{AccountLimit: 15000})
	if err != nil {
		t.Fatal(err)
	}
	var site ledger.Site
	for _, n := range MyNetworks() {
		site.MyNetworks = append(site.MyNetworks, netip.MustParsePrefix(n))
	}
	book.Configure(site)
	return &folder{t, book, book.NewSource("log", parser.New(parser.Options{}))}
}

// Write takes whole lines, and holds that the parser knows each.
func (f *folder) Write(block []byte) (int, error) {
	f.book.Fold(f.source, block)
	f.book.Read(func(s *ledger.State) {
		if n := s.Sources[0].Lines; n[parser.Unknown]+n[parser.Malformed]+n[parser.Foreign] > 0 {
			f.unread(block)
		}
	})
	return len(block), nil
}

// unread finds the line that the parser doesn't know.
func (f *folder) unread(block []byte) {
	p, ev := parser.New(parser.Options{}), new(parser.Event)
	for line := range bytes.Lines(block) {
		if p.Parse(line, ev); ev.Outcome != parser.Parsed && ev.Outcome != parser.Ignored {
			f.Fatalf("%s: %s", ev.Outcome, line)
		}
	}
}

// compare holds that the ledger counts what was really sent.
func (f *folder) compare(truth *Truth) {
	f.Helper()
	f.book.Read(func(s *ledger.State) {
		for _, o := range ledger.Origins() {
			want := truth.Origins[o.String()]
			if want == nil {
				want = &Sent{}
			}
			if got := s.Origins[o]; got.Messages != uint64(want.Messages) || got.Recipients != uint64(want.Recipients) {
				f.Errorf("origin %s: %+v, want %+v", o, got, *want)
			}
		}
		active := 0
		for _, sent := range truth.Accounts {
			if sent.Messages > 0 {
				active++
			}
		}
		if n := s.Accounts.Entries(); n != active {
			f.Errorf("%d accounts, want %d", n, active)
		}
		for _, row := range s.Accounts.All() {
			want := truth.Accounts[row.Name]
			if want == nil {
				f.Errorf("account %s is none", row.Name)
				continue
			}
			got := Sent{
				Messages: int(row.Messages), Recipients: int(row.Recipients), Sent: int(row.Deliveries[parser.StatusSent]),
				Deferred: int(row.Deliveries[parser.StatusDeferred]), Bounced: int(row.Deliveries[parser.StatusBounced]),
			}
			if got != *want {
				f.Errorf("account %s: %+v, want %+v", row.Name, got, *want)
			}
		}
	})
}
