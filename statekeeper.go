package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/statefile"
)

const (
	// saveInterval is the shortest pause between two saves: what a crash of the
	// exporter has to read again.
	saveInterval = 5 * time.Second
	// saveShare bounds what saving a large state takes of the disk and of the
	// log's time: each pause is so many times as long as the save before it.
	saveShare = 20
	// firstSave is how soon a new state is saved, once something is read; where
	// nothing is, it is tried so many times.
	firstSave     = 20 * time.Millisecond
	maxFirstSaves = 50
)

// stateKeeper saves the ledger, and finds it again at the start.
type stateKeeper struct {
	logger log.Logger
	path   string          // empty: in memory only, by the admin's wish
	file   *statefile.File // nil: in memory only
	book   *ledger.Ledger

	restored bool // the book is an earlier run's

	// begun is closed once there is a state to come back to: what was shown before
	// could not be found again after kill -9.
	begun chan struct{}

	buf     []byte
	batches uint64 // that the last save has in it
	failing bool

	mu    sync.Mutex
	stats collector.StateFile
}

// restore gives the ledger that was saved, or else a new one. A state that
// can't be used is set aside; it never keeps the exporter from starting.
func (k *stateKeeper) restore(config ledger.Config, owner string) (err error) {
	k.begun = make(chan struct{})
	defer func() {
		if k.file == nil || k.restored {
			close(k.begun)
		}
	}()
	if k.book, err = ledger.New(config); err != nil || k.path == "" {
		return err
	}
	if k.file, err = statefile.Open(k.path, owner); err != nil {
		level.Error(k.logger).Log("msg", "what is counted is kept in memory only, and a restart forgets it", "err", err)
		return nil
	}
	defer func() { k.book.HoldFacts() }() // of the book that it is by then
	blob, err := k.file.Load()
	if err == nil && blob != nil {
		var book *ledger.Ledger
		if book, err = ledger.Restore(config, blob); err == nil {
			k.book, k.restored = book, true
			level.Info(k.logger).Log("msg", "the state of the last run goes on", "file", k.path, "bytes", len(blob))
		}
	}
	if err != nil {
		k.discard(err)
	}
	return nil
}

// discard sets a state aside.
func (k *stateKeeper) discard(why error) {
	switch {
	case errors.Is(why, statefile.ErrForeign):
		k.stats.Foreign++
	case errors.As(why, new(*os.PathError)):
		k.stats.Unreadable++
	default:
		k.stats.Damaged++
	}
	to, err := k.file.SetAside()
	level.Warn(k.logger).Log("msg", "the saved state can't be used: all counts begin at 0, and the log at its beginning", "err", why,
		"set_aside_as", to, "set_aside_err", err)
}

// run saves again and again until ctx is done.
func (k *stateKeeper) run(ctx context.Context) {
	if k.file == nil {
		return
	}
	timer := time.NewTimer(firstSave)
	defer timer.Stop()
	for looks := 1; ; looks++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		took := k.save()
		if k.batches == 0 && !k.failing && looks < maxFirstSaves { // nothing is read yet
			timer.Reset(firstSave)
			continue
		}
		select {
		case <-k.begun:
		default:
			close(k.begun)
		}
		timer.Reset(max(saveInterval, saveShare*took))
	}
}

// close saves what came last, once nothing is folded any more.
func (k *stateKeeper) close() {
	if k.file != nil {
		k.save()
		if err := k.file.Close(); err != nil {
			level.Warn(k.logger).Log("msg", "closing the state file's lock", "err", err)
		}
	}
}

// save writes the state, where there is news, and says how long that took. A
// lasting failure is told once; the next save tries again.
func (k *stateKeeper) save() time.Duration {
	batches := k.book.Batches()
	if batches == k.batches {
		return 0
	}
	begun := time.Now()
	facts := k.book.Facts()
	k.buf = k.book.Snapshot(k.buf[:0])
	err := k.file.Save(k.buf)
	took := time.Since(begun)
	k.book.ShowFacts(facts) // after a failure too: a gap must be seen
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.stats.Failures++
		if !k.failing {
			level.Warn(k.logger).Log("msg", "the state can't be saved: the exporter runs on, and tries again; a restart now would forget what came since",
				"err", err, "mend", "make room, or let this user write there, or name another place with --state.file")
		}
		k.failing = true
		return took
	}
	if k.failing {
		level.Info(k.logger).Log("msg", "the state is saved again", "file", k.path)
	}
	level.Debug(k.logger).Log("msg", "the state is saved", "bytes", len(k.buf), "took", took)
	k.failing = false
	k.batches = batches
	k.stats.Saves++
	k.stats.Saved, k.stats.Size, k.stats.Took = begun, len(k.buf), took
	return took
}

func (k *stateKeeper) figures() collector.StateFile {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stats
}

// stateOwner names whose state it is: this machine's and this instance's. In a
// container there is no machine id.
func stateOwner(configDirectory string) string {
	id, _ := os.ReadFile("/etc/machine-id")
	return strings.TrimSpace(string(id)) + " " + configDirectory
}
