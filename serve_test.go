package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// running is an exporter under test.
type running struct {
	url  string
	log  *syncBuffer
	stop func() error
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// instanceDir makes a configuration of a Postfix that does not run.
func instanceDir(t *testing.T, mainCF string) (config, logFile string) {
	t.Helper()
	dir := t.TempDir()
	logFile = filepath.Join(dir, "mail.log")
	queue := filepath.Join(dir, "queue")
	for _, sub := range []string{"pid", "public", "incoming", "active", "deferred", "hold", "maildrop", "corrupt"} {
		if err := os.MkdirAll(filepath.Join(queue, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	mainCF += "\nqueue_directory = " + queue + "\nmaillog_file = " + logFile + "\nmynetworks = 127.0.0.0/8\n"
	for name, text := range map[string]string{
		"main.cf":   mainCF,
		"master.cf": "smtp inet n - y - - smtpd\nsmtp unix - - y - 30 smtp\nqmgr unix n - n 300 1 qmgr\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, logFile
}

// stateless keeps a test that says nothing of it from the machine's own state.
func stateless(args []string) []string {
	for _, arg := range args {
		if strings.HasPrefix(arg, "--state.file=") {
			return args
		}
	}
	return append(args, "--state.file=")
}

// start runs the exporter until the test ends or stop is called.
func start(t *testing.T, args ...string) running {
	t.Helper()
	return startWith(t, strings.NewReader(""), args...)
}

// startWith is start with something on standard input.
func startWith(t *testing.T, stdin io.Reader, args ...string) running {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	ctx, cancel := context.WithCancel(t.Context())
	r := running{url: "http://" + address, log: &syncBuffer{}}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append(stateless(args), "--web.listen-address="+address, "--log.timezone=UTC"),
			streams{in: stdin, out: io.Discard, err: r.log})
	}()
	r.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(10 * time.Second):
			return fmt.Errorf("still running 10 s after it was told to stop; log: %s", r.log)
		}
	})
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the exporter listens", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return r
}

// eventually polls something that another goroutine or process brings about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for tick := time.NewTicker(5 * time.Millisecond); time.Now().Before(deadline); <-tick.C {
		if holds() {
			return
		}
	}
	t.Fatalf("not within 10 s: %s", what)
}

func (r running) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(r.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func appendLog(t *testing.T, name, text string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

const someMail = `Nov 23 13:41:21 mx postfix/smtpd[12]: connect from phone.example.test[203.0.113.9]
Nov 23 13:41:21 mx postfix/smtpd[12]: 4F978A2E954: client=phone.example.test[203.0.113.9], sasl_method=PLAIN, sasl_username=bob@example.test
Nov 23 13:41:21 mx postfix/cleanup[13]: 4F978A2E954: message-id=<x@example.test>
Nov 23 13:41:21 mx postfix/qmgr[14]: 4F978A2E954: from=<bob@example.test>, size=322, nrcpt=2 (queue active)
`

func TestServe(t *testing.T) {
	defer goleak.VerifyNone(t)
	config, logFile := instanceDir(t, "")
	appendLog(t, logFile, someMail)
	r := start(t, "--postfix.config-directory="+config)
	eventually(t, "ready", func() bool { status, _ := r.get(t, "/-/ready"); return status == http.StatusOK })

	_, metrics := r.get(t, "/metrics")
	for _, want := range []string{
		"\npostfix_up 0\n",
		`postfix_account_recipients_total{sasl_username="bob@example.test"} 2`,
		`postfix_messages_total{origin="sasl"} 1`,
		`postfix_process_limit{command="smtp",service_name="smtp"} 30`,
		`postfix_processes{command="smtp",service_name="smtp"} 0`,
		`postfix_queue_messages{queue="deferred"} 0`,
		`postfix_scrape_collector_success{collector="smtpd"} 1`,
		`postfix_log_lag_bytes{source="` + logFile + `"} 0`,
		"postfix_exporter_build_info{",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	appendLog(t, logFile, strings.ReplaceAll(someMail, "4F978A2E954", "5F978A2E954"))
	eventually(t, "the log is followed", func() bool {
		_, metrics := r.get(t, "/metrics")
		return strings.Contains(metrics, `postfix_account_recipients_total{sasl_username="bob@example.test"} 4`)
	})

	for path, want := range map[string]string{"/": "Postfix exporter", "/-/healthy": "healthy", "/-/ready": "ready"} {
		if status, body := r.get(t, path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: status %d, %q", path, status, body)
		}
	}
	if status, _ := r.get(t, "/no/such/page"); status != http.StatusNotFound {
		t.Errorf("an unknown page has status %d", status)
	}
	if err := r.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	for _, want := range []string{`msg="found Postfix"`, "queue_directory=", logFile} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the exporter's log lacks %s: %s", want, r.log)
		}
	}
}

func TestNotReadyBeforeTheLogIsRead(t *testing.T) {
	config, logFile := instanceDir(t, "")
	appendLog(t, logFile, strings.Repeat(someMail, 200_000)) // 80 MB
	r := start(t, "--postfix.config-directory="+config)
	if status, body := r.get(t, "/-/ready"); status != http.StatusServiceUnavailable || !strings.Contains(body, "MB left") {
		t.Errorf("status %d right after the start, want 503 that says how much is left: %q", status, body)
	}
	eventually(t, "ready", func() bool { status, _ := r.get(t, "/-/ready"); return status == http.StatusOK })
	if _, metrics := r.get(t, "/metrics"); !strings.Contains(metrics, `outcome="parsed",source="`+logFile+`"} 800000`) {
		t.Error("ready, but not all of the log is counted")
	}
}

// A first start shows nothing of the log before it is saved, and is not ready before.
func TestReadyShowsTheLog(t *testing.T) {
	config, logFile := instanceDir(t, "")
	appendLog(t, logFile, someMail)
	r := start(t, "--postfix.config-directory="+config, "--state.file="+filepath.Join(config, "lib", "state"))
	eventually(t, "ready", func() bool { status, _ := r.get(t, "/-/ready"); return status == http.StatusOK })
	if _, metrics := r.get(t, "/metrics"); !strings.Contains(metrics, `postfix_messages_total{origin="sasl"} 1`) {
		t.Error("ready, but /metrics does not show the log")
	}
}

func TestACollectorCanBeTurnedOff(t *testing.T) {
	config, _ := instanceDir(t, "")
	r := start(t, "--postfix.config-directory="+config, "--no-collector.queue", "--no-collector.process")
	_, metrics := r.get(t, "/metrics")
	if strings.Contains(metrics, "postfix_queue_messages") || strings.Contains(metrics, "postfix_processes") {
		t.Error("a collector that was turned off sends metrics")
	}
	if !strings.Contains(metrics, "postfix_up 0") {
		t.Error("the others are gone too")
	}
}

func TestWebConfigFile(t *testing.T) {
	config, _ := instanceDir(t, "")
	file := filepath.Join(config, "web.yml")
	// The password is "correct horse".
	const users = "basic_auth_users:\n  admin: $2a$04$hUMDlrHmKk2PX1vfQrydxudw/6fkXXOZw8SNMcGR61Q8vYO0XMXSe\n"
	if err := os.WriteFile(file, []byte(users), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, "--postfix.config-directory="+config, "--web.config.file="+file)
	if status, _ := r.get(t, "/metrics"); status != http.StatusUnauthorized {
		t.Errorf("status %d without a password, want 401", status)
	}
}

func TestTLS(t *testing.T) {
	config, _ := instanceDir(t, "")
	certificate, key := selfSigned(t, config)
	file := filepath.Join(config, "web.yml")
	text := "tls_server_config:\n  cert_file: " + certificate + "\n  key_file: " + key + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, "--postfix.config-directory="+config, "--web.config.file="+file)
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // the test's own certificate
	}}
	response, err := client.Get("https" + strings.TrimPrefix(r.url, "http") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("status %d over TLS", response.StatusCode)
	}
}

func TestWhatCantBeReadIsNamedWithTheMend(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	config, _ := instanceDir(t, "")
	for _, test := range []struct{ name, arg, want string }{
		{"no such configuration", "--postfix.config-directory=" + config + "/none", config + "/none"},
		{"port in use", "--web.listen-address=" + busy.Addr().String(), "--web.listen-address"},
		{"web configuration missing", "--web.config.file=" + config + "/none.yml", "none.yml"},
	} {
		args := []string{"--postfix.config-directory=" + config, "--web.listen-address=127.0.0.1:0", test.arg}
		if strings.HasPrefix(test.arg, "--postfix") {
			args = args[1:]
		} else if strings.HasPrefix(test.arg, "--web.listen") {
			args = []string{args[0], test.arg}
		}
		if _, _, err := command(t, "", append(args, "--state.file=")...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v doesn't name %s", test.name, err, test.want)
		}
	}
}

func TestAnUnreadableLogDoesNotStopTheExporter(t *testing.T) {
	config, logFile := instanceDir(t, "")
	if err := os.Mkdir(logFile, 0o755); err != nil { // root reads whatever there is, but no directory
		t.Fatal(err)
	}
	r := start(t, "--postfix.config-directory="+config, "--log.file="+logFile)
	eventually(t, "the log's trouble is named", func() bool { return strings.Contains(r.log.String(), logFile) })
	if _, metrics := r.get(t, "/metrics"); !strings.Contains(metrics, "postfix_up 0") {
		t.Error("no metrics while the log can't be read")
	}
	if err := os.Remove(logFile); err != nil {
		t.Fatal(err)
	}
	appendLog(t, logFile, someMail)
	eventually(t, "the log is read once it can be", func() bool {
		_, metrics := r.get(t, "/metrics")
		return strings.Contains(metrics, `postfix_messages_total{origin="sasl"} 1`)
	})
}
