package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startTimeout bounds each of Postfix's commands.
const startTimeout = 30 * time.Second

// Postfix is a private instance: configuration, queue, data and log are its own.
type Postfix struct {
	ConfigDir  string
	QueueDir   string
	LogFile    string
	SMTP       string // address of the server that strangers write to
	Submission string // address of the server that accounts write to

	dir string
}

// WriteConfig writes the configuration of an instance under dir and starts
// nothing. It needs no root: whoever reads a recorded log can be told by it which
// networks and domains were the server's own.
func WriteConfig(dir string) (*Postfix, error) {
	return writeConfig(dir, &World{}, Options{}, "127.0.0.1:25", "127.0.0.1:587")
}

func writeConfig(dir string, world *World, options Options, smtp, submission string) (*Postfix, error) {
	p := &Postfix{
		ConfigDir:  filepath.Join(dir, "etc"),
		QueueDir:   filepath.Join(dir, "spool"),
		LogFile:    filepath.Join(dir, "log", "mail.log"),
		SMTP:       smtp,
		Submission: submission,
		dir:        dir,
	}
	for _, sub := range []string{p.ConfigDir, p.QueueDir, filepath.Dir(p.LogFile)} {
		if err := os.MkdirAll(sub, 0o755); err != nil { //nolint:gosec // Postfix's daemons and the local users must get through
			return nil, err
		}
	}
	for name, text := range p.files(world, options) {
		if err := os.WriteFile(filepath.Join(p.ConfigDir, name), []byte(text), 0o644); err != nil { //nolint:gosec // read by local users' sendmail
			return nil, err
		}
	}
	return p, nil
}

// newPostfix makes an instance under dir; Start starts it.
func newPostfix(ctx context.Context, dir string, world *World, options Options) (*Postfix, error) {
	smtp, submission, err := freePorts(ctx)
	if err != nil {
		return nil, err
	}
	p, err := writeConfig(dir, world, options, smtp, submission)
	if err != nil {
		return nil, err
	}
	return p, errors.Join(
		ownedBy("postfix", filepath.Join(dir, "data")),
		ownedBy("nobody", p.mailDir()))
}

// AuthSocket is where Postfix asks whether a password is right.
func (p *Postfix) AuthSocket() string { return filepath.Join(p.QueueDir, "private", "auth") }

func (p *Postfix) mailDir() string { return filepath.Join(p.dir, "mail") }

// Start starts the instance, again too after Stop.
func (p *Postfix) Start(ctx context.Context) error {
	// The start takes a second or two and is not broken off: half a start would
	// leave scripts behind.
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), startTimeout)
	defer cancel()
	// A file, for master keeps what it was given open: waiting for the end of a
	// pipe would wait for master.
	said, err := os.Create(filepath.Join(p.dir, "start.txt"))
	if err != nil {
		return err
	}
	defer said.Close()
	cmd := exec.CommandContext(within, "postfix", "-c", p.ConfigDir, "start")
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(said.Name())
		log, _ := os.ReadFile(p.LogFile)
		// postfix(1) tells faults of main.cf to syslog and terminals only,
		// postmap(1) tells them to everybody.
		fault := p.command(within, "postmap", "-q", "postmaster", "texthash:"+filepath.Join(p.ConfigDir, "aliases"))
		return errors.Join(fmt.Errorf("postfix -c %s start: %w\n%s%s", p.ConfigDir, err, text, log), fault)
	}
	return ctx.Err()
}

// Master is the process id of the master, or 0 where none runs.
func (p *Postfix) Master() int {
	text, err := os.ReadFile(filepath.Join(p.QueueDir, "pid", "master.pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || !contains(processesIn(p.QueueDir), pid) {
		return 0
	}
	return pid
}

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

// Stop ends the instance: master gets the chance to end its children, whoever
// stays is killed. Every Postfix daemon stands in its queue directory, so these
// are the lab's own, whatever state the start left behind.
func (p *Postfix) Stop() error {
	if pid := p.Master(); pid != 0 {
		terminate(pid)
		if waitGone(p.QueueDir, 5*time.Second) {
			return nil
		}
	}
	for range 5 { // a process may be forking while it is listed
		for _, pid := range processesIn(p.QueueDir) {
			kill(pid)
		}
		if waitGone(p.QueueDir, time.Second) {
			return nil
		}
	}
	return errors.New("some Postfix processes don't end")
}

// ownedBy makes a folder that belongs to a user.
func ownedBy(name, dir string) error {
	uid, gid, err := ids(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

func ids(name string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}
