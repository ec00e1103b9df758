package parser

import (
	"bufio"
	"bytes"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// BenchmarkParse measures the parser against a bare splitter over the same
// bytes: what reading a log costs where nothing is made of it. Both run in turn
// within one benchmark, a round of each, and CPU time counts instead of the
// wall's, so that a busy machine spoils the figures less. It reports medians:
// nanoseconds a line of either, how many times the splitter's time the whole
// (splitting and parsing) takes, and the whole's megabytes a second.
//
//	go test ./parser -pgo default.pgo -run '^$' -bench Parse -benchtime 15x
//
// default.pgo is the profile that the binary is built with.
//
// The log has 100 MB (BENCH_MB=300 makes it 300) and is made of testdata.
func BenchmarkParse(b *testing.B) {
	for _, variant := range []struct {
		name string
		log  func(testing.TB, int) []byte
	}{
		{"rfc3164", func(tb testing.TB, size int) []byte { return mixedLog(tb, size, stampRFC3164) }},
		{"iso", func(tb testing.TB, size int) []byte { return mixedLog(tb, size, stampISO) }},
		{"hostile", hostileLog},
	} {
		b.Run(variant.name, func(b *testing.B) { rounds(b, variant.log(b, benchSize(b))) })
	}
}

func benchSize(b *testing.B) int {
	b.Helper()
	megabytes := 100
	if s := os.Getenv("BENCH_MB"); s != "" {
		var err error
		if megabytes, err = strconv.Atoi(s); err != nil {
			b.Fatalf("BENCH_MB=%q is no number", s)
		}
	}
	return megabytes << 20
}

func rounds(b *testing.B, log []byte) {
	b.Helper()
	var bare, whole []float64 // nanoseconds a line
	lines := float64(bytes.Count(log, []byte("\n")))
	p, ev := newParser(), new(Event)
	splitLog(log, func(line []byte) { p.Parse(line, ev) }) // warms the caches
	for b.Loop() {
		begin := cpuTime(b)
		splitLog(log, func([]byte) {})
		middle := cpuTime(b)
		splitLog(log, func(line []byte) { p.Parse(line, ev) })
		end := cpuTime(b)
		bare = append(bare, float64(middle-begin)/lines)
		whole = append(whole, float64(end-middle)/lines)
	}
	splitter, parse := median(bare), median(whole)
	b.ReportMetric(0, "ns/op") // the time of a round says nothing
	b.ReportMetric(splitter, "ns/line-splitter")
	b.ReportMetric(parse, "ns/line")
	b.ReportMetric(parse/splitter, "x-splitter")
	b.ReportMetric(float64(len(log))/lines/parse*1e3, "MB/s")
}

// splitLog is the bare splitter: bufio.Reader, which finds line ends by
// bytes.IndexByte.
func splitLog(log []byte, line func([]byte)) {
	r := bufio.NewReaderSize(bytes.NewReader(log), 64<<10)
	for {
		b, err := r.ReadSlice('\n')
		if err != nil { // io.EOF, as no line is over the buffer's size
			return
		}
		line(b)
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

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// mixedLog makes a log of at least so many bytes: lines of real Postfix in the
// order they were written, one in twenty of the corpus between them, all
// stamped anew with a clock that goes on by a second every 50 lines.
func mixedLog(tb testing.TB, size int, stamp func([]byte, time.Time) []byte) []byte {
	tb.Helper()
	var usual [][]byte
	for _, name := range append(labFiles(tb), "../testdata/lines/postfix-3.7.log", "../testdata/lines/postfix-3.12.log") {
		usual = append(usual, bodies(readLines(tb, name))...)
	}
	odd := bodies(corpus(tb))
	log, now := make([]byte, 0, size+64<<10), reference.Add(-24*time.Hour)
	for i := 0; len(log) < size; i++ {
		if i%50 == 0 {
			now = now.Add(time.Second)
		}
		body := usual[i%len(usual)]
		if i%20 == 19 {
			body = odd[(i/20)%len(odd)]
		}
		log = append(append(stamp(log, now), body...), '\n')
	}
	return log
}

// bodies gives what follows the stamp of each line that has an RFC 3164 stamp.
func bodies(lines [][]byte) (out [][]byte) {
	for _, line := range lines {
		if len(line) > 16 && line[3] == ' ' && line[9] == ':' && line[12] == ':' && line[15] == ' ' {
			out = append(out, line[16:])
		}
	}
	return out
}

func stampRFC3164(b []byte, t time.Time) []byte { return t.AppendFormat(b, "Jan _2 15:04:05 ") }

func stampISO(b []byte, t time.Time) []byte {
	return t.Add(186234*time.Microsecond).AppendFormat(b, "2006-01-02T15:04:05.000000Z07:00 ")
}

func hostileLog(_ testing.TB, size int) []byte {
	lines := hostileLines()
	log := make([]byte, 0, size+4096)
	for i := 0; len(log) < size; i++ {
		log = append(append(log, lines[i%len(lines)]...), '\n')
	}
	return log
}
