package spool

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"postfix_exporter/parser"
)

func readStream(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../testdata/showq", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestScan(t *testing.T) {
	deferred := func(f QueueFigures) Snapshot {
		s := Snapshot{Taken: testNow}
		s.Queues[parser.QueueDeferred] = f
		return s
	}
	v37 := deferred(QueueFigures{Messages: 3, Bytes: 365 + 346 + 372, Oldest: 1795467921, Origins: [NumOrigins]int{OriginBounce: 1}})
	v37.DeferredRecipients[parser.FailureRefused] = 4
	v312 := deferred(QueueFigures{Messages: 1, Bytes: 284, Oldest: 1795441844, Older: [NumAges]int{1, 1, 1, 0, 0}})
	v312.DeferredRecipients[parser.FailureReputation] = 1
	v34 := deferred(QueueFigures{Messages: 1, Bytes: 1536, Oldest: 1795380000, Origins: [NumOrigins]int{OriginBounce: 1}, Older: [NumAges]int{1, 1, 1, 1, 0}})
	v34.Queues[parser.QueueMaildrop] = QueueFigures{Messages: 1, Bytes: 412, Oldest: 1795467000, Older: [NumAges]int{1}}
	v34.Queues[parser.QueueActive] = QueueFigures{Messages: 1, Bytes: 20480, Oldest: 1795467100, Older: [NumAges]int{1}}
	v34.Queues[parser.QueueIncoming] = QueueFigures{Messages: 1, Oldest: 1795467101, Origins: [NumOrigins]int{OriginBounce: 1}, Older: [NumAges]int{1}}
	v34.Queues[parser.QueueHold] = QueueFigures{Messages: 1, Bytes: 99999999999, Oldest: 1795000000, Older: [NumAges]int{1, 1, 1, 1, 1}}
	v34.DeferredRecipients[parser.FailureGreylist] = 1
	v34.DeferredRecipients[parser.FailureTimeout] = 1
	// A recipient that bounced for good is not deferred.
	v311 := deferred(QueueFigures{Messages: 1, Bytes: 1536, Oldest: 1795380000, Origins: [NumOrigins]int{OriginBounce: 1}, Older: [NumAges]int{1, 1, 1, 1, 0}})
	v311.Queues[parser.QueueActive] = QueueFigures{Messages: 1, Bytes: 20480, Oldest: 1795467100, Older: [NumAges]int{1}}
	v311.Queues[parser.QueueHold] = QueueFigures{Messages: 1, Bytes: 1, Oldest: 1795000000, Older: [NumAges]int{1, 1, 1, 1, 1}}
	v311.DeferredRecipients[parser.FailureSuspended] = 1

	for stream, want := range map[string]Snapshot{
		"3.7.bin": v37, "3.12.bin": v312, "3.4.bin": v34, "3.11.bin": v311,
		"3.4-empty.bin": {Taken: testNow}, "3.6-empty.bin": {Taken: testNow},
	} {
		t.Run(stream, func(t *testing.T) {
			sent := make(chan int, 1)
			directory := serveShowq(t, func(conn net.Conn) {
				_, _ = conn.Write(readStream(t, stream))
				sent <- untilClosed(conn)
			})
			got, err := newTestShowq(t, directory).Scan(t.Context(), testNow)
			if err != nil {
				t.Fatal(err)
			}
			for q := range want.Queues {
				figures := &want.Queues[q]
				figures.Origins[OriginUnknown] = figures.Messages - figures.Origins[OriginBounce]
				want.Known[q] = parser.Queue(q) != parser.QueueCorrupt
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if n := <-sent; n != 0 {
				t.Errorf("the client sent %d bytes to a service that takes none", n)
			}
		})
	}
}

// A message that moves on while showq walks is met twice, and counted once. The
// next scan starts afresh.
func TestScanCountsAMovingMessageOnce(t *testing.T) {
	message := readStream(t, "3.4.bin")
	message = message[:len(message)-1]
	directory := serveShowq(t, func(conn net.Conn) {
		_, _ = conn.Write(append(bytes.Repeat(message, 3), 0))
	})
	showq := newTestShowq(t, directory)
	for range 2 {
		s, err := showq.Scan(t.Context(), testNow)
		if err != nil || s.Messages() != 5 {
			t.Errorf("%d messages, %v", s.Messages(), err)
		}
	}
}

func TestScanFaults(t *testing.T) {
	stream := readStream(t, "3.4.bin")
	for name, tt := range map[string]struct {
		answer func(net.Conn)
		is     error
		want   string
	}{
		"closes at once":  {func(net.Conn) {}, parser.ErrShowqTruncated, "broke off"},
		"closes early":    {func(c net.Conn) { _, _ = c.Write(stream[:len(stream)-1]) }, parser.ErrShowqTruncated, "after 5 messages"},
		"garbage":         {func(c net.Conn) { _, _ = c.Write([]byte("220 mx.example.test ESMTP\r\n\x00")) }, nil, "garbage"},
		"text of old":     {func(c net.Conn) { _, _ = c.Write([]byte("Mail queue is empty\n")) }, parser.ErrShowqText, "3.1 or newer"},
		"hangs":           {func(c net.Conn) { untilClosed(c) }, os.ErrDeadlineExceeded, "hangs"},
		"hangs midway":    {func(c net.Conn) { _, _ = c.Write(stream[:100]); untilClosed(c) }, os.ErrDeadlineExceeded, "hangs"},
		"never ends":      {func(c net.Conn) { writeForever(c, stream[:len(stream)-1]) }, errTooLong, "no end after 1000000 bytes"},
		"never ends, NUL": {func(c net.Conn) { writeForever(c, []byte("a\x00b\x00")) }, errTooLong, "no end after 1000000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			showq := newTestShowq(t, serveShowq(t, tt.answer))
			showq.maxBytes = 1_000_000
			ctx := t.Context()
			if strings.HasPrefix(name, "hangs") {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			got, err := showq.Scan(ctx, testNow)
			if err == nil || !strings.Contains(err.Error(), tt.want) || (tt.is != nil && !errors.Is(err, tt.is)) {
				t.Errorf("%v", err)
			}
			if !reflect.DeepEqual(got, Snapshot{}) {
				t.Errorf("part of a queue was given as the whole: %+v", got)
			}
		})
	}
}

func writeForever(conn net.Conn, b []byte) {
	block := bytes.Repeat(b, 1+65536/len(b))
	for {
		if _, err := conn.Write(block); err != nil {
			return
		}
	}
}

func TestScanWithoutService(t *testing.T) {
	gone := serveShowq(t, func(net.Conn) {})
	socket := filepath.Join(gone, "public", "showq")
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	_, err := newTestShowq(t, gone).Scan(t.Context(), testNow)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "Postfix is down") {
		t.Errorf("no socket: %v", err)
	}

	// Postfix leaves its sockets behind when it stops.
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	listener.Close()
	_, err = newTestShowq(t, gone).Scan(t.Context(), testNow)
	if !errors.Is(err, syscall.ECONNREFUSED) || !strings.Contains(err.Error(), "Postfix is down") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestScanWithoutPermission(t *testing.T) {
	directory := serveShowq(t, func(net.Conn) {})
	public := filepath.Join(directory, "public")
	if err := os.Chmod(public, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(public, 0o700) // so that it can be removed
	showq := newTestShowq(t, directory)
	asNobody(t, func() {
		_, err := showq.Scan(t.Context(), testNow)
		if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "usermod -aG postdrop USER") {
			t.Errorf("%v", err)
		}
	})
}
