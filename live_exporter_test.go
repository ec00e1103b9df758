//go:build live

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// exporter is the real binary as a process of its own.
type exporter struct {
	url    string
	stderr *syncBuffer
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the process has ended
}

// anyone is who runs the exporter: nil for root.
type anyone = *syscall.Credential

// launch runs the exporter until the test ends, and waits until it listens.
func launch(t *testing.T, who anyone, args ...string) *exporter {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	e := &exporter{url: "http://" + address, stderr: &syncBuffer{}, ended: make(chan struct{})}
	e.cmd = exec.Command(binary, append(stateless(args), "--web.listen-address="+address)...)
	e.cmd.Dir = "/"
	e.cmd.Stderr = e.stderr
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who, Pdeathsig: syscall.SIGKILL}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = e.cmd.Wait() // what matters of it is in ProcessState
		close(e.ended)
	}()
	t.Cleanup(func() {
		e.stop(t)
		if t.Failed() {
			t.Logf("the exporter said:\n%q", e.stderr.String())
		}
		isPlain(t, e.stderr.String())
	})
	awaitPort(t, address)
	return e
}

// awaitPort waits until something listens there.
func awaitPort(t *testing.T, address string) {
	t.Helper()
	within(t, 10*time.Second, func() string {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return err.Error()
		}
		_ = conn.Close()
		return ""
	})
}

// stop ends the exporter as systemd does, and says how it ended.
func (e *exporter) stop(t *testing.T) (code int, took time.Duration) {
	t.Helper()
	begin := time.Now()
	_ = e.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-e.ended:
	case <-time.After(15 * time.Second):
		t.Error("the exporter runs 15 s after SIGTERM")
		_ = e.cmd.Process.Kill()
		<-e.ended
	}
	return e.cmd.ProcessState.ExitCode(), time.Since(begin)
}

// scrape reads /metrics as a Prometheus does that waits so long, and wants it to
// come in time.
func (e *exporter) scrape(t *testing.T, timeout time.Duration) samples {
	t.Helper()
	text, took := e.fetch(t, "/metrics", timeout)
	if took > timeout {
		t.Errorf("a scrape took %v, its deadline was %v", took, timeout)
	}
	return readSamples(t, text)
}

// fetch reads a page and measures how long that takes.
func (e *exporter) fetch(t *testing.T, path string, timeout time.Duration) (text string, took time.Duration) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", fmt.Sprint(timeout.Seconds()))
	begin := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	took = time.Since(begin)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%.2000s", path, response.Status, err, body)
	}
	return string(body), took
}

// slowest keeps the highest duration of each collector that takes over 2 ms.
func (s samples) slowest(parts map[string]float64) {
	for key, v := range s {
		if name, ok := strings.CutPrefix(key, "postfix_scrape_collector_duration_seconds{collector="); ok && v > 0.002 {
			parts[name] = max(parts[name], v)
		}
	}
}

// failed lists the collectors that failed, each in quotes.
func (s samples) failed() (names string) {
	for key, v := range s {
		if name, ok := strings.CutPrefix(key, "postfix_scrape_collector_success{collector="); ok && v == 0 {
			names += strings.TrimSuffix(name, "}")
		}
	}
	return names
}

// within waits until check finds nothing missing.
func within(t *testing.T, limit time.Duration, check func() (missing string)) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		missing := check()
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v: %s", limit, missing)
		}
	}
}

// isPlain wants no control characters in what goes to a terminal.
func isPlain(t *testing.T, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && !unicode.IsPrint(r) || r == utf8.RuneError {
			t.Errorf("a raw %q reached standard error: %.300q", r, text[max(0, i-100):])
			return
		}
	}
}

// ran runs the exporter to its end.
func ran(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	isPlain(t, errs.String())
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
