//go:build live

package packaging

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPackages makes both packages as `make packages` does, and looks at them.
func TestPackages(t *testing.T) {
	repository, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	built := makePackages(t, repository, repository, "0022")
	t.Run("Reproducible", func(t *testing.T) { reproducible(t, repository, built) })
	t.Run("Lintian", func(t *testing.T) {
		if said := run(t, "lintian", "--allow-root", "--fail-on", "error", built.deb); strings.Contains(said, "E: ") {
			t.Error(said)
		}
	})
	t.Run("Contents", func(t *testing.T) { sameContents(t, built) })
	t.Run("SBOM", func(t *testing.T) { listsModules(t, built) })
	t.Run("Installed", func(t *testing.T) { installed(t, built) })
}

// packages are the files that `make packages` writes.
type packages struct{ deb, rpm, sbom string }

// makePackages makes the packages of a tree, with the tools that the repository
// has built, under a umask.
func makePackages(t *testing.T, repository, tree, umask string) packages {
	t.Helper()
	out := t.TempDir()
	run(t, "make", "-C", repository, "packaging-tools")
	run(t, "sh", "-c", `umask "$1"; shift; exec make "$@"`, "-", umask, "-C", tree, "packages", "PACKAGES="+out, "TOOLS="+filepath.Join(repository, ".cache/bin"))
	one := func(pattern string) string {
		found, err := filepath.Glob(filepath.Join(out, pattern))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		return found[0]
	}
	return packages{deb: one("*.deb"), rpm: one("*.rpm"), sbom: one("*.cdx.json")}
}

// reproducible makes them again in another place, at another time, for somebody
// whose files nobody else may read.
func reproducible(t *testing.T, repository string, first packages) {
	tree := t.TempDir()
	run(t, "sh", "-c", `umask 0077; tar -C "$1" --exclude=./.cache --exclude=./bin --exclude=node_modules -c . | tar -C "$2" -x --touch --no-same-permissions`,
		"-", repository, tree)
	second := makePackages(t, repository, tree, "0077")
	for _, pair := range [][2]string{{first.deb, second.deb}, {first.rpm, second.rpm}, {first.sbom, second.sbom}} {
		if hash(t, pair[0]) != hash(t, pair[1]) {
			t.Errorf("%s is another one when it is built again", filepath.Base(pair[0]))
		}
	}
}

func hash(t *testing.T, name string) [sha256.Size]byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(content)
}

// sameContents wants both packages to bring the same files, but for what each
// distribution keeps elsewhere, and dashboards/ but for its tests and programs.
func sameContents(t *testing.T, built packages) {
	deb := strings.Fields(run(t, "sh", "-c", `dpkg-deb --fsys-tarfile "$1" | tar -t | grep -v '/$' | sed 's/^\.//'`, "-", built.deb))
	rpm := strings.Fields(run(t, "sh", "-c", `rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$1" | sed -n 's/^-[^ ]* //p'`, "-", built.rpm))
	only := func(here, there []string) (names []string) {
		for _, name := range here {
			if !slices.Contains(there, name) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	if got, want := strings.Join(only(deb, rpm), " "), "/usr/share/doc/postfix-exporter/changelog.Debian.gz "+
		"/usr/share/lintian/overrides/postfix-exporter /usr/share/zsh/vendor-completions/_postfix_exporter"; got != want {
		t.Errorf("only in the .deb: %s", got)
	}
	if got, want := strings.Join(only(rpm, deb), " "), "/usr/share/doc/postfix-exporter/LICENSE "+
		"/usr/share/zsh/site-functions/_postfix_exporter"; got != want {
		t.Errorf("only in the .rpm: %s", got)
	}
	for _, name := range []string{
		"README.md", "prometheus/postfix.rules.yml", "prometheus/migrating.rules.yml", "kubernetes/postfix-rules.yml", "alertmanager/alertmanager.yml", "grafana/postfix-attack.json",
		"grafana/provisioning/alerting/rules.yml", "runbooks/PostfixAccountCompromised.md", "runbooks/steps/stop-account.md", "systemd/read-queue.conf",
	} {
		if !slices.Contains(deb, "/usr/share/postfix_exporter/"+name) {
			t.Errorf("%s is left out", name)
		}
	}
	for _, name := range deb {
		if strings.HasSuffix(name, ".go") || strings.Contains(name, "node_modules") || strings.Contains(name, "/tests/") {
			t.Errorf("%s is shipped", name)
		}
	}
}

// listsModules wants every module of the binary in its bill of materials.
func listsModules(t *testing.T, built packages) {
	text, err := os.ReadFile(built.sbom)
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		BOMFormat  string
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(text, &bill); err != nil || bill.BOMFormat != "CycloneDX" {
		t.Fatalf("%q: %v", bill.BOMFormat, err)
	}
	modules := 0
	for line := range strings.Lines(run(t, "go", "version", "-m", "../postfix_exporter")) {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "dep" {
			modules++
			if !slices.Contains(bill.Components, struct{ Name, Version string }{words[1], words[2]}) {
				t.Errorf("%s %s is not in it", words[1], words[2])
			}
		}
	}
	if modules < 10 {
		t.Errorf("the binary says of %d modules only", modules)
	}
}

// commandDeadline bounds each command and each wait: other tests run beside these.
const commandDeadline = 5 * time.Minute

// run runs a command to its end, which must be a good one, and gives its output.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandDeadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	// A make above this test must not be taken for the one below.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS=")
	})
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}
