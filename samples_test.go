package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// samples are what one scrape gave, by name and labels as they are printed.
type samples map[string]float64

func readSamples(t *testing.T, text string) samples {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Error("/metrics is no valid UTF-8")
	}
	s := samples{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		line = strings.TrimSuffix(line, "\n")
		space := strings.LastIndexByte(line, ' ')
		v, err := strconv.ParseFloat(line[space+1:], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		s[line[:space]] = v
	}
	return s
}

// sum adds up the samples of a metric that have all these labels, each written
// as name="value".
func (s samples) sum(metric string, labels ...string) (total float64) {
	for key, v := range s {
		name, rest, _ := strings.Cut(key, "{")
		rest = "," + strings.TrimSuffix(rest, "}") + ","
		matches := name == metric
		for _, label := range labels {
			matches = matches && strings.Contains(rest, ","+label+",")
		}
		if matches {
			total += v
		}
	}
	return total
}

// differences lists where s is not as wanted.
func (s samples) differences(want samples) string {
	var b strings.Builder
	for key, w := range want {
		if got, ok := s[key]; !ok {
			fmt.Fprintf(&b, "%s is absent, want %v\n", key, w)
		} else if got != w {
			fmt.Fprintf(&b, "%s is %v, want %v\n", key, got, w)
		}
	}
	return b.String()
}

// orNone gives the samples that are wanted, 0 for those that are absent.
func (s samples) orNone(want samples) samples {
	all := samples{}
	for key := range want {
		all[key] = s[key]
	}
	return all
}
