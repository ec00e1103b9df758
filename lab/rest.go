package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Wait waits until Postfix has nothing more to do and has logged what it did: what
// is queued is deferred or on hold.
func (p *Postfix) Wait(ctx context.Context) error {
	// One look is not enough: what goes out of one queue, such as a bounce, may
	// come into another that was looked at before; and the log comes after.
	const looks = 5
	quiet, logged := 0, int64(-1)
	// The word that a message came may be lost; then it lies there for minutes.
	remind := every(20, func() error { return errors.Join(p.Pickup(ctx), p.Incoming(ctx)) })
	return poll(ctx, func() string {
		waiting := len(p.queued("maildrop")) + len(p.queued("incoming"))
		busy := waiting + len(p.queued("active"))
		before := logged
		if info, err := os.Stat(p.LogFile); err == nil {
			logged = info.Size()
		}
		if quiet++; busy > 0 || logged != before {
			quiet = 0
		}
		if waiting > 0 {
			if err := remind(); err != nil {
				return err.Error()
			}
		}
		if quiet < looks {
			return fmt.Sprintf("%d messages are on their way", busy)
		}
		return ""
	})
}

// flush has these deferred messages looked at now, each once, and waits for the end
// of that. postqueue(1) with -f would also try, as it comes to them, the bounces that
// are made and deferred meanwhile. So the time of their next try is set, and the queue
// manager told to forget which servers were dead (F) and to look (D).
func (p *Postfix) flush(ctx context.Context, deferred map[string]queueFile) error {
	now := time.Now().Add(-time.Second)
	for _, f := range deferred {
		if err := os.Chtimes(f.path, now, now); err != nil {
			return err
		}
	}
	before := p.queued("deferred")
	maps.DeleteFunc(before, func(id string, _ queueFile) bool { _, is := deferred[id]; return !is })
	look := every(20, func() error { return p.command(ctx, "postkick", "public", "qmgr", "FD") })
	err := poll(ctx, func() string {
		if err := look(); err != nil {
			return err.Error()
		}
		after := p.queued("deferred")
		left := 0
		for id, f := range before {
			if after[id] == f {
				left++
			}
		}
		if left > 0 {
			return fmt.Sprintf("%d messages were not looked at", left)
		}
		return ""
	})
	if err != nil {
		return err
	}
	return p.Wait(ctx)
}

// queueFile is a message in a queue.
type queueFile struct {
	path    string
	changed syscall.Timespec // or came there
}

// queued are the messages in a queue, by queue id.
func (p *Postfix) queued(queue string) map[string]queueFile {
	all := map[string]queueFile{}
	_ = filepath.WalkDir(filepath.Join(p.QueueDir, queue), func(path string, entry fs.DirEntry, err error) error {
		var stat syscall.Stat_t
		if err == nil && entry.Type().IsRegular() && !strings.Contains(entry.Name(), ".") && syscall.Lstat(path, &stat) == nil {
			all[entry.Name()] = queueFile{path, stat.Ctim}
		}
		return nil // what went meanwhile is not there
	})
	return all
}

// poll waits until check finds nothing missing.
func poll(ctx context.Context, check func() (missing string)) error {
	for {
		missing := check()
		if missing == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", missing, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// every calls f at the first of so many calls, and again after an error.
func every(calls int, f func() error) func() error {
	n := 0
	return func() error {
		if n++; n%calls != 1 {
			return nil
		}
		err := f()
		if err != nil {
			n = 0
		}
		return err
	}
}
