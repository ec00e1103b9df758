package traffic

import (
	"bytes"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// BenchmarkGenerate tells how fast a log is made, and how many times the time it
// takes to parse it that is: CPU time, both in the same run, medians.
//
//	go test ./lab/traffic -run '^$' -bench Generate -benchtime 5x
func BenchmarkGenerate(b *testing.B) {
	c := config()
	var log bytes.Buffer
	if _, err := Generate(&log, c); err != nil {
		b.Fatal(err)
	}
	var rates, ratios []float64
	for b.Loop() {
		begin := cpuTime(b)
		truth, err := Generate(io.Discard, c)
		if err != nil {
			b.Fatal(err)
		}
		middle := cpuTime(b)
		p, ev := parser.New(parser.Options{}), new(parser.Event)
		for line := range bytes.Lines(log.Bytes()) {
			p.Parse(line, ev)
		}
		making, parsing := middle-begin, cpuTime(b)-middle
		rates = append(rates, float64(truth.Lines)/making.Seconds())
		ratios = append(ratios, float64(making)/float64(parsing))
	}
	b.ReportMetric(median(rates), "lines/s")
	b.ReportMetric(median(ratios), "times-parsing")
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// cpuTime is what this process has used.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
