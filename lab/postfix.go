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

	dir    string
	filter string // address of the content filter
	back   string // address of the server that takes its mail back
}

// WriteConfig writes the configuration of an instance under dir and starts
// nothing. It needs no root: whoever reads a recorded log can be told by it which
// networks and domains were the server's own.
func WriteConfig(dir string) (*Postfix, error) {
	p := at(dir)
	p.SMTP, p.Submission = "127.0.0.1:25", "127.0.0.1:587"
	return p, p.configure(&World{}, Options{})
}

func at(dir string) *Postfix {
	return &Postfix{
		ConfigDir: filepath.Join(dir, "etc"),
		QueueDir:  filepath.Join(dir, "spool"),
		LogFile:   filepath.Join(dir, "log", "mail.log"),
		dir:       dir,
	}
}

func (p *Postfix) configure(world *World, options Options) error {
	for _, sub := range []string{p.ConfigDir, p.QueueDir, filepath.Dir(p.LogFile)} {
		if err := os.MkdirAll(sub, 0o755); err != nil { //nolint:gosec // Postfix's daemons and the local users must get through
			return err
		}
	}
	for name, text := range p.files(world, options) {
		if err := os.WriteFile(filepath.Join(p.ConfigDir, name), []byte(text), 0o644); err != nil { //nolint:gosec // read by local users' sendmail
			return err
		}
	}
	return nil
}

// newPostfix makes an instance under dir, with a content filter where the options
// want one; Start starts it.
func newPostfix(ctx context.Context, dir string, world *World, options Options) (*Postfix, error) {
	ports, err := freePorts(ctx, 3)
	if err != nil {
		return nil, err
	}
	p := at(dir)
	p.SMTP, p.Submission, p.back = ports[0], ports[1], ports[2]
	filter := (&filterServer{next: p.back, xforward: options.Filter != FilterSMTP}).serve
	if options.Filter == FilterPipe {
		filter = p.serveFilterPipe
	}
	if p.filter, err = world.serve(ctx, "127.0.0.1", filter); err != nil {
		return nil, err
	}
	return p, errors.Join(
		p.configure(world, options),
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
