package postconf

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// mailOwnerUID gives the uid of mail_owner: by its name, or, where the user is
// known to another system only (a container with the host's queue), from
// $queue_directory/public, which is mail_owner's. -1 = not known.
func (o Options) mailOwnerUID(i *Instance) int {
	if uid := o.uid(i.MailOwner); uid >= 0 {
		return uid
	}
	if info, err := fs.Stat(o.FS, inFS(path.Join(i.QueueDirectory, "public"))); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			return int(stat.Uid)
		}
	}
	return -1
}

// uid gives the uid of a user; -1 = not known.
func (o Options) uid(user string) int {
	entry, ok := o.lookUp("/etc/passwd", func(f []string) bool { return f[0] == user })
	if !ok {
		return -1
	}
	n, err := strconv.Atoi(entry[2])
	if err != nil {
		return -1
	}
	return n
}

// userName gives the name of a uid.
func (o Options) userName(uid int) (string, bool) { return o.nameOf("/etc/passwd", uid) }

// groupName gives the name of a gid.
func (o Options) groupName(gid int) (string, bool) { return o.nameOf("/etc/group", gid) }

func (o Options) nameOf(file string, id int) (string, bool) {
	entry, ok := o.lookUp(file, func(f []string) bool { return f[2] == strconv.Itoa(id) })
	if !ok {
		return "", false
	}
	return entry[0], true
}

// lookUp finds the first entry of passwd(5) or group(5) that matches.
func (o Options) lookUp(file string, matches func(fields []string) bool) ([]string, bool) {
	text, err := o.read(file)
	if err != nil {
		return nil, false
	}
	for line := range strings.Lines(text) {
		if fields := strings.Split(strings.TrimSpace(line), ":"); len(fields) >= 4 && matches(fields) {
			return fields, true
		}
	}
	return nil, false
}
