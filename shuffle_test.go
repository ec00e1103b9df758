package main

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"postfix_exporter/parser"
)

// shuffled moves lines of different processes against each other, as if each line
// had been up to 50 ms on its way. The lab's log has seconds only: within one, lines
// are taken to be evenly spread.
func shuffled(log []byte, seed uint64) []byte {
	type line struct {
		text []byte
		at   time.Duration // after the first second
	}
	random := rand.New(rand.NewPCG(seed, 0))
	p := parser.New(parser.Options{Reference: time.Now(), Location: time.Local})
	var ev parser.Event
	var lines []line
	perSecond := map[int64]int{}
	var seconds []int64
	for text := range bytes.Lines(log) {
		p.Parse(text, &ev)
		second := ev.Time / int64(time.Second)
		perSecond[second]++
		seconds = append(seconds, second)
		lines = append(lines, line{text: text})
	}
	nth := map[int64]int{}
	last := map[string]time.Duration{}
	for i, second := range seconds {
		at := time.Duration(second-seconds[0])*time.Second + time.Second*time.Duration(nth[second])/time.Duration(perSecond[second])
		nth[second]++
		at += time.Duration(random.Int64N(int64(50 * time.Millisecond)))
		who := processOf(lines[i].text)
		at = max(at, last[who]) // a process's own lines stay in order
		last[who] = at
		lines[i].at = at
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	var b bytes.Buffer
	for _, l := range lines {
		b.Write(l.text)
	}
	return b.Bytes()
}

// processOf is the tag with the process id.
func processOf(line []byte) string {
	_, rest, _ := bytes.Cut(line, []byte(" postfix/"))
	tag, _, _ := bytes.Cut(rest, []byte(": "))
	return string(tag)
}
