package collector

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/prometheus/procfs"
)

// procDir is where procfs is mounted.
type procDir string

// process is a row of the process table. Its name is what the process calls
// itself; who started it is known from ppid alone.
type process struct {
	pid, ppid int
	comm      string // at most 15 bytes
}

// table reads one line of every process, zombies aside: about 20 us each. One
// that goes, or that is not shown to this user, is left out.
func (p procDir) table(ctx context.Context) ([]process, error) {
	root, err := p.open()
	if err != nil {
		return nil, err
	}
	all, err := root.AllProcs()
	if err != nil {
		return nil, p.unreadable(err)
	}
	table := make([]process, 0, len(all))
	for _, proc := range all {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reading %d processes of %s: %w; mend: a longer scrape_timeout", len(all), p, context.Cause(ctx))
		}
		stat, err := proc.Stat()
		switch {
		case err == nil && stat.State != "Z":
			table = append(table, process{pid: stat.PID, ppid: stat.PPID, comm: stat.Comm})
		case err != nil && !gone(err) && !errors.Is(err, fs.ErrPermission):
			return nil, p.unreadable(err)
		}
	}
	return table, nil
}

func (p procDir) open() (procfs.FS, error) {
	root, err := procfs.NewFS(string(p))
	if err != nil {
		return root, p.unreadable(err)
	}
	return root, nil
}

func (p procDir) unreadable(err error) error {
	return fmt.Errorf("the process table: %w; mend: mount procfs at %s", err, p)
}

// gone says that a process ended while it was looked at.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) }

// complete says whether the processes of other users are shown: under hidepid
// or ProtectProc process 1 is not.
func (p procDir) complete() bool {
	root, err := p.open()
	if err != nil {
		return false
	}
	init, err := root.Proc(1)
	if err != nil {
		return false
	}
	_, err = init.Stat()
	return err == nil
}

// realUID gives the user that a process runs for; false when it is gone.
func (p procDir) realUID(pid int) (int, bool) {
	proc, err := p.proc(pid)
	if err != nil {
		return 0, false
	}
	status, err := proc.NewStatus()
	return int(status.UIDs[0]), err == nil
}

// arguments gives a process's argv; nil when it is gone.
func (p procDir) arguments(pid int) []string {
	proc, err := p.proc(pid)
	if err != nil {
		return nil
	}
	args, err := proc.CmdLine()
	if err != nil {
		return nil
	}
	return args
}

func (p procDir) proc(pid int) (procfs.Proc, error) {
	root, err := p.open()
	if err != nil {
		return procfs.Proc{}, err
	}
	return root.Proc(pid)
}
