package ledger

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"postfix_exporter/parser"
)

var update = flag.Bool("update", false, "write testdata/snapshot.golden anew")

// labLog is a log that a real Postfix 3.7 wrote.
func labLog(t testing.TB) [][]byte {
	t.Helper()
	file, err := os.Open("../../testdata/logs/postfix-3.7-lab.log.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	log, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.SplitAfter(log, []byte("\n"))
}

// fold takes in lines, from where the ledger's one source left off.
func fold(l *Ledger, lines [][]byte) {
	reference := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	if len(l.state.Sources) > 0 {
		reference = time.Unix(0, l.state.Sources[0].LastLine)
	}
	l.Fold(l.NewSource("mail.log", parser.New(parser.Options{Reference: reference})), bytes.Join(lines, nil))
}

func newLedger(t testing.TB, c Config) *Ledger {
	t.Helper()
	l, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// However a log is cut in two, with a snapshot between, the end is the same.
func TestSnapshotCuts(t *testing.T) {
	lines := labLog(t)[:8000]
	whole := newLedger(t, Config{})
	fold(whole, lines)
	want := whole.Snapshot(nil)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 12 {
		cut := random.IntN(len(lines) + 1)
		first := newLedger(t, Config{})
		fold(first, lines[:cut])
		second, err := Restore(Config{}, first.Snapshot(nil))
		if err != nil {
			t.Fatalf("cut at line %d: %v", cut, err)
		}
		fold(second, lines[cut:])
		if got := second.Snapshot(nil); !bytes.Equal(got, want) {
			t.Fatalf("cut at line %d: the end is another one: %s", cut, differs(got, want))
		}
	}
}

// A snapshot changes nothing of what it visits, since scrapes read it meanwhile: the
// race detector sees where it does.
func TestSnapshotOnlyReads(t *testing.T) {
	l := newLedger(t, Config{})
	fold(l, labLog(t))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { l.Snapshot(nil) })
	}
	both.Wait()
}

func differs(got, want []byte) string {
	n := 0
	for n < min(len(got), len(want)) && got[n] == want[n] {
		n++
	}
	return fmt.Sprintf("%d bytes, want %d; from byte %d on they differ", len(got), len(want), n)
}

// What a walk visits may not change without a new snapshotVersion. After that,
// write the file anew: go test ./internal/ledger -run SnapshotVersion -update.
func TestSnapshotVersion(t *testing.T) {
	l := newLedger(t, Config{})
	fold(l, labLog(t)[:2000])
	got := l.Snapshot(nil)
	const file = "testdata/snapshot.golden"
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("snapshots have changed: %s; raise snapshotVersion, then -update", differs(got, want))
	}
}

func TestRestoreOtherVersion(t *testing.T) {
	l := newLedger(t, Config{})
	data := l.Snapshot(nil)
	data[0]++
	if _, err := Restore(Config{}, data); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("%v", err)
	}
	data[0]--
	data[3]++ // of the shape
	if _, err := Restore(Config{}, data); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("%v", err)
	}
}

// A snapshot that breaks off anywhere, or goes on behind its end, is refused.
func TestRestoreDamaged(t *testing.T) {
	l := newLedger(t, Config{})
	fold(l, labLog(t)[:1500])
	data := l.Snapshot(nil)
	if _, err := Restore(Config{}, append(bytes.Clone(data), 0)); err == nil {
		t.Error("a byte too many is taken")
	}
	step := len(data)/500 + 1
	for n := 0; n < len(data); n += step {
		if _, err := Restore(Config{}, data[:n]); err == nil {
			t.Errorf("%d bytes of %d are taken", n, len(data))
		}
	}
}

// FuzzRestore: whatever the bytes are, no panic, and a ledger that can go on.
func FuzzRestore(f *testing.F) {
	l := newLedger(f, Config{})
	f.Add(l.Snapshot(nil))
	lines := labLog(f)
	fold(l, lines[:300])
	f.Add(l.Snapshot(nil))
	f.Fuzz(func(_ *testing.T, data []byte) {
		l, err := Restore(Config{MessageLimit: 50}, data)
		if err != nil {
			return
		}
		fold(l, lines[300:600])
		l.Snapshot(nil)
	})
}

// Bytes changed at random are refused, or make a ledger that goes on.
func TestRestoreMutated(t *testing.T) {
	lines := labLog(t)
	l := newLedger(t, Config{})
	fold(l, lines[:300])
	data := l.Snapshot(nil)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	refused := 0
	for range 150 {
		mutated := bytes.Clone(data)
		for range 1 + random.IntN(4) {
			mutated[random.IntN(len(mutated))] = byte(random.Uint32())
		}
		l, err := Restore(Config{MessageLimit: 50}, mutated)
		if err != nil {
			refused++
			continue
		}
		fold(l, lines[300:600])
	}
	if refused == 0 || refused == 150 {
		t.Errorf("%d of 150 refused", refused)
	}
}

// A configuration with smaller tables than the snapshot's keeps what fits.
func TestRestoreSmaller(t *testing.T) {
	big := newLedger(t, Config{})
	fold(big, labLog(t)[:4000])
	before := big.state.MessageEntries()
	small, err := Restore(Config{MessageLimit: before / 2}, big.Snapshot(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got := small.state.MessageEntries(); got != before/2 || small.state.MessageEvictions() != uint64(before-before/2) {
		t.Errorf("%d entries of %d, %d evictions", got, before, small.state.MessageEvictions())
	}
	if small.state.Origins[OriginSASL] != big.state.Origins[OriginSASL] {
		t.Error("counters have changed")
	}
}

// A million messages in the queue: how long the log waits for a snapshot, and a
// start for a restored one.
func BenchmarkSnapshot(b *testing.B) {
	l := newLedger(b, Config{})
	for i := range 1_000_000 {
		ev := queued(parser.Event{Kind: parser.KindQueueActive, Recipients: 1, Time: int64(i) * 1e6}, fmt.Sprintf("%05X%07X", i*7919&0xfffff, i))
		l.Apply(&ev)
	}
	data := l.Snapshot(nil)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			data = l.Snapshot(data[:0])
		}
	})
	b.Run("restore", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := Restore(Config{}, data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
