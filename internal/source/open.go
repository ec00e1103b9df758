package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// errNotRegular stands for a path that no log can be followed at.
var errNotRegular = errors.New("not a regular file: name the file that the log is written to")

// open opens a regular file for reading. It doesn't hang on a FIFO that nobody
// writes to. Its errors say how to mend them.
func open(path string) (*os.File, fs.FileInfo, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, explain(err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		err = explain(err)
	case !info.Mode().IsRegular():
		err = &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	default:
		return file, info, nil
	}
	_ = file.Close()
	return nil, nil, err
}

// explain adds to an error of the file system how to mend it, where that is known.
func explain(err error) error {
	var pathErr *fs.PathError
	if !errors.As(err, &pathErr) {
		return err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: waiting for it; if the log is elsewhere, name that file", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %s", err, grant(pathErr.Path))
	default:
		return err
	}
}

// grant says how this process gets to read the file at path.
func grant(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Sprintf("let %s search the folder %s", whoami(), filepath.Dir(path))
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode().Perm()&0o040 == 0 {
		return fmt.Sprintf("its mode is %s: let a group read it that %s is in", info.Mode(), whoami())
	}
	group := strconv.FormatUint(uint64(owner.Gid), 10)
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return fmt.Sprintf("add %s to the group %s, which may read it, and restart", whoami(), group)
}

// whoami names the user that this process runs as.
func whoami() string {
	id := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(id); err == nil {
		return "the user " + u.Username
	}
	return "uid " + id
}
