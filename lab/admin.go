package lab

import (
	"context"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Super runs postsuper(1), such as "-h", "ALL", "deferred".
func (p *Postfix) Super(ctx context.Context, args ...string) error {
	return p.command(ctx, "postsuper", args...)
}

// Reload makes the daemons read their configuration and open the log anew.
func (p *Postfix) Reload(ctx context.Context) error { return p.command(ctx, "postfix", "reload") }

// RotateLog moves the log away, compresses it, and has a new one begun.
func (p *Postfix) RotateLog(ctx context.Context) error { return p.command(ctx, "postfix", "logrotate") }

// Pickup takes what lies in maildrop now, instead of within a minute.
func (p *Postfix) Pickup(ctx context.Context) error {
	return p.command(ctx, "postkick", "public", "pickup", "W")
}

// Incoming has the queue manager look into incoming now. After a reload a message
// may lie there: the word that it came went to the queue manager that was ending.
func (p *Postfix) Incoming(ctx context.Context) error {
	return p.command(ctx, "postkick", "public", "qmgr", "I")
}

func (p *Postfix) command(ctx context.Context, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{"-c", p.ConfigDir}, args...)...)
	cmd.WaitDelay = time.Second // its children may hold the pipe open
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, out)
	}
	return nil
}

// Flush has everything deferred tried once more.
func (l *Lab) Flush(ctx context.Context) error {
	if err := l.Postfix.flush(ctx, l.Postfix.queued("deferred")); err != nil {
		return err
	}
	l.Truth.retried()
	return nil
}

// Requeue puts everything deferred through cleanup(8) again, which tries it once
// more under new queue ids.
func (l *Lab) Requeue(ctx context.Context) error {
	if err := l.RequeueLater()(ctx); err != nil {
		return err
	}
	return l.Postfix.Wait(ctx)
}

// RequeueLater gives what an admin does while new mail flows: what is deferred now
// is held, released and put through cleanup(8) again.
func (l *Lab) RequeueLater() func(context.Context) error {
	ids := slices.Sorted(maps.Keys(l.Postfix.queued("deferred")))
	l.Truth.retried()
	return func(ctx context.Context) error {
		for _, action := range []string{"-h", "-H", "-r"} {
			for some := range slices.Chunk(ids, 200) {
				var args []string
				for _, id := range some {
					args = append(args, action, id)
				}
				if err := l.Postfix.Super(ctx, args...); err != nil {
					return err
				}
			}
		}
		return nil // Wait sees to what lies in maildrop
	}
}

// GiveUp returns everything deferred to its senders, without a last try.
func (l *Lab) GiveUp(ctx context.Context) error {
	if err := l.Postfix.Super(ctx, "-e", "ALL", "deferred"); err != nil {
		return err
	}
	given := l.Postfix.queued("deferred")
	for len(given) > 0 { // again, where the queue manager says "bounce failed"
		if err := l.Postfix.flush(ctx, given); err != nil {
			return err
		}
		left := l.Postfix.queued("deferred")
		maps.DeleteFunc(given, func(id string, _ queueFile) bool { _, is := left[id]; return !is })
	}
	l.Truth.gaveUp()
	return nil
}
