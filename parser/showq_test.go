package parser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

const showqDir = "../testdata/showq"

// describeShowq reads a whole stream and writes it down in plain words.
func describeShowq(d *ShowqDecoder) (string, error) {
	var b strings.Builder
	for {
		m, err := d.Next()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		fmt.Fprintf(&b, "%v %s arrival %d size %d forced_expire %v sender %q\n", m.Queue, m.ID, m.Arrival, m.Size, m.ForcedExpire, m.Sender)
		for {
			r, err := d.Recipient()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return b.String(), err
			}
			fmt.Fprintf(&b, "  %q original %q class %q reason %q\n", r.Address, r.Original, r.LogClass, r.Reason)
		}
	}
}

func TestShowqEras(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(showqDir, "*.bin"))
	if err != nil || len(files) < 7 {
		t.Fatalf("%d streams, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			stream := readFile(t, file)
			got, err := describeShowq(NewShowqDecoder(bytes.NewReader(stream)))
			if err != nil {
				t.Fatal(err)
			}
			checkGolden(t, strings.TrimSuffix(file, ".bin")+".golden", got)

			slow, err := describeShowq(NewShowqDecoder(iotest.OneByteReader(bytes.NewReader(stream))))
			if err != nil || slow != got {
				t.Errorf("byte by byte it reads otherwise: %v\n%s", err, slow)
			}
			for n := range stream {
				_, err := describeShowq(NewShowqDecoder(bytes.NewReader(stream[:n])))
				if !errors.Is(err, ErrShowqTruncated) {
					t.Fatalf("cut after %d of %d bytes: %v", n, len(stream), err)
				}
			}
		})
	}
}

func TestShowqSkipsUnreadRecipients(t *testing.T) {
	d := NewShowqDecoder(bytes.NewReader(readFile(t, filepath.Join(showqDir, "3.4.bin"))))
	var ids []string
	for {
		m, err := d.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, string(m.ID))
	}
	if got := strings.Join(ids, " "); got != "3F0A1B2C4D5 4jY6hS3dgmz1tcWl 7C3D1A2E872 762B4A2E872 A1B2C3D4E5F" {
		t.Error(got)
	}
	if _, err := d.Recipient(); !errors.Is(err, io.EOF) {
		t.Errorf("a recipient after the end: %v", err)
	}
}

func TestShowqFaults(t *testing.T) {
	const head = "queue_name\x00deferred\x00queue_id\x00ABCDEF1\x00time\x001\x00size\x002\x00"
	for _, tt := range []struct{ name, stream, want string }{
		{"nothing", "", "broke off"},
		{"text", "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\nABCDEF1 3 Mon", "3.1 or newer"},
		{"long text", "-Queue ID-  " + strings.Repeat("text ", 4000), "3.1 or newer"},
		{"empty text", "Mail queue is empty\n", "3.1 or newer"},
		{"http", "HTTP/1.1 400 Bad Request\r\n\x00", "garbage in the place of an attribute's name: \"HTTP"},
		{"bytes", "\xff\xfe\x01\x00\x00", "garbage"},
		{"long name", strings.Repeat("a", 100) + "\x00", "garbage"},
		{"other protocol", "protocol\x00postdrop_protocol\x00\x00", "the service speaks \"postdrop_protocol\""},
		{"long string", head + "sender\x00" + strings.Repeat("x", MaxShowqString+1) + "\x00\x00\x00", "more than 8192 bytes"},
		{"endless string", strings.Repeat("x", 1<<20), "more than 8192 bytes"},
		{"queue", "queue_name\x00nonsense\x00", `queue_name is "nonsense"`},
		{"id", "queue_id\x00../../etc/passwd\x00", `queue_id is "../../etc/passwd"`},
		{"no id", "queue_id\x00\x00", `queue_id is ""`},
		{"time", "time\x00-1\x00", `time is "-1"`},
		{"size", "size\x0099999999999999999999\x00", `size is "9999`},
		{"no sender", head + "recipient\x00a\x00reason\x00\x00\x00\x00", "a message without sender"},
		{"no header", "recipient\x00a\x00\x00\x00", "a message without queue_name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewShowqDecoder(strings.NewReader(tt.stream))
			got, err := describeShowq(d)
			if err == nil || !strings.Contains(err.Error(), tt.want) || got != "" {
				t.Fatalf("got %q and %v, want %q", got, err, tt.want)
			}
			if m, again := d.Next(); m != nil || !errors.Is(again, err) {
				t.Errorf("after the error: %v, %v", m, again)
			}
		})
	}
	longest := head + "sender\x00" + strings.Repeat("x", MaxShowqString) + "\x00\x00\x00"
	if _, err := describeShowq(NewShowqDecoder(strings.NewReader(longest))); err != nil {
		t.Errorf("the longest string: %v", err)
	}
	broken := errors.New("broken pipe")
	if _, err := describeShowq(NewShowqDecoder(iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a read error: %v", err)
	}
}

func TestShowqDoesNotAllocate(t *testing.T) {
	d, r, stream := NewShowqDecoder(nil), bytes.NewReader(nil), manyShowqMessages(t, 100)
	if n := testing.AllocsPerRun(10, func() {
		r.Reset(stream)
		d.Reset(r)
		drainShowq(t, d)
	}); n != 0 {
		t.Errorf("%v allocations in 100 messages", n)
	}
}

func drainShowq(t testing.TB, d *ShowqDecoder) (recipients int) {
	for {
		if _, err := d.Next(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			return recipients
		}
		for {
			if _, err := d.Recipient(); err != nil {
				break
			}
			recipients++
		}
	}
}

// manyShowqMessages repeats the messages of a stream.
func manyShowqMessages(t testing.TB, n int) []byte {
	t.Helper()
	stream := readFile(t, filepath.Join(showqDir, "3.4.bin"))
	return append(bytes.Repeat(stream[:len(stream)-1], n/5), 0)
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func FuzzShowq(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(showqDir, "*.bin"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		stream := readFile(f, file)
		f.Add(stream)
		f.Add(stream[:len(stream)/2])
	}
	f.Add([]byte("-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		d := NewShowqDecoder(bytes.NewReader(stream))
		_, err := describeShowq(d)
		if err == nil && (len(stream) == 0 || !bytes.Contains(stream, []byte{0, 0}) && stream[0] != 0) {
			t.Errorf("a proper end without an empty list")
		}
		if m, again := d.Next(); m != nil || again == nil || (err != nil && !errors.Is(again, err)) {
			t.Errorf("after %v: %v, %v", err, m, again)
		}
		if r, again := d.Recipient(); r != nil || again == nil {
			t.Errorf("a recipient after %v: %v, %v", err, r, again)
		}
	})
}

func BenchmarkShowq(b *testing.B) {
	d, r, stream := NewShowqDecoder(nil), bytes.NewReader(nil), manyShowqMessages(b, 1000)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(stream)
		d.Reset(r)
		drainShowq(b, d)
	}
}
