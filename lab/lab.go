// Package lab is a mail server to look at: a private Postfix with a Dovecot for
// its logins, a small remote world for it to write to, people who use it, and
// somebody who abuses it. Everything is on 127.0.0.0/8 and in one temporary
// folder; the machine's own Postfix and its configuration are never touched.
//
// It needs root (Postfix starts as root), Postfix 3.7 or later and Dovecot 2.3.
package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Options change the lab. The zero value is the one that the demo uses.
type Options struct {
	// MainCF are "name = value" lines that main.cf has instead of its own.
	MainCF []string
	// Filter is the way through a content filter, if any.
	Filter Filter
	// OpenRelay lets strangers send anywhere, as no server should.
	OpenRelay bool
}

// NoRetries are lines of main.cf with which a lab comes to rest: what is deferred
// stays so until Flush, Requeue or GiveUp.
func NoRetries() []string {
	return []string{"queue_run_delay = 1h", "minimal_backoff_time = 1h", "maximal_backoff_time = 1h", "smtp_connect_timeout = 1s"}
}

// Lab is a running mail server and the world around it.
type Lab struct {
	Dir     string // holds all that the lab writes; gone after Stop
	World   *World
	Postfix *Postfix
	Dovecot *Dovecot
	Truth   *Truth // what was sent, to compare with what is measured

	open bool // to strangers, see Options.OpenRelay
}

// Usable says why the lab can't run here, with the mend, or returns nil.
func Usable() error {
	if os.Geteuid() != 0 {
		return errors.New("the lab needs root: Postfix starts as root")
	}
	for _, program := range []string{"postfix", "sendmail", "dovecot"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("the lab needs %s (apt-get install postfix dovecot-core): %w", program, err)
		}
	}
	return nil
}

// Start starts everything, ready to take mail. What was started is stopped
// again when something fails. The context bounds the start only.
func Start(ctx context.Context, options Options) (*Lab, error) {
	if err := Usable(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "postfix-lab-")
	if err != nil {
		return nil, err
	}
	l := &Lab{Dir: dir, Truth: newTruth(options.Filter), open: options.OpenRelay}
	if err := l.start(ctx, options); err != nil {
		return nil, errors.Join(err, l.Stop())
	}
	return l, nil
}

func (l *Lab) start(ctx context.Context, options Options) (err error) {
	// Postfix's daemons and the local users must get through.
	if err := os.Chmod(l.Dir, 0o755); err != nil { //nolint:gosec // see above
		return err
	}
	if l.World, err = startWorld(ctx); err != nil {
		return fmt.Errorf("remote world: %w", err)
	}
	if l.Postfix, err = newPostfix(ctx, filepath.Join(l.Dir, "postfix"), l.World, options); err != nil {
		return fmt.Errorf("postfix: %w", err)
	}
	if err = l.Postfix.Start(ctx); err != nil {
		return fmt.Errorf("postfix: %w", err)
	}
	if l.Dovecot, err = startDovecot(ctx, filepath.Join(l.Dir, "dovecot"), l.Postfix.AuthSocket()); err != nil {
		return fmt.Errorf("dovecot: %w", err)
	}
	return nil
}

// Stop ends every process that the lab started and removes its folder. It may
// be called twice, and after a failed start.
func (l *Lab) Stop() error {
	var errs []error
	if l.Postfix != nil {
		errs = append(errs, l.Postfix.Stop())
	}
	if l.Dovecot != nil {
		l.Dovecot.stop()
	}
	if l.World != nil {
		l.World.stop()
	}
	return errors.Join(append(errs, os.RemoveAll(l.Dir))...)
}
