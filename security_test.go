package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSecurityNames looks up each test that SECURITY.md says holds a claim.
func TestSecurityNames(t *testing.T) {
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	code := testCode(t)
	names := regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`).FindAllString(string(text), -1)
	for _, name := range names {
		if !holds(code, name, "") {
			t.Errorf("there is no %s", name)
		}
	}
	if len(names) < 30 {
		t.Errorf("%d names only", len(names))
	}
}

// FuzzPage sends any request to the web side. It answers each, and well only those
// that read.
func FuzzPage(f *testing.F) {
	metrics := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	page, err := newPage("/metrics", metrics, func() (bool, string) { return true, "ready" })
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", "DELETE / HTTP/1.0\r\n\r\n",
		"GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "GET //-/healthy?%00 HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
		"GET http://b/-/ready HTTP/1.1\r\nHost: \x7f\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /debug/pprof/ HTTP/1.1\r\nHost: a\r\n\r\n",
	} {
		f.Add(seed)
	}
	paths := []string{"/", "/metrics", "/-/healthy", "/-/ready"}
	f.Fuzz(func(t *testing.T, raw string) {
		request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			return
		}
		answer := httptest.NewRecorder()
		page.ServeHTTP(answer, request)
		reads := request.Method == http.MethodGet || request.Method == http.MethodHead
		if known := slices.Contains(paths, request.URL.Path); answer.Code == http.StatusOK && (!reads || !known) {
			t.Errorf("%s %q: status %d", request.Method, request.URL.Path, answer.Code)
		}
	})
}

// oneClient is a listener to which one client comes.
type oneClient chan net.Conn

func (l oneClient) Addr() net.Addr { return &net.TCPAddr{} }
func (l oneClient) Close() error   { close(l); return nil }
func (l oneClient) Accept() (net.Conn, error) {
	if conn, ok := <-l; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

// TestClientsThatStall: who reads no answer, or sends no request, is cut off.
func TestClientsThatStall(t *testing.T) {
	for _, test := range []struct {
		name, sends string
		after       time.Duration
	}{
		{"reads nothing", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 3 * time.Minute},
		{"stops in the middle of a request", "GET / HTTP/1.1\r\n", time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				endless := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for err := error(nil); err == nil; {
						_, err = w.Write(make([]byte, 1<<16))
					}
				})
				server, listener := newServer(endless), make(oneClient, 1)
				client, conn := net.Pipe()
				listener <- conn
				go server.Serve(listener)
				defer server.Close()
				if _, err := io.WriteString(client, test.sends); err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.after + time.Second) // the bubble's own time
				synctest.Wait()
				client.SetReadDeadline(time.Now().Add(time.Second))
				if n, err := io.CopyN(io.Discard, client, 1<<20); !errors.Is(err, io.EOF) {
					t.Errorf("after %v it is still served: %d bytes, %v", test.after, n, err)
				}
			})
		})
	}
}
