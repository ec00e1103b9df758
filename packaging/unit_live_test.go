//go:build live

package packaging

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// unit is the text of a systemd unit, and of a drop-in to it.
type unit struct{ text, dropIn string }

func readUnit(t *testing.T, name string) unit {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return unit{text: string(text)}
}

func (u unit) with(t *testing.T, dropIn string) unit {
	t.Helper()
	u.dropIn = readUnit(t, dropIn).text
	return u
}

// get gives the values of a setting, each of which systemd adds to those before.
func (u unit) get(setting string) (values []string) {
	for line := range strings.Lines(u.text + "\n" + u.dropIn) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), setting+"="); ok && value != "" {
			values = append(values, value)
		}
	}
	return values
}

// hardened asks systemd whether it knows every word of the unit, and how exposed
// the service is, from 0 to 10: 2.0 at most.
func (u unit) hardened(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "postfix_exporter.service")
	text := strings.ReplaceAll(u.text, "/usr/bin/postfix_exporter", "/bin/true") // the exporter is not installed here
	for name, text := range map[string]string{name: text, filepath.Join(name+".d", "drop-in.conf"): u.dropIn} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if said := run(t, "sh", "-c", `systemd-analyze verify --man=no "$1" 2>&1`, "-", name); strings.Contains(said, "postfix_exporter") {
		t.Errorf("systemd-analyze verify: %s", said)
	}
	said := run(t, "systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", name)
	overall := regexp.MustCompile(`level for postfix_exporter.service: ([0-9.]+)`).FindStringSubmatch(said)
	capable := strings.Contains(said, "\u2717 CapabilityBoundingSet=~CAP_(DAC_*|FOWNER|IPC_OWNER)")
	if overall == nil || capable != (u.dropIn != "") {
		t.Errorf("systemd-analyze security: with a capability: %v\n%s", capable, said)
	}
	t.Logf("exposure %s of 10", overall[1])
}

// allows gives the system calls that the unit's filter lets through.
func (u unit) allows(t *testing.T) map[string]bool {
	t.Helper()
	allowed := map[string]bool{}
	for _, filter := range u.get("SystemCallFilter") {
		words, deny := strings.CutPrefix(filter, "~")
		for _, word := range strings.Fields(words) {
			for name := range systemCalls(t, word) {
				allowed[name] = !deny
			}
		}
	}
	return allowed
}

// systemCalls gives those of a group, which may hold others, and of a name itself.
func systemCalls(t *testing.T, word string) map[string]bool {
	t.Helper()
	if !strings.HasPrefix(word, "@") {
		return map[string]bool{word: true}
	}
	all := map[string]bool{}
	for line := range strings.Lines(run(t, "systemd-analyze", "syscall-filter", "--no-pager", word)) {
		inner := strings.TrimSpace(line)
		if inner == "" || inner == word || strings.HasPrefix(inner, "#") {
			continue
		}
		for name := range systemCalls(t, inner) {
			all[name] = true
		}
	}
	return all
}
