package collector

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// TestRestoreGivesTheSameMetrics cuts logs of a real Postfix at any line. A
// ledger that was restored from a snapshot there and took in the rest says, to
// the byte, what one says that took in the whole.
func TestRestoreGivesTheSameMetrics(t *testing.T) {
	files, err := filepath.Glob("../testdata/logs/*.gz")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	config, site := ledger.Config{}, ledger.Site{MyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/30")}}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			lines := bytes.SplitAfter(unpack(t, file), []byte("\n"))
			whole, err := ledger.New(config)
			if err != nil {
				t.Fatal(err)
			}
			reference := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
			take := func(l *ledger.Ledger, lines [][]byte) {
				l.Configure(site)
				l.Fold(l.NewSource("mail.log", parser.New(parser.Options{Reference: reference})), bytes.Join(lines, nil))
			}
			take(whole, lines)
			want := exposition(t, whole)
			for range 5 {
				cut := random.IntN(len(lines) + 1)
				before, err := ledger.New(config)
				if err != nil {
					t.Fatal(err)
				}
				take(before, lines[:cut])
				after, err := ledger.Restore(config, before.Snapshot(nil))
				if err != nil {
					t.Fatal(err)
				}
				after.NewSource("mail.log", parser.New(parser.Options{})) // only those of this run show
				if got, want := exposition(t, after), exposition(t, before); got != want {
					t.Fatalf("restored at line %d: %s", cut, firstDifference(got, want))
				}
				take(after, lines[cut:])
				if got := exposition(t, after); got != want {
					t.Fatalf("cut at line %d: %s", cut, firstDifference(got, want))
				}
			}
		})
	}
}

func unpack(t *testing.T, file string) []byte {
	t.Helper()
	packed, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// exposition is what all collectors of a ledger say.
func exposition(t *testing.T, l *ledger.Ledger) string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	for _, c := range ledgerCollectors(l) {
		registry.MustRegister(underTest{t, c})
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

func firstDifference(got, want string) string {
	g, w := bytes.Split([]byte(got), []byte("\n")), bytes.Split([]byte(want), []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return "got " + string(g[i]) + ", want " + string(w[i])
		}
	}
	return "one says more than the other"
}
