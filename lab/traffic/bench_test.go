package traffic

import (
	"bytes"
	"io"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// BenchmarkGenerate tells how fast a log is made, and how many times the time it
// takes to parse it that is, both measured in the same run.
//
//	go test ./lab/traffic -run '^$' -bench Generate -benchtime 5x
func BenchmarkGenerate(b *testing.B) {
	c := config()
	var log bytes.Buffer
	if _, err := Generate(&log, c); err != nil {
		b.Fatal(err)
	}
	var making, parsing time.Duration
	lines := uint64(0)
	for b.Loop() {
		begin := time.Now()
		truth, err := Generate(io.Discard, c)
		if err != nil {
			b.Fatal(err)
		}
		lines += truth.Lines
		middle := time.Now()
		p, ev := parser.New(parser.Options{}), new(parser.Event)
		for line := range bytes.Lines(log.Bytes()) {
			p.Parse(line, ev)
		}
		making, parsing = making+middle.Sub(begin), parsing+time.Since(middle)
	}
	b.ReportMetric(float64(lines)/making.Seconds(), "lines/s")
	b.ReportMetric(float64(making)/float64(parsing), "times-parsing")
}
