package postconf

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

func TestFindLog(t *testing.T) {
	adm := &fstest.MapFile{Mode: 0o640, Sys: &syscall.Stat_t{Gid: 4}}
	root := &fstest.MapFile{Mode: 0o600, Sys: &syscall.Stat_t{Gid: 0}}
	rootsGroup := &fstest.MapFile{Mode: 0o640, Sys: &syscall.Stat_t{Gid: 0}}
	etc := func(fsys fstest.MapFS) fstest.MapFS {
		fsys["etc/group"] = &fstest.MapFile{Data: []byte("root:x:0:\nadm:x:4:syslog\n")}
		fsys["etc/passwd"] = &fstest.MapFile{Data: fmt.Appendf(nil, "exporter:x:%d:99::/:/\n", os.Geteuid())}
		return fsys
	}
	tests := []struct {
		name      string
		maillog   string
		fsys      fs.FS
		want, how string
		wantError string
	}{
		{"Debian", "", etc(fstest.MapFS{"var/log/mail.log": adm, "var/log/syslog": adm}), "/var/log/mail.log", "usual files", ""},
		{"Red Hat", "", etc(fstest.MapFS{"var/log/maillog": root, "var/log/messages": root}), "/var/log/maillog", "usual files", ""},
		{"SUSE, where mail is a file", "", etc(fstest.MapFS{"var/log/mail": adm}), "/var/log/mail", "usual files", ""},
		{"mail is a directory", "", etc(fstest.MapFS{"var/log/mail/mail.log": adm}), "/var/log/mail/mail.log", "usual files", ""},
		{"messages last", "", etc(fstest.MapFS{"var/log/messages": adm}), "/var/log/messages", "usual files", ""},
		{"maillog_file", "/srv/out.log", etc(fstest.MapFS{"srv/out.log": adm, "var/log/mail.log": adm}), "/srv/out.log", "maillog_file of /etc/postfix/main.cf", ""},
		{"maillog_file that is still to come", "/srv/out.log", etc(fstest.MapFS{"var/log/mail.log": adm}), "/srv/out.log", "maillog_file", ""},
		{"maillog_file on stdout", "/dev/stdout", etc(fstest.MapFS{"var/log/mail.log": adm}), "", "", "mend: set maillog_file to a file"},
		{"none", "", etc(fstest.MapFS{}), "", "", "mend: --log.file=FILE"},
		{
			"of a group", "",
			forbidden{etc(fstest.MapFS{"var/log/mail.log": adm, "var/log/syslog": adm}), "var/log/mail.log"},
			"/var/log/mail.log", "usual files",
			"/var/log/mail.log: permission denied; mend: usermod -aG adm exporter, then restart the exporter",
		},
		{
			"of no group", "",
			forbidden{etc(fstest.MapFS{"var/log/maillog": root}), "var/log/maillog"},
			"/var/log/maillog", "usual files",
			"/var/log/maillog: permission denied; mend: setfacl -m u:exporter:r /var/log/maillog, and for",
		},
		{
			"never send anybody into the group root", "", forbidden{etc(fstest.MapFS{"var/log/maillog": rootsGroup}), "var/log/maillog"}, "/var/log/maillog", "usual files", "mend: setfacl",
		},
		{
			"a user without an entry", "", forbidden{fstest.MapFS{
				"var/log/mail.log": adm, "etc/group": {Data: []byte("adm:x:4:\n")},
			}, "var/log/mail.log"}, "/var/log/mail.log", "usual files", "mend: SupplementaryGroups=adm in the exporter's unit",
		},
		{
			"a user without an entry, and no group", "",
			forbidden{fstest.MapFS{"var/log/mail.log": root}, "var/log/mail.log"},
			"/var/log/mail.log", "usual files", fmt.Sprintf("mend: setfacl -m u:%d:r /var/log/mail.log", os.Geteuid()),
		},
		{
			"maillog_file of a group", "/srv/out.log",
			forbidden{etc(fstest.MapFS{"srv/out.log": adm}), "srv/out.log"},
			"/srv/out.log", "maillog_file",
			"/srv/out.log: permission denied; mend: usermod -aG adm exporter",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name, how, err := FindLog(&Instance{ConfigDirectory: "/etc/postfix", MaillogFile: test.maillog}, Options{FS: test.fsys})
			if name != test.want || !strings.Contains(how, test.how) {
				t.Errorf("got %q by %q, want %q by %q", name, how, test.want, test.how)
			}
			if (err == nil) != (test.wantError == "") || err != nil && !strings.Contains(err.Error(), test.wantError) {
				t.Errorf("error %v, want %q", err, test.wantError)
			}
		})
	}
}
