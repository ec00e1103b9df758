package parser

import (
	"testing"
)

// TestNoAllocation holds the parser to its promise over every line we have, and
// over lines that an attacker filled.
func TestNoAllocation(t *testing.T) {
	for name, lines := range map[string][][]byte{"corpus": corpus(t), "hostile": hostileLines()} {
		p, ev := newParser(), new(Event)
		if n := testing.AllocsPerRun(10, func() {
			for _, line := range lines {
				p.Parse(line, ev)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations over %d lines, want none; culprits:\n%s", name, n, len(lines), allocating(lines))
		}
	}
}

// TestJSONNoAllocation: AppendJSON takes no memory but dst's.
func TestJSONNoAllocation(t *testing.T) {
	p, ev, dst := newParser(), new(Event), make([]byte, 0, 1<<16)
	for _, line := range corpus(t) {
		p.Parse(line, ev)
		if n := testing.AllocsPerRun(2, func() { dst = AppendJSON(dst[:0], ev) }); n != 0 {
			t.Fatalf("%v allocations for %s", n, line)
		}
	}
}

func allocating(lines [][]byte) (culprits []byte) {
	p, ev := newParser(), new(Event)
	for _, line := range lines {
		if testing.AllocsPerRun(5, func() { p.Parse(line, ev) }) != 0 {
			culprits = append(append(culprits, line...), '\n')
			if len(culprits) > 2000 {
				break
			}
		}
	}
	return culprits
}
