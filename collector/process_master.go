package collector

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"postfix_exporter/internal/postconf"
)

// masterState says whether an instance runs.
type masterState uint8

const (
	masterUnknown masterState = iota
	masterUp
	masterDown
)

// locate finds the master of an instance in the process table. The pid is 0
// where there is none or it can't be seen; then the instance's own socket tells
// whether it runs all the same. The error says why what is known is not all,
// and how to mend it.
func (p procDir) locate(ctx context.Context, i *postconf.Instance) (pid int, state masterState, err error) {
	pid, err = p.masterPID(ctx, i)
	if pid != 0 {
		return pid, masterUp, nil
	}
	listens, askError := showqListens(ctx, i)
	switch {
	case ctx.Err() != nil:
		return 0, masterUnknown, fmt.Errorf("looking for the master in %s: %w; mend: a longer scrape_timeout", p, context.Cause(ctx))
	case askError == nil && !listens:
		return 0, masterDown, nil
	case err != nil && askError == nil:
		return 0, masterUp, err
	case err != nil:
		return 0, masterUnknown, err
	case askError == nil:
		if _, err := os.Stat(string(p)); err != nil {
			return 0, masterUp, p.unreadable(err)
		}
		return 0, masterUp, fmt.Errorf("postfix runs, but its master is not to be seen in %s; mend: ProtectProc=default in the exporter's unit, "+
			"hidepid's gid= for the exporter's group, or the PID namespace of Postfix", p)
	case p.complete():
		return 0, masterDown, fmt.Errorf("no master to be seen in %s, and its socket can't be asked: %w; mend: make %q a group of the exporter's user",
			p, askError, i.SetgidGroup)
	}
	return 0, masterUnknown, fmt.Errorf("%s shows no processes of other users, and Postfix's socket can't be asked: %w; "+
		"mend: ProtectProc=default in the exporter's unit, or hidepid's gid= for the exporter's group", p, askError)
}

// masterPID looks for the holder of the lock on pid/master.pid, which needs no
// privilege, then into that file. Only where both are out of reach it takes the
// one master of this machine; the error says that there are several.
func (p procDir) masterPID(ctx context.Context, i *postconf.Instance) (int, error) {
	name := filepath.Join(i.QueueDirectory, "pid", "master.pid")
	info, err := os.Stat(name)
	if err != nil {
		if _, dirError := os.Stat(filepath.Dir(name)); dirError == nil && errors.Is(err, fs.ErrNotExist) {
			return 0, nil // it was never started
		}
		return p.loneMaster(ctx, i, err)
	}
	pid, lockError := p.lockHolder(ctx, info)
	if pid != 0 {
		return pid, nil
	}
	text, err := os.ReadFile(name)
	if err != nil && lockError != nil {
		return p.loneMaster(ctx, i, err)
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || !p.isMaster(pid) {
		return 0, nil
	}
	return pid, nil
}

// isMaster says whether a process calls itself master, runs as root, and is
// alive: in a container nobody may reap it for long.
func (p procDir) isMaster(pid int) bool {
	proc, err := p.stat(pid, make([]byte, procFile))
	if err != nil || proc.comm != "master" || proc.zombie {
		return false
	}
	uid, ok := p.realUID(pid)
	return ok && uid == 0
}

// loneMaster finds the master by name. Of several it takes the one that has
// children of the instance's owner, if only one has.
func (p procDir) loneMaster(ctx context.Context, i *postconf.Instance, why error) (int, error) {
	table, err := p.table(ctx)
	if err != nil {
		return 0, err
	}
	isMaster := map[int]bool{}
	for _, proc := range table {
		if proc.comm == "master" && p.isMaster(proc.pid) {
			isMaster[proc.pid] = true
		}
	}
	var masters, owners []int
	for _, proc := range table {
		if isMaster[proc.pid] && !isMaster[proc.ppid] { // a fork of a master is none
			masters = append(masters, proc.pid)
			if p.hasChildOf(table, proc.pid, i.MailOwnerUID) {
				owners = append(owners, proc.pid)
			}
		}
	}
	switch {
	case len(masters) == 0:
		return 0, nil
	case len(masters) == 1:
		return masters[0], nil
	case len(owners) == 1:
		return owners[0], nil
	}
	return 0, fmt.Errorf("%d masters run, and nothing tells which is that of %s: %w; mend: let the exporter see that file (chmod o+x its directories)",
		len(masters), i.ConfigDirectory, why)
}

func (p procDir) hasChildOf(table []process, master, uid int) bool {
	for _, proc := range table {
		if proc.ppid != master {
			continue
		}
		if owner, ok := p.realUID(proc.pid); ok && owner == uid {
			return true
		}
	}
	return false
}

// askTimeout bounds the wait for a socket of this machine.
const askTimeout = 2 * time.Second

// showqListens says whether somebody listens on public/showq: the master holds
// it open as long as it runs. Nothing is sent or read.
func showqListens(ctx context.Context, i *postconf.Instance) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", filepath.Join(i.QueueDirectory, "public", "showq"))
	switch {
	case err == nil:
		return true, conn.Close()
	case errors.Is(err, syscall.EAGAIN): // its backlog is full
		return true, nil
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return false, err
}
