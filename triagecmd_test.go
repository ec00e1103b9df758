package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"postfix_exporter/internal/triage"
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

// TestTriageByTLS: the exporter wants a password, and its certificate is one's own.
func TestTriageByTLS(t *testing.T) {
	metrics, _, err := command(t, "", "replay", "testdata/demo/attack.log.gz")
	if err != nil {
		t.Fatal(err)
	}
	exporter := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "triage" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, metrics)
	}))
	defer exporter.Close()
	t.Setenv("MAIL_CONFIG", t.TempDir()) // holds no main.cf
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ca.pem":     string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: exporter.Certificate().Raw})),
		"password":   "secret",
		"client.yml": "basic_auth: {username: triage, password_file: password}\ntls_config: {ca_file: ca.pem}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := "--exporter.config-file=" + filepath.Join(dir, "client.yml")
	r := triageJSON(t, "--exporter.url="+exporter.URL, file)
	if r.Principal.Name != "emil@lab.test" || !strings.Contains(fmt.Sprint(r.Steps), file) {
		t.Errorf("%+v", r)
	}
	if _, _, err := command(t, "", "triage", "--exporter.url="+exporter.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the file: %v", err)
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

// TestTriageSeveralInstances: the figures are of all, the steps of the one where most of
// his mail waits, and they name it; the others are led to.
func TestTriageSeveralInstances(t *testing.T) {
	const main = "mydestination = lab.test\nrelay_domains =\nvirtual_mailbox_domains =\n"
	out, outLog := instanceDir(t, main+"multi_instance_name = postfix-out\nmulti_instance_enable = yes\n")
	in, inLog := instanceDir(t, main+"multi_instance_directories = "+out+"\n")
	appendLog(t, outLog, "")
	appendLog(t, inLog, "")
	queueOf(t, in, map[string]string{"active/AAAAAAAAAA1": "sasl", "active/BBBBBBBBBB1": "local"})
	queueOf(t, out, map[string]string{"deferred/AAAAAAAAAA1": "sasl", "deferred/AAAAAAAAAA2": "sasl", "deferred/BBBBBBBBBB3": "forward"})
	const anna = "--account=anna@lab.test"
	flags := []string{"--postfix.config-directory=" + in, "--postfix.config-directory=" + out}
	t.Setenv("MAIL_CONFIG", in)
	for _, args := range [][]string{flags, nil} { // named, and listed for postmulti
		args = append([]string{nobody, anna}, args...)
		r := triageJSON(t, args...)
		if r.Queue == nil || r.Queue.Mine != 3 || r.Queue.Total != 5 {
			t.Errorf("the queue: %+v", r.Queue)
		}
		for n, s := range r.Steps {
			steps := strings.Join(s.Run, "\n")
			if last := n == len(r.Steps)-1; strings.Contains(steps, in) != last || strings.Contains(steps, "postsuper") && !strings.Contains(steps, "postsuper -c "+out) {
				t.Errorf("step %d of %d:\n%s", n, len(r.Steps), steps)
			}
		}
		_, _, err := command(t, "", append([]string{"triage", "--queue-ids"}, args...)...)
		var usage *usageError
		if !errors.As(err, &usage) {
			t.Errorf("queue ids of two instances at once: %v", err)
		}
	}
	for flag, want := range map[string]string{flags[0]: "AAAAAAAAAA1\n", flags[1]: "AAAAAAAAAA1\nAAAAAAAAAA2\n"} {
		if ids, _, err := command(t, "", "triage", "--queue-ids", nobody, anna, flag); err != nil || ids != want {
			t.Errorf("%s: %q, %v", flag, ids, err)
		}
	}
}

func TestTriageUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--queue-ids"}, {"--account=a", "--bounces"}, {"--network=here"}, {"--local-user=nobody-here"}, {"--log.timezone=Mars/Olympus"}, {"--exporter.config-file=/none"},
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

// TestTriageWatch ends at once where nothing is sent any more and nothing is queued.
func TestTriageWatch(t *testing.T) {
	config, log := instanceDir(t, "mydestination = lab.test\nrelay_domains =\nvirtual_mailbox_domains =\n")
	appendLog(t, log, "")
	args := []string{"triage", "--watch", nobody, "--account=anna@lab.test", "--postfix.config-directory=" + config, "--log.file=testdata/demo/attack.log.gz"}
	stdout, _, err := command(t, "", args...)
	if err != nil || !strings.Contains(stdout, "all clear: nothing sent for 5 minutes; 0 left in the queue") {
		t.Errorf("%v\n%s", err, stdout)
	}
	queueOf(t, config, map[string]string{"deferred/AAAAAAAAAA1": "sasl"})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	out := &syncBuffer{}
	err = run(ctx, args, streams{in: strings.NewReader(""), out: out, err: io.Discard})
	if err == nil || !strings.Contains(out.String(), "silent for 5 minutes; 1 left in the queue") || strings.Contains(out.String(), "all clear") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestTriageHashedNames: who may read the key gets names, not hashes.
func TestTriageHashedNames(t *testing.T) {
	config, log := instanceDir(t, "mydestination = lab.test\nrelay_domains = partner.test\nvirtual_mailbox_domains = shop.test\n")
	appendLog(t, log, string(unzipped(t, "testdata/demo/attack.log.gz")))
	key := filepath.Join(t.TempDir(), "key")
	metrics, _, err := command(t, "", "replay", "--account.labels=hash", "--account.key-file="+key, "testdata/demo/attack.log.gz")
	if err != nil || strings.Contains(metrics, "emil@lab.test") {
		t.Fatalf("%v", err)
	}
	exporter := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, metrics) }))
	defer exporter.Close()
	args := []string{"--exporter.url=" + exporter.URL, "--postfix.config-directory=" + config}
	if r := triageJSON(t, append(args, "--account.key-file="+key)...); r.Principal.Name != "emil@lab.test" || r.Log.Messages < 400 {
		t.Errorf("with the key: %+v", r.Principal)
	}
	r := triageJSON(t, append(args, "--account.key-file="+key+".none")...)
	if !isHash(r.Principal.Name) || !strings.Contains(strings.Join(r.Missing, "\n"), "names of accounts") {
		t.Errorf("without it: %+v, %v", r.Principal, r.Missing)
	}
}

// FuzzTriageMetrics: whatever answers at the exporter's address, no panic, and what
// is drawn of it is harmless on a terminal.
func FuzzTriageMetrics(f *testing.F) {
	f.Add("postfix_account_window_recipients{sasl_username=\"a\\n\x1b\",window=\"5m\"} 7\npostfix_queue_messages{queue=\"active\"} 3\n")
	f.Add("postfix_client_window_events{client=\"192.0.2.0/24\",event=\"x\",window=\"1h\"} NaN\n")
	f.Add("postfix_account_window_recipients{window=\"1y\"} +Inf\npostfix_queue_account_messages 1e300\n")
	f.Fuzz(func(t *testing.T, text string) {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(strings.NewReader(text))
		if err != nil {
			return
		}
		figures := readFigures(families)
		var all []triage.Candidate
		for _, c := range figures.candidates {
			all = append(all, *c)
		}
		triage.Rank(all, figures.queued)
		r := triage.Report{Ranking: all, Door: triage.RankDoor(figures.door)}
		if len(all) > 0 {
			r.Principal = &all[0].Principal
			r.Steps = triage.Plan(all[0].Principal, &triage.Host{}, nil)
		}
		var out strings.Builder
		if err := r.Write(&out, triage.Style{Rows: 5, Zone: time.UTC}); err != nil {
			t.Error(err)
		}
		if strings.ContainsFunc(out.String(), unprintable) {
			t.Errorf("%q", out.String())
		}
	})
}
