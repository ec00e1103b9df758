//go:build live

package main

import (
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A scrape that waits for a showq(8) that hangs, for a user who may read nothing
// else of the queue, does not keep the exporter from stopping: it gets its answer
// early.
func TestStopDuringAScrape(t *testing.T) {
	config, queue := fakeInstance(t)
	unlisted(t, queue)
	listenAs(t, queue, hang)
	e := launch(t, &syscall.Credential{Uid: nobodys, Gid: nobodys}, "--postfix.config-directory="+config)
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get(e.url + "/metrics")
		if err != nil {
			answer <- err.Error()
			return
		}
		_ = response.Body.Close()
		answer <- response.Status
	}()
	select {
	case a := <-answer:
		t.Fatalf("the scrape did not wait: %s", a)
	case <-time.After(time.Second):
	}
	code, took := e.stop(t)
	if code != 0 || took > 5*time.Second {
		t.Errorf("exit code %d after %v, want 0 within 5 s", code, took)
	}
	if a := <-answer; a != "200 OK" {
		t.Errorf("the scrape under way got: %s", a)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(e.url, "http://")); err == nil {
		_ = conn.Close()
		t.Error("the port is still open")
	}
	t.Logf("stopped after %v", took)
}

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--no-such-flag"}, 2, "--no-such-flag"},
		{[]string{"--log.level=\x1b[31mloud"}, 2, "debug,info,warn,error"},
		{[]string{"--log.timezone=Mars/\u009b31mOlympus"}, 2, "--log.timezone"},
		{[]string{"replay", "--account.limit=-1"}, 2, "limit of accounts"},
		{[]string{"--postfix.config-directory=/none/\x1b[31m"}, 1, "--postfix.config-directory=DIR"},
		{[]string{"parse", "/none/\x1b[31m"}, 1, "no such file"},
		{[]string{"--version"}, 0, ""},
		{[]string{"--help"}, 0, ""},
	} {
		_, stderr, code := ran(t, test.args...)
		if code != test.code || !strings.Contains(stderr, test.says) {
			t.Errorf("%q: exit code %d, want %d: %q", test.args, code, test.code, stderr)
		}
	}
}
