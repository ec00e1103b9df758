//go:build live

package attacks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAttacks plays every scene that takes no longer than two minutes. The others
// are left to `make lab`.
func TestAttacks(t *testing.T) {
	exporter := filepath.Join(t.TempDir(), "postfix_exporter")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", exporter, "../..").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	theatre := Theatre{
		Exporter: exporter, AtOnce: 10,
		Settle: 12 * time.Second, Quiet: 100 * time.Second,
		Done: func(r Result) {
			for _, fault := range r.Faults {
				t.Errorf("%s: %s", r.Scene.Name, fault)
			}
		},
	}
	begin := time.Now()
	results, err := theatre.Play(t.Context(), Tested())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "%d scenes in %v\n", len(results), time.Since(begin).Round(time.Second))
	Table(os.Stderr, results)
	var left []string
	for _, s := range All() {
		if s.Long() {
			left = append(left, s.Name)
		}
	}
	fmt.Fprintf(os.Stderr, "Left to make lab, as their rules wait for minutes: %s.\n", strings.Join(left, ", "))
}
