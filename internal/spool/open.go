package spool

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// errAccessTime: reading would change access times, and the exporter writes
// nothing to the queue.
var errAccessTime = errors.New("reading the queue would change access times; mend: ProtectSystem=strict (or ReadOnlyPaths= with the queue directory) " +
	"in the exporter's unit, a read-only mount of it, or run the exporter as Postfix's own user")

const mendRights = "run the exporter as root or Postfix's own user, or give it CAP_DAC_READ_SEARCH"

// mendRoot says what to do where the queue directory can't be opened.
func mendRoot(err error) string {
	if errors.Is(err, unix.EACCES) {
		return mendRights
	}
	return "name the right config directory of Postfix"
}

// mendQueue adds what to do to an error at a directory in the queue directory.
func mendQueue(err error) error {
	switch {
	case errors.Is(err, unix.EACCES):
		return fmt.Errorf("%w; %s", err, mendRights)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%w; postfix check makes directories that are missing", err)
	case errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return fmt.Errorf("%w; put a directory there, links are not followed", err)
	}
	return err
}

// reader opens what is in a queue directory: read only, following no symbolic
// link, waiting for nobody, and without a change of access times. A file's owner
// and root may ask for that by O_NOATIME. Who may not can still read where the
// mount keeps no access times.
type reader struct {
	root    int  // of the queue directory
	calm    bool // the mount keeps no access times
	outside Outside
}

// openReader opens a queue directory, which may itself be a symbolic link.
func openReader(directory string) (reader, error) {
	root, err := retry(func() (int, error) {
		return unix.Open(directory, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return reader{}, err
	}
	var mount unix.Statfs_t
	if err := unix.Fstatfs(root, &mount); err != nil {
		_ = unix.Close(root)
		return reader{}, err
	}
	return reader{root: root, calm: mount.Flags&(unix.ST_RDONLY|unix.ST_NOATIME) != 0, outside: outsideOf(root, &mount)}, nil
}

func (r reader) close() { _ = unix.Close(r.root) }

// directory opens a directory beneath one that is open.
func (r reader) directory(parent int, name string) (int, error) {
	return r.open(parent, name, unix.O_DIRECTORY)
}

// file opens a file; the caller looks whether it is a regular one.
func (r reader) file(parent int, name string) (int, error) {
	return r.open(parent, name, unix.O_NONBLOCK|unix.O_NOCTTY)
}

func (r reader) open(parent int, name string, flags int) (int, error) {
	flags |= unix.O_RDONLY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := retry(func() (int, error) { return unix.Openat(parent, name, flags|unix.O_NOATIME, 0) })
	if !errors.Is(err, unix.EPERM) {
		return fd, err
	}
	if !r.calm {
		return -1, errAccessTime
	}
	return retry(func() (int, error) { return unix.Openat(parent, name, flags, 0) })
}

// retry repeats a system call that a signal has broken off.
func retry(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
