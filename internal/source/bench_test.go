package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkFile compares the two ways to read a file with the least that any
// could do. Each counts the lines, so that every byte is looked at.
//
//	go test -bench File -count 6 ./internal/source/
func BenchmarkFile(b *testing.B) {
	line := "2026-11-23T13:41:21.123456+01:00 mx postfix/smtpd[23414]: connect from mail.example.org[192.0.2.25]\n"
	text := bytes.Repeat([]byte(line), 400_000)
	path := filepath.Join(b.TempDir(), "mail.log")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	count := 0
	split := func(block []byte) {
		for len(block) > 0 {
			block = block[bytes.IndexByte(block, '\n')+1:]
			count++
		}
	}
	ways := map[string]func() error{
		"bufio": func() error {
			file, err := os.Open(path)
			if err != nil {
				return err
			}
			defer file.Close()
			in := bufio.NewReaderSize(file, readSize)
			for {
				_, err := in.ReadSlice('\n')
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				count++
			}
		},
		"follow": func() error {
			f := NewFollower()
			file := f.AddFile(FileConfig{Path: path}, func(b *Block) (int, int64) {
				split(b.Lines)
				return len(b.Lines), 0
			})
			defer file.close()
			f.look(b.Context())
			return nil
		},
		"read": func() error { return NewReader(0, split).ReadFile(b.Context(), path) },
	}
	for _, name := range []string{"bufio", "follow", "read"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				count = 0
				if err := ways[name](); err != nil {
					b.Fatal(err)
				}
			}
			if count != 400_000 {
				b.Fatalf("%d lines", count)
			}
		})
	}
}
