package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// keptBook is a ledger with one source, as after a start on the state at path.
func keptBook(t *testing.T, path string) (*stateKeeper, *ledger.Source) {
	t.Helper()
	k := &stateKeeper{logger: log.NewNopLogger(), path: path}
	if err := k.restore(ledger.Config{}, "owner"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.close)
	return k, k.book.NewSource("mail.log", parser.New(parser.Options{}))
}

func (k *stateKeeper) shownGaps() (n uint64) {
	k.book.Read(func(s *ledger.State) { n = s.Sources[0].Shown.Truncations })
	return n
}

// A gap that a scrape has shown is still there after kill -9, though the log says
// nothing of it any more.
func TestGapsShowOnceSaved(t *testing.T) {
	gap := ledger.Batch{Facts: ledger.Facts{Truncations: 1}}
	path := filepath.Join(t.TempDir(), "state")
	k, src := keptBook(t, path)
	k.book.FoldBatch(src, gap)
	if n := k.shownGaps(); n != 0 {
		t.Errorf("%d gaps show that no state has", n)
	}
	k.save()
	k.book.FoldBatch(src, gap)
	if n := k.shownGaps(); n != 1 {
		t.Errorf("%d gaps show after one was saved", n)
	}

	killed, err := os.ReadFile(path) // what kill -9 would leave
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(path, killed, 0o600); err != nil {
		t.Fatal(err)
	}
	next, _ := keptBook(t, path)
	if n := next.shownGaps(); n != 1 {
		t.Errorf("%d gaps show in the next run, want the one that showed before", n)
	}
}

// Where no state can be saved, a gap must be seen all the same.
func TestGapsShowWithoutAState(t *testing.T) {
	gap := ledger.Batch{Facts: ledger.Facts{Truncations: 1}}
	k, src := keptBook(t, "")
	k.book.FoldBatch(src, gap)
	if n := k.shownGaps(); n != 1 {
		t.Errorf("%d gaps show, kept in memory only", n)
	}
	lib := filepath.Join(t.TempDir(), "lib")
	if err := os.WriteFile(lib, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k, src = keptBook(t, filepath.Join(lib, "state"))
	k.book.FoldBatch(src, gap)
	k.save()
	if n := k.shownGaps(); n != 1 || k.figures().Failures != 1 {
		t.Errorf("%d gaps show after a save that failed: %+v", n, k.figures())
	}
}

// Nothing shows before there is a state to come back to: at the very first start
// it is saved as soon as something is read.
func TestFirstSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, src := keptBook(t, filepath.Join(t.TempDir(), "state"))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { k.run(ctx); close(done) }()
		defer func() { stop(); <-done }()
		begun := func() bool {
			synctest.Wait()
			select {
			case <-k.begun:
				return true
			default:
				return false
			}
		}
		time.Sleep(3 * firstSave)
		if begun() {
			t.Error("it is said to be saved, and nothing is read")
		}
		k.book.FoldBatch(src, ledger.Batch{Lines: []byte("a line\n")})
		time.Sleep(2 * firstSave)
		if !begun() || k.figures().Saves != 1 {
			t.Errorf("saved %d times", k.figures().Saves)
		}
	})
	without := &stateKeeper{logger: log.NewNopLogger()}
	if err := without.restore(ledger.Config{}, "owner"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-without.begun:
	default:
		t.Error("without a state file all waits for one")
	}
}
