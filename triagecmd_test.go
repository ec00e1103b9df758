package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// triaged is what the tests read of a report.
type triaged struct {
	Sources, Missing []string
	Ranking          []struct {
		Kind, Name string
		Share      float64
	}
	Door      []struct{ Network string }
	Principal struct{ Kind, Name string }
	Queue     *struct{ Mine, Total int }
	Log       *struct {
		Messages, Recipients int
		Aliases              []struct{ What string }
	}
	Steps []struct{ Run []string }
}

// triageJSON runs triage and reads its report.
func triageJSON(t *testing.T, args ...string) (r triaged) {
	t.Helper()
	stdout, stderr, err := command(t, "", append([]string{"triage", "--json", "--log.timezone=UTC"}, args...)...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v\n%s", err, stdout)
	}
	return r
}

// nobody is an address that no exporter answers at.
const nobody = "--exporter.url=http://127.0.0.1:1/metrics"

// queueOf puts queue files of real Postfixes into the queue of a configuration.
func queueOf(t *testing.T, config string, files map[string]string) {
	t.Helper()
	for name, from := range files {
		text, err := os.ReadFile(filepath.Join("testdata/queue", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(config, "queue", name), text, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTriageByTheLogAlone folds the recorded attack.
func TestTriageByTheLogAlone(t *testing.T) {
	config, _ := instanceDir(t, "mydestination = lab.test\nrelay_domains = partner.test\nvirtual_mailbox_domains = shop.test\n")
	r := triageJSON(t, "--log.file=testdata/demo/attack.log.gz", "--postfix.config-directory="+config)
	if r.Principal.Kind != "account" || r.Principal.Name != "emil@lab.test" || r.Ranking[0].Name != "emil@lab.test" || r.Ranking[0].Share < 2*r.Ranking[1].Share {
		t.Errorf("the first is %+v; ranking %.3v", r.Principal, r.Ranking)
	}
	if r.Log == nil || r.Log.Messages < 400 || r.Log.Recipients < 2000 {
		t.Errorf("the log: %+v", r.Log)
	}
	text, _, err := command(t, "", "triage", "--log.file=testdata/demo/attack.log.gz", "--postfix.config-directory="+config)
	if err != nil || !strings.Contains(text, "account emil@lab.test") || strings.Contains(text, "\x1b") {
		t.Errorf("%v\n%s", err, text)
	}
}

// TestTriageByMetricsAlone: no Postfix, no log, no queue that could be read.
func TestTriageByMetricsAlone(t *testing.T) {
	metrics, _, err := command(t, "", "replay", "testdata/demo/attack.log.gz")
	if err != nil {
		t.Fatal(err)
	}
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, metrics) }))
	defer exporter.Close()
	t.Setenv("MAIL_CONFIG", t.TempDir()) // holds no main.cf
	r := triageJSON(t, "--exporter.url="+exporter.URL)
	if r.Principal.Name != "emil@lab.test" || r.Log != nil || r.Queue != nil || len(r.Steps) == 0 {
		t.Errorf("%+v", r)
	}
	if len(r.Missing) == 0 {
		t.Error("it does not say what it could not read")
	}
	_, _, err = command(t, "", "triage", nobody)
	if err == nil || !strings.Contains(err.Error(), "nothing to go by") || !strings.Contains(err.Error(), "--exporter.url") {
		t.Errorf("with nothing at all: %v", err)
	}
}

// TestTriageQueueIDs: those of the principal, by the queue files, and no other.
func TestTriageQueueIDs(t *testing.T) {
	config, log := instanceDir(t, "mydestination = lab.test\nrelay_domains =\nvirtual_mailbox_domains =\n")
	appendLog(t, log, "")
	queueOf(t, config, map[string]string{
		"active/AAAAAAAAAA1": "sasl", "deferred/AAAAAAAAAA2": "sasl-requeued", "hold/AAAAAAAAAA3": "sasl",
		"active/BBBBBBBBBB1": "local", "deferred/BBBBBBBBBB2": "bounce", "active/BBBBBBBBBB3": "forward", "incoming/BBBBBBBBBB4": "inbound",
	})
	if err := os.Chmod(filepath.Join(config, "queue/incoming/BBBBBBBBBB4"), 0o600); err != nil { // still being received
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--account=anna@lab.test":             "AAAAAAAAAA1",
		"--account=dora@lab.test":             "AAAAAAAAAA2",
		"--account=anna@lab.test --held":      "AAAAAAAAAA3",
		"--account=anna":                      "",
		"--account=lab.test":                  "",
		"--local-user=33":                     "BBBBBBBBBB1",
		"--local-user=0":                      "",
		"--forward=moved@lab.test":            "BBBBBBBBBB3",
		"--forward=old.friend@good3.test":     "",
		"--network=127.66.0.0/16":             "",
		"--account=$(id)":                     "",
		"--account=anna@lab.test\nBBBBBBBBBB": "",
	} {
		stdout, stderr, err := command(t, "", append([]string{"triage", "--queue-ids", nobody, "--postfix.config-directory=" + config}, strings.Split(args, " ")...)...)
		got := strings.Fields(stdout)
		slices.Sort(got)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q; %v %s", args, got, want, err, stderr)
		}
	}
}

func TestTriageUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--queue-ids"}, {"--account=a", "--bounces"}, {"--network=here"}, {"--local-user=nobody-here"}, {"--log.timezone=Mars/Olympus"},
	} {
		_, _, err := command(t, "", append([]string{"triage", nobody}, args...)...)
		var usage *usageError
		if !errors.As(err, &usage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// TestTriageEvidence writes files that nobody else may read, and never over others.
func TestTriageEvidence(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "evidence")
	args := []string{"triage", "--log.file=testdata/demo/attack.log.gz", "--evidence=" + dir}
	t.Setenv("MAIL_CONFIG", t.TempDir())
	if _, _, err := command(t, "", args...); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		info, _ := e.Info()
		if info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s has mode %v and %d bytes", e.Name(), info.Mode(), info.Size())
		}
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "networks.tsv queue-ids.txt replies.tsv report.json summary.txt timeline.tsv" {
		t.Error(got)
	}
	if _, _, err := command(t, "", args...); err == nil {
		t.Error("it writes over the evidence")
	}
}
