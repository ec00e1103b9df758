package lab

import (
	"context"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"syscall"
	"testing"
	"time"
)

func testWorld(t *testing.T) *World {
	t.Helper()
	w, err := startWorld(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.stop)
	return w
}

func (w *World) addressOf(t *testing.T, domain string) string {
	t.Helper()
	for _, r := range w.routes {
		if r.domain == domain {
			return r.address
		}
	}
	t.Fatalf("no route to %s", domain)
	return ""
}

func TestSinks(t *testing.T) {
	w := testWorld(t)
	for _, test := range []struct {
		to   string
		code int // 0 where it is taken
	}{
		{"friend@good1.test", 0},
		{"friend@good6.test", 0},
		{"a@busy.test", 451},
		{"a@busy.test", 452}, // in turn
		{"a@busy.test", 421},
		{"a@unknown.test", 550},
		{"a@block.test", 554},
		{"a@full.test", 552},
		{"buyer@partner.test", 0},
		{"nobody7@partner.test", 550},
	} {
		_, domain, _ := strings.Cut(test.to, "@")
		c, err := Connect(t.Context(), "127.0.0.1", w.addressOf(t, domain), "mx")
		if err != nil {
			t.Fatal(err)
		}
		err = c.Send(Message{From: "a@lab.test", To: []string{test.to}, Size: 5000})
		c.Quit()
		var reply *textproto.Error
		switch {
		case test.code == 0:
			if err != nil {
				t.Errorf("%s: %v", test.to, err)
			}
		case !errors.As(err, &reply) || reply.Code != test.code:
			t.Errorf("%s: %v, want %d", test.to, err, test.code)
		}
		want := map[int]fate{0: fateSent, 4: fateDeferred, 5: fateBounced}[test.code/100]
		if got := fateOf(test.to); got != want {
			t.Errorf("%s: the truth says fate %d, its server %d", test.to, got, want)
		}
	}
}

func TestDeadHosts(t *testing.T) {
	w := testWorld(t)
	for _, domain := range []string{"refused1.test", "refused30.test", "forged1.test", "forged39.test"} {
		if _, err := dial(t.Context(), "", w.addressOf(t, domain)); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: %v", domain, err)
		}
	}
	for _, domain := range []string{"timeout1.test", "timeout30.test", "forged2.test"} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := dial(ctx, "", w.addressOf(t, domain))
		if timeout := net.Error(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v", domain, err)
		}
		cancel()
	}
}

// Nothing of the lab may leave the machine, and each dead host is one of its own.
func TestTransportStaysOnLoopback(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(testWorld(t).transport()) {
		_, to, _ := strings.Cut(strings.TrimSpace(line), " ")
		_, address, _ := strings.Cut(to, ":")
		if !strings.HasPrefix(address, "[127.") || seen[address] {
			t.Errorf("a route outside loopback, or twice the same: %s", line)
		}
		seen[address] = true
	}
	if len(seen) < 100 {
		t.Errorf("%d routes", len(seen))
	}
}
