package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// testClock goes on only while somebody sleeps.
type testClock struct{ at time.Time }

func (c *testClock) now() time.Time { return c.at }

func (c *testClock) sleep(ctx context.Context, d time.Duration) error {
	c.at = c.at.Add(d)
	return ctx.Err()
}

func TestPlay(t *testing.T) {
	begin := time.Date(2026, time.July, 5, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct{ name, recording, want string }{
		{
			"new times",
			"Nov 23 21:18:14 mx a\nNov 23 21:18:14 mx b\nNov 23 21:18:16 mx c\nNov 23 21:18:17 mx d\n",
			"Jul 05 10:00:00 mx a\nJul 05 10:00:01 mx b\nJul 05 10:00:02 mx c\nJul 05 10:00:03 mx d\n",
		},
		{
			"a space-padded day, and a gap cut short",
			"Nov  3 01:00:00 mx a\nNov  3 02:00:00 mx b\n",
			"Jul 05 10:00:04 mx a\nJul 05 10:00:05 mx b\n",
		},
		{
			"New Year",
			"Dec 31 23:59:59 mx a\nJan 01 00:00:00 mx b\n",
			"Jul 05 10:00:00 mx a\nJul 05 10:00:01 mx b\n",
		},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := play(t.Context(), strings.NewReader(test.recording), &out, &testClock{begin}); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.want {
				t.Errorf("got:\n%swant:\n%s", out.String(), test.want)
			}
		})
	}
}

func TestPlayKeepsEveryLine(t *testing.T) {
	var recording strings.Builder
	for i := range 997 {
		fmt.Fprintf(&recording, "Nov 23 21:18:%02d mx line %d\n", i/100, i)
	}
	var out bytes.Buffer
	if err := play(t.Context(), strings.NewReader(recording.String()), &out, &testClock{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 997 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		if !strings.HasSuffix(line, fmt.Sprintf(" mx line %d", i)) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

func TestPlayFails(t *testing.T) {
	for name, recording := range map[string]string{
		"short":     "mx\n",
		"no time":   "yesterday at noon mx a\n",
		"long line": "Nov 23 21:18:14 " + strings.Repeat("x", maxLine) + "\n",
	} {
		if err := play(t.Context(), strings.NewReader(recording), &bytes.Buffer{}, &testClock{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := play(ctx, strings.NewReader("Nov 23 21:18:14 mx a\n"), &bytes.Buffer{}, &testClock{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
