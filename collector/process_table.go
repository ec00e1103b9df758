package collector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// procDir is where procfs is mounted.
type procDir string

// process is a row of the process table. Its name is what the process calls
// itself; who started it is known from ppid alone.
type process struct {
	pid, ppid int
	comm      string // at most 15 bytes
	zombie    bool
}

// procFile bounds what is read of a file of a process. Of a longer command line
// the rest doesn't matter here.
const procFile = 4 << 10

// table reads one line of every process. One that goes, or that is not shown to
// this user, is left out, and so are zombies.
func (p procDir) table(ctx context.Context) ([]process, error) {
	root, err := os.Open(string(p))
	if err != nil {
		return nil, p.unreadable(err)
	}
	defer root.Close()
	names, err := root.Readdirnames(-1)
	if err != nil {
		return nil, p.unreadable(err)
	}
	return p.processes(ctx, names)
}

// children reads the children of a process: from the list that Linux keeps of
// them, or, where it is built without, from the whole table.
func (p procDir) children(ctx context.Context, parent int) ([]process, error) {
	pid := strconv.Itoa(parent)
	list, err := os.ReadFile(filepath.Join(string(p), pid, "task", pid, "children"))
	var all []process
	if err == nil {
		all, err = p.processes(ctx, strings.Fields(string(list)))
	} else {
		all, err = p.table(ctx)
	}
	var own []process
	for _, child := range all {
		if child.ppid == parent {
			own = append(own, child)
		}
	}
	return own, err
}

// processes reads the processes of this list, whose other words are passed over.
func (p procDir) processes(ctx context.Context, pids []string) ([]process, error) {
	var all []process
	buf := make([]byte, procFile)
	for _, word := range pids {
		pid, err := strconv.Atoi(word)
		if err != nil {
			continue
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reading %d processes of %s: %w; mend: a longer scrape_timeout", len(pids), p, context.Cause(ctx))
		}
		proc, err := p.stat(pid, buf)
		switch {
		case err == nil && !proc.zombie:
			all = append(all, proc)
		case err != nil && !gone(err) && !errors.Is(err, fs.ErrPermission):
			return nil, p.unreadable(err)
		}
	}
	return all, nil
}

func (p procDir) unreadable(err error) error {
	return fmt.Errorf("the process table: %w; mend: mount procfs at %s", err, p)
}

// gone says that a process ended while it was looked at.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) }

// stat reads "PID (COMM) STATE PPID …"; a process may have put any byte but NUL
// into its name.
func (p procDir) stat(pid int, buf []byte) (process, error) {
	text, err := p.read(pid, "stat", buf)
	if err != nil {
		return process{}, err
	}
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return process{}, fmt.Errorf("%s/%d/stat: no name in %.40q", p, pid, text)
	}
	fields := bytes.Fields(text[end+1 : min(len(text), end+32)])
	if len(fields) < 2 {
		return process{}, fmt.Errorf("%s/%d/stat: no parent in %.40q", p, pid, text)
	}
	parent, err := strconv.Atoi(string(fields[1]))
	return process{pid: pid, ppid: parent, comm: string(text[open+1 : end]), zombie: fields[0][0] == 'Z'}, err
}

// complete says whether the processes of other users are shown: under hidepid
// or ProtectProc process 1 is not.
func (p procDir) complete() bool {
	_, err := p.stat(1, make([]byte, procFile))
	return err == nil
}

// realUID gives the user that a process runs for; false when it is gone.
func (p procDir) realUID(pid int) (int, bool) {
	text, err := p.read(pid, "status", make([]byte, procFile))
	if err != nil {
		return 0, false
	}
	_, rest, _ := bytes.Cut(text, []byte("\nUid:\t"))
	uid, _, found := bytes.Cut(rest, []byte("\t"))
	n, err := strconv.Atoi(string(uid))
	return n, found && err == nil
}

// arguments gives a process's argv; nil when it is gone.
func (p procDir) arguments(pid int) []string {
	text, err := p.read(pid, "cmdline", make([]byte, procFile))
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(string(bytes.TrimRight(text, "\x00")), "\x00")
}

// read reads the head of a process's file, as far as buf goes. It goes round
// package os, whose care for files that may block makes up half of the time.
func (p procDir) read(pid int, name string, buf []byte) ([]byte, error) {
	name = string(p) + "/" + strconv.Itoa(pid) + "/" + name
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer func() { _ = syscall.Close(fd) }()
	n, err := syscall.Read(fd, buf)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return buf[:n], nil
}
