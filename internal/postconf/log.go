package postconf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// FindLog finds the file that the instance logs to: maillog_file where it is
// set, also when it does not exist yet, else the first of syslog's usual files
// that is there. how says by what it was found. The error is one line with the
// mend: the group to join, or the flag to use; with one that is there and can't
// be read comes its name all the same. Of options only FS counts.
func FindLog(i *Instance, options Options) (name, how string, err error) {
	o, err := options.withDefaults()
	if err != nil {
		return "", "", err
	}
	if i.MaillogFile != "" {
		how = "maillog_file of " + path.Join(i.ConfigDirectory, "main.cf")
		if strings.HasPrefix(i.MaillogFile, "/dev/") {
			return "", "", fmt.Errorf("%s is %s, no file to follow; mend: set maillog_file to a file, or have what takes Postfix's output write one, and name it with --log.file=FILE",
				how, i.MaillogFile)
		}
		if err := o.canRead(i.MaillogFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return i.MaillogFile, how, err
		}
		return i.MaillogFile, how, nil
	}
	places := []string{
		"/var/log/mail.log", "/var/log/maillog", "/var/log/mail", "/var/log/mail/mail.log", "/var/log/mail/maillog",
		"/var/log/mail/info", "/var/log/mail.info", "/var/log/syslog", "/var/log/messages",
	}
	for _, name := range places {
		info, err := fs.Stat(o.FS, inFS(name))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		// One that is there but can't be read is the answer too: a later one
		// would be another log, and silent.
		return name, "the first of syslog's usual files that is there", o.canRead(name)
	}
	return "", "", fmt.Errorf("no log file: maillog_file is not set, and there is none of %s; "+
		"mend: --log.file=FILE; where only systemd-journald keeps the log, --log.journal", strings.Join(places, ", "))
}

// canRead opens the file; its error names the group whose members may read it.
func (o Options) canRead(name string) error {
	f, err := o.FS.Open(inFS(name))
	if err == nil {
		return f.Close()
	}
	err = plainError(name, err)
	if !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; mend: --log.file=FILE", err)
	}
	user, known := o.userName(os.Geteuid())
	if !known {
		user = strconv.Itoa(os.Geteuid())
	}
	group, ok := o.readersOf(name)
	switch {
	case !ok:
		return fmt.Errorf("%w; mend: setfacl -m u:%s:r %s, and for the files that follow it too, then restart the exporter", err, user, name)
	case !known:
		return fmt.Errorf("%w; mend: SupplementaryGroups=%s in the exporter's unit, then restart the exporter", err, group)
	}
	return fmt.Errorf("%w; mend: usermod -aG %s %s, then restart the exporter", err, group, user)
}

// readersOf names the group that may read a file, unless that is root's.
func (o Options) readersOf(name string) (string, bool) {
	info, err := fs.Stat(o.FS, inFS(name))
	if err != nil {
		return "", false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Gid == 0 || info.Mode()&0o040 == 0 {
		return "", false
	}
	return o.groupName(int(stat.Gid))
}
