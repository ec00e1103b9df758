//go:build live

package packaging

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// installed installs the .deb into a fresh Debian that has no network, and runs
// what its unit runs, as its user, with its groups and its capabilities, on the
// files of the lab's Postfix. There is no systemd: what it would do to the
// process is done by unshare, mount and setpriv.
func installed(t *testing.T, built packages) {
	root := filepath.Join(t.TempDir(), "root")
	run(t, "mmdebstrap", "--quiet", "--mode=root", "--variant=apt", "--include=passwd", "bookworm", root)
	group, err := user.LookupGroup("postdrop")
	if err != nil {
		t.Fatal(err)
	}
	run(t, "chroot", root, "groupadd", "--system", "--gid", group.Gid, "postdrop") // as the lab's Postfix has it
	repository := filepath.Join(root, "build")                                     // as `make build` and `make packages` leave it
	run(t, "mkdir", "-p", repository+"/bin/packages")
	run(t, "cp", built.deb, repository+"/bin/packages")
	run(t, "cp", "../postfix_exporter", repository)
	asRoot := func(command string) { // the README's, where sudo is none
		run(t, "unshare", "--net", "chroot", root, "bash", "-c", `cd /build; sudo() { "$@"; }; `+command)
	}
	asRoot("sudo apt install ./bin/packages/postfix-exporter_*.deb")

	if got := run(t, "chroot", root, "id", "-nG", "postfix_exporter"); got != "postfix_exporter adm postdrop\n" {
		t.Errorf("its groups: %s", got)
	}
	if _, err := os.Lstat(filepath.Join(root, "etc/systemd/system/multi-user.target.wants/postfix_exporter.service")); err != nil {
		t.Errorf("it does not start at boot: %v", err)
	}
	u := readUnit(t, filepath.Join(root, "usr/lib/systemd/system/postfix_exporter.service"))
	dropIn := readUnit(t, filepath.Join(root, "usr/share/postfix_exporter/systemd/read-queue.conf"))
	for line := range strings.Lines(dropIn.text) { // it says how it is taken, but there is no systemd to reload
		if command, ok := strings.CutPrefix(line, "#   "); ok && !strings.HasPrefix(command, "systemctl ") {
			asRoot(command)
		}
	}
	capable := u.with(t, filepath.Join(root, "etc/systemd/system/postfix_exporter.service.d/read-queue.conf"))
	u.hardened(t)
	capable.hardened(t)

	asRoot("sudo install postfix_exporter /usr/local/bin/")
	if said := run(t, "chroot", root, "/usr/local/bin/postfix_exporter", "--version"); !strings.HasPrefix(said, "postfix_exporter, version ") {
		t.Errorf("by hand: %s", said)
	}

	l := mail(t)
	t.Run("Groups", func(t *testing.T) { // showq says how much is queued, and not whose it is
		wants(t, runUnit(t, root, u, l), map[string]bool{"postfix_queue_account_messages{": false})
	})
	t.Run("ReadQueue", func(t *testing.T) {
		wants(t, runUnit(t, root, capable, l), map[string]bool{"postfix_queue_account_messages{": true})
	})

	run(t, "chroot", root, "dpkg", "--purge", "postfix-exporter")
	for _, name := range []string{"usr/bin/postfix_exporter", "usr/share/postfix_exporter", "etc/default/postfix_exporter", "var/lib/postfix_exporter"} {
		if _, err := os.Lstat(filepath.Join(root, name)); !os.IsNotExist(err) {
			t.Errorf("%s stays after a purge", name)
		}
	}
	t.Run("RPM", func(t *testing.T) { installedRPM(t, built, root) })
}

// mail starts the lab's Postfix, with some mail of accounts that stays queued,
// and gives its log to group adm alone.
func mail(t *testing.T) *lab.Lab {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{MainCF: lab.NoRetries()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	adm, err := user.LookupGroup("adm")
	if err != nil {
		t.Fatal(err)
	}
	run(t, "chgrp", adm.Name, l.Postfix.LogFile)
	run(t, "chmod", "0640", l.Postfix.LogFile)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	l.Ordinary(ctx, 50*time.Millisecond)
	return l
}

// wants looks for metrics that come of Postfix's log, queue and processes, and for
// those that the names say.
func wants(t *testing.T, metrics string, names map[string]bool) {
	t.Helper()
	for _, start := range []string{
		"postfix_up", `postfix_messages_total{origin="sasl"}`, `postfix_queue_messages{queue="deferred"}`, `postfix_scrape_collector_success{collector="queue"}`,
		`postfix_processes{command="qmgr",service_name="qmgr"}`,
	} {
		names[start] = true
	}
	for start, want := range names {
		found := false
		for line := range strings.Lines(metrics) {
			found = found || strings.HasPrefix(line, start) && !strings.HasSuffix(line, " 0\n")
		}
		if found != want {
			t.Errorf("a metric %s that is not 0: %v, want %v", start, found, want)
		}
	}
}
