package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkReplay measures the whole way of a log, from the file to the printed
// metrics, against a bare splitter of the same file: bufio.Reader, which finds
// line ends by bytes.IndexByte. Both run in turn, a round of each; CPU time
// counts, not the wall's. It reports medians.
//
//	go test . -pgo default.pgo -run '^$' -bench Replay -benchtime 9x
//
// The profile is part of the binary that people build: go build takes it by
// itself. "make pgo" makes it anew, by this benchmark.
//
// The log has 100 MB (BENCH_MB=1000 makes it 1 GB): that of a real Postfix 3.7
// again and again, with later stamps and other queue ids each time.
func BenchmarkReplay(b *testing.B) {
	name := filepath.Join(b.TempDir(), "mail.log")
	lines := float64(writeLongLog(b, name, benchMegabytes(b)<<20))
	compareWithSplitter(b, name, lines)
}

// compareWithSplitter replays a log and splits it, in turn.
func compareWithSplitter(b *testing.B, name string, lines float64) {
	b.Helper()
	var bare, whole []float64 // nanoseconds a line
	for b.Loop() {
		begin := cpuTime(b)
		splitFile(b, name)
		middle := cpuTime(b)
		if err := run(b.Context(), []string{"replay", "--log.timezone=UTC", name}, streams{out: io.Discard, err: io.Discard}); err != nil {
			b.Fatal(err)
		}
		end := cpuTime(b)
		bare = append(bare, float64(middle-begin)/lines)
		whole = append(whole, float64(end-middle)/lines)
	}
	slices.Sort(bare)
	slices.Sort(whole)
	splitter, replay := bare[len(bare)/2], whole[len(whole)/2]
	b.ReportMetric(0, "ns/op") // the time of a round says nothing
	b.ReportMetric(splitter, "ns/line-splitter")
	b.ReportMetric(replay, "ns/line")
	b.ReportMetric(replay/splitter, "x-splitter")
}

func benchMegabytes(b *testing.B) int {
	b.Helper()
	s := os.Getenv("BENCH_MB")
	if s == "" {
		return 100
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		b.Fatalf("BENCH_MB=%q is no number", s)
	}
	return n
}

func splitFile(b *testing.B, name string) {
	b.Helper()
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for r := bufio.NewReaderSize(f, 64<<10); ; {
		if _, err := r.ReadSlice('\n'); err != nil {
			return
		}
	}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// labLog is the log that the lab's Postfix wrote.
const labLog = "testdata/logs/postfix-3.7-lab.log.gz"

// writeLongLog writes at least so many bytes of log and counts its lines. Each
// pass over the lab's log is 70 seconds later than the one before.
func writeLongLog(tb testing.TB, name string, size int) (lines int) {
	tb.Helper()
	log := unzipped(tb, labLog)
	f, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	base := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	var line []byte
	for written, pass := 0, 0; written < size; pass++ {
		var first, at time.Time
		stamp := ""
		for source := range bytes.Lines(log) {
			if s := string(source[:15]); s != stamp {
				stamp = s
				if at, err = time.Parse(time.Stamp, s); err != nil {
					tb.Fatal(err)
				}
				if first.IsZero() {
					first = at
				}
			}
			now := base.Add(at.Sub(first) + time.Duration(pass)*70*time.Second)
			line = now.AppendFormat(line[:0], time.Stamp)
			line = appendOtherIDs(line, source[15:], pass)
			written += len(line)
			lines++
			if _, err := w.Write(line); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return lines
}

// appendOtherIDs copies a line with the microseconds of its queue ids moved on
// by as much for each pass.
func appendOtherIDs(dst, line []byte, pass int) []byte {
	for len(line) > 0 {
		n := 0
		for n < len(line) && strings.IndexByte("0123456789ABCDEF", line[n]) >= 0 {
			n++
		}
		if n < 10 || n > 13 || (len(dst) > 0 && isWord(dst[len(dst)-1])) || n < len(line) && isWord(line[n]) {
			n = min(max(n, 1), len(line))
			dst, line = append(dst, line[:n]...), line[n:]
			continue
		}
		micros, err := strconv.ParseUint(string(line[:5]), 16, 32)
		if err != nil {
			panic(err) // five hexadecimal digits, as counted above
		}
		dst = fmt.Appendf(dst, "%05X", (micros+uint64(pass)*3571)&0xfffff)
		dst, line = append(dst, line[5:n]...), line[n:]
	}
	return dst
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
