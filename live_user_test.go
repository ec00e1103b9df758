//go:build live

package main

import (
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// nobodys is a user and a group that no one else has.
const nobodys = 61234

// withGroupPostdrop runs the exporter as a user whose only privilege is to
// connect to showq.
func withGroupPostdrop(t *testing.T, l *lab.Lab) {
	logFor(t, l, "adm", 0o640)
	s, said := asUser(t, l, groupID(t, "postdrop"))
	queues, total := queueTruth(t, l)
	delete(queues, `postfix_queue_messages{queue="corrupt"}`) // showq doesn't list it
	if differences := s.differences(queues); differences != "" || total == 0 {
		t.Errorf("of %d messages: %s", total, differences)
	}
	if names := s.failed(); names != "" {
		t.Errorf("%s failed", names)
	}
	wantsLogMend(t, l, said, "mend: SupplementaryGroups=adm in the exporter's unit")
}

// withoutGroups runs it as a user who may read nothing but the configuration.
func withoutGroups(t *testing.T, l *lab.Lab) {
	logFor(t, l, "root", 0o600)
	s, said := asUser(t, l, nobodys)
	if names := s.failed(); names != `"queue"` {
		t.Errorf(`%s failed, want only "queue"`, names)
	}
	if _, known := s[`postfix_queue_messages{queue="deferred"}`]; known {
		t.Error("a queue that can't be read has a number")
	}
	if !strings.Contains(said, "usermod -aG postdrop") {
		t.Errorf("nothing says how the queue gets readable: %s", said)
	}
	wantsLogMend(t, l, said, "mend: setfacl -m u:61234:r "+l.Postfix.LogFile)
}

// logFor gives the log to a group, as syslog daemons do.
func logFor(t *testing.T, l *lab.Lab, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chown(l.Postfix.LogFile, 0, groupID(t, name)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(l.Postfix.LogFile, mode); err != nil {
		t.Fatal(err)
	}
}

func groupID(t *testing.T, name string) int {
	t.Helper()
	group, err := user.LookupGroup(name)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(group.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return gid
}

// asUser runs the exporter as a user without a name. Everybody sees processes
// and whether Postfix is up.
func asUser(t *testing.T, l *lab.Lab, gid int) (s samples, said string) {
	t.Helper()
	e := launch(t, &syscall.Credential{Uid: nobodys, Gid: uint32(gid)}, "--postfix.config-directory="+l.Postfix.ConfigDir)
	within(t, 10*time.Second, func() string {
		s = e.scrape(t, 5*time.Second)
		return s.differences(samples{"postfix_up": 1, `postfix_processes{command="qmgr",service_name="qmgr"}`: 1})
	})
	return s, e.stderr.String()
}

func wantsLogMend(t *testing.T, l *lab.Lab, said, mend string) {
	t.Helper()
	for line := range strings.Lines(said) {
		if strings.Contains(line, "level=error") && strings.Contains(line, l.Postfix.LogFile+": permission denied; "+mend) {
			return
		}
	}
	t.Errorf("nothing says how the log gets readable: %s", said)
}
