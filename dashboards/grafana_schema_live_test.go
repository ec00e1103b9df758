//go:build live

package dashboards

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// typeErrors is what TypeScript says of each dashboard's JSON, as a value of Grafana's
// own types. They come by `make test-packages`, from npm.
func typeErrors(t *testing.T, dashboards [][]byte) []string {
	t.Helper()
	modules, err := filepath.Abs("schema/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	types, err := os.ReadFile("schema/types.ts")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string][]byte{"types.ts": types}
	args := []string{
		filepath.Join(modules, "typescript", "bin", "tsc"), "--noEmit", "--strict", "--skipLibCheck", "--pretty", "false",
		"--module", "esnext", "--moduleResolution", "bundler",
	}
	for i, text := range dashboards {
		name := fmt.Sprintf("dashboard%d.ts", i)
		files[name] = append([]byte("import type { DashboardFile } from './types';\nexport const dashboard: DashboardFile = "), text...)
		args = append(args, name)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	found := make([]string, len(dashboards))
	seen := false
	for _, m := range regexp.MustCompile(`(?m)^dashboard(\d+)\.ts.*$`).FindAllSubmatch(out, -1) {
		i, err := strconv.Atoi(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		found[i] += string(m[0]) + "\n"
		seen = true
	}
	if err != nil && !seen {
		t.Fatalf("tsc: %v (make test-packages)\n%s", err, out)
	}
	return found
}

// TestGrafanaSchema: the dashboards are what Grafana's own types say, and faults that
// only these show are seen.
func TestGrafanaSchema(t *testing.T) {
	texts := readDashboards(t)
	all := [][]byte{texts["grafana/postfix-attack.json"], texts["grafana/postfix-overview.json"]}
	right := len(all)
	var wrong []fault
	for _, f := range faults() {
		if f.seenBy == byTypes {
			wrong = append(wrong, f)
			all = append(all, f.seeded(t, texts)["grafana/postfix-attack.json"])
		}
	}
	found := typeErrors(t, all)
	for _, errors := range found[:right] {
		if errors != "" {
			t.Error(errors)
		}
	}
	for i, f := range wrong {
		if found[right+i] == "" {
			t.Errorf("%s is not seen", f.what)
		}
	}
}
