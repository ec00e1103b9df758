package parser

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew; read what changed before you keep it")

// TestGolden holds every line of the corpus against the event it gave when a
// person last read it through: one JSON object a line.
func TestGolden(t *testing.T) {
	for _, name := range corpusFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			p, ev, got := newParser(), new(Event), []byte(nil)
			lines := readLines(t, name)
			for _, line := range lines {
				p.Parse(line, ev)
				got = append(AppendJSON(got, ev), '\n')
			}
			golden := strings.TrimSuffix(name, ".log") + ".golden"
			if *update {
				writeGolden(t, golden, got)
				return
			}
			compare(t, lines, bytes.Split(got, []byte("\n")), bytes.Split(readGolden(t, golden), []byte("\n")))
		})
	}
}

func writeGolden(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readGolden(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./parser -update writes it", err)
	}
	return data
}

// checkGolden holds a text against its golden file.
func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		writeGolden(t, file, []byte(got))
		return
	}
	if want := readGolden(t, file); got != string(want) {
		t.Errorf("%s:\n got %s\nwant %s", file, got, want)
	}
}

func compare(t *testing.T, lines, got, want [][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d events, the golden file has %d", len(got)-1, len(want)-1)
	}
	shown := 0
	for i := range min(len(got), len(want), len(lines)) {
		if bytes.Equal(got[i], want[i]) {
			continue
		}
		t.Errorf("line %d: %s\n got %s\nwant %s", i+1, lines[i], got[i], want[i])
		if shown++; shown == 10 {
			t.Fatal("and more")
		}
	}
}

// TestOutcomes says for whole files what no line in them may be.
func TestOutcomes(t *testing.T) {
	for file, allowed := range map[string][]Outcome{
		"foreign.log":      {Foreign, Ignored},
		"postfix-3.7.log":  {Parsed, Ignored},
		"postfix-3.12.log": {Parsed, Ignored},
		"adversarial.log":  {Parsed, Ignored},
		"reject.log":       {Parsed},
		"delivery.log":     {Parsed, Ignored},
		"rare-3.7.log":     {Parsed, Ignored},
		"quoted.log":       {Parsed},
		"ipv6.log":         {Parsed, Ignored},
	} {
		p, ev := newParser(), new(Event)
		for i, line := range readLines(t, "../testdata/lines/"+file) {
			p.Parse(line, ev)
			if !isOneOf(allowed, ev.Outcome) {
				t.Errorf("%s:%d is %v: %s", file, i+1, ev.Outcome, line)
			}
		}
	}
}

func isOneOf(list []Outcome, o Outcome) bool {
	for _, x := range list {
		if x == o {
			return true
		}
	}
	return false
}

// TestLabLogs reads whole logs that Postfix wrote in the lab: none of its lines
// may be unknown or malformed.
func TestLabLogs(t *testing.T) {
	for _, name := range labFiles(t) {
		p, ev := newParser(), new(Event)
		postfix, failed, shapes := 0, 0, map[string]int{}
		for _, line := range readLines(t, name) {
			p.Parse(line, ev)
			if ev.Outcome == Foreign {
				continue
			}
			postfix++
			if ev.Outcome == Unknown || ev.Outcome == Malformed {
				failed++
				shapes[ev.Outcome.String()+" "+shape(line)]++
			}
		}
		if postfix == 0 {
			t.Errorf("%s holds no line of Postfix", name)
		}
		if failed > 0 {
			t.Errorf("%s: %d of %d lines not understood, the commonest shapes:\n%s", name, failed, postfix, commonest(shapes, 10))
		}
	}
}

// shape makes lines that differ only in figures alike.
func shape(line []byte) string {
	line = line[:min(len(line), 160)]
	out := make([]byte, 0, len(line))
	for _, c := range line {
		if '0' <= c && c <= '9' {
			if n := len(out); n > 0 && out[n-1] == '#' {
				continue
			}
			c = '#'
		}
		out = append(out, c)
	}
	return string(out)
}

func commonest(shapes map[string]int, n int) string {
	keys := make([]string, 0, len(shapes))
	for k := range shapes {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if shapes[keys[i]] != shapes[keys[j]] {
			return shapes[keys[i]] > shapes[keys[j]]
		}
		return keys[i] < keys[j]
	})
	var b strings.Builder
	for _, k := range keys[:min(n, len(keys))] {
		fmt.Fprintf(&b, "%7d %s\n", shapes[k], k)
	}
	return b.String()
}
