package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/parser"
)

// BenchmarkFollow measures what following a file costs that grows by 1250 lines
// between two looks, 5000 lines a second: read, parsed, folded, with the place
// kept. It is held against a bare splitter of the same file. CPU time counts, in
// turn in one run; it reports medians.
//
//	go test -pgo ../../default.pgo -run '^$' -bench Follow -benchtime 9x ./internal/source/
func BenchmarkFollow(b *testing.B) {
	const perLook = 1250
	lines := labLines(b)
	path := filepath.Join(b.TempDir(), "mail.log")
	var bare, whole []float64 // nanoseconds a line
	for b.Loop() {
		must(b, os.WriteFile(path, nil, 0o600))
		log, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		must(b, err)
		book, err := ledger.New(ledger.Config{})
		must(b, err)
		src := book.NewSource(path, parser.New(parser.Options{Reference: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}))
		f := NewFollower()
		file := f.AddFile(FileConfig{Path: path}, func(b *Block) (int, int64) {
			return book.FoldBatch(src, ledger.Batch{Lines: b.Lines, Facts: ledger.Facts(b.Facts), Until: b.Until, AppendPosition: b.AppendPosition})
		})
		count, used := 0, time.Duration(0)
		for range 5 {
			for chunk := range slices.Chunk(lines, perLook) {
				_, err := log.Write(bytes.Join(chunk, nil))
				must(b, err)
				count += len(chunk)
				begin := cpuTime(b)
				f.look(b.Context())
				used += cpuTime(b) - begin
			}
		}
		file.close()
		must(b, log.Close())
		begin := cpuTime(b)
		splitFile(b, path)
		bare = append(bare, float64(cpuTime(b)-begin)/float64(count))
		whole = append(whole, float64(used)/float64(count))
	}
	slices.Sort(bare)
	slices.Sort(whole)
	splitter, follow := bare[len(bare)/2], whole[len(whole)/2]
	b.ReportMetric(0, "ns/op") // the time of a round says nothing
	b.ReportMetric(splitter, "ns/line-splitter")
	b.ReportMetric(follow, "ns/line")
	b.ReportMetric(follow/splitter, "x-splitter")
}

func labLines(b *testing.B) [][]byte {
	b.Helper()
	file, err := os.Open("../../testdata/logs/postfix-3.7-lab.log.gz")
	must(b, err)
	defer file.Close()
	plain, err := gzip.NewReader(file)
	must(b, err)
	text, err := io.ReadAll(plain)
	must(b, err)
	lines := bytes.SplitAfter(text, []byte("\n"))
	return lines[:len(lines)-1]
}

func splitFile(b *testing.B, path string) {
	b.Helper()
	file, err := os.Open(path)
	must(b, err)
	defer file.Close()
	for in := bufio.NewReaderSize(file, 64<<10); ; {
		if _, err := in.ReadSlice('\n'); err != nil {
			return
		}
	}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &use))
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
