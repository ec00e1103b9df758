package main

import (
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// unzipped reads a recorded log.
func unzipped(tb testing.TB, name string) []byte {
	tb.Helper()
	packed, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		tb.Fatal(err)
	}
	log, err := io.ReadAll(reader)
	if err != nil {
		tb.Fatal(err)
	}
	return log
}
