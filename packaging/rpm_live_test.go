//go:build live

package packaging

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// installedRPM installs the .rpm into the root from which the .deb was purged, as a
// system of another distribution would: with rpm's own database, no helper of
// Debian's for its scripts, and no systemd that runs.
func installedRPM(t *testing.T, built packages, root string) {
	t.Helper()
	run(t, "rm", "-f", root+"/usr/bin/deb-systemd-helper", root+"/usr/bin/deb-systemd-invoke")
	run(t, "chroot", root, "userdel", "postfix_exporter")
	run(t, "chroot", root, "groupdel", "adm")
	rpm := func(args ...string) string {
		return run(t, "unshare", append([]string{"--net", "rpm", "--root=" + root}, args...)...)
	}
	rpm("--nodeps", "-i", built.rpm) // shadow-utils is Debian's passwd here

	if changed := rpm("-V", "--nodeps", "postfix-exporter"); changed != "" {
		t.Errorf("files differ from the package's, in content, mode or owner:\n%s", changed)
	}
	groups := strings.Fields(run(t, "chroot", root, "id", "-nG", "postfix_exporter"))
	if slices.Sort(groups); !slices.Equal(groups, []string{"adm", "postdrop", "postfix_exporter"}) {
		t.Errorf("its groups: %s", groups)
	}
	readUnit(t, filepath.Join(root, "usr/lib/systemd/system/postfix_exporter.service")).hardened(t)
	if said := run(t, "chroot", root, "/usr/bin/postfix_exporter", "--version"); said == "" {
		t.Error("it says nothing of its version")
	}
	if _, err := os.Lstat(filepath.Join(root, "etc/systemd/system/multi-user.target.wants/postfix_exporter.service")); err == nil {
		t.Error("it starts at boot, which is for the administrator to say")
	}

	rpm("-e", "postfix-exporter")
	for _, name := range []string{"usr/bin/postfix_exporter", "usr/share/postfix_exporter", "usr/share/doc/postfix-exporter", "etc/default/postfix_exporter"} {
		if _, err := os.Lstat(filepath.Join(root, name)); !os.IsNotExist(err) {
			t.Errorf("%s stays", name)
		}
	}
}
