package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"postfix_exporter/backtest/replay"
	"postfix_exporter/internal/source"
)

// progress draws how much of the logs is read, where it is drawn on a terminal.
type progress struct {
	out    io.Writer
	total  int64 // bytes, as they are stored
	before atomic.Int64
	reader atomic.Pointer[source.Reader]
	done   chan struct{}
	wait   sync.WaitGroup
}

const barWidth = 40

func startProgress(out io.Writer, logs []replay.Log) *progress {
	p := &progress{out: out, done: make(chan struct{})}
	for _, l := range logs {
		p.total += l.Size
	}
	if f, ok := out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.wait.Go(p.draw)
		}
	}
	return p
}

// next says that another file begins.
func (p *progress) next(r *source.Reader) {
	if last := p.reader.Swap(r); last != nil {
		p.before.Add(last.BytesRead())
	}
}

func (p *progress) stop() {
	close(p.done)
	p.wait.Wait()
}

func (p *progress) draw() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	begun := time.Now()
	for {
		select {
		case <-p.done:
			fmt.Fprint(p.out, "\r\x1b[K")
			return
		case now := <-tick.C:
			read := p.before.Load()
			if r := p.reader.Load(); r != nil {
				read += r.BytesRead()
			}
			share := min(1, float64(read)/float64(max(1, p.total)))
			left := time.Duration(float64(now.Sub(begun)) * (1 - share) / max(share, 0.001)).Round(time.Second)
			filled := int(share * barWidth)
			fmt.Fprintf(p.out, "\r\x1b[K[%s%s] %3.0f %%  %s left", strings.Repeat("=", filled), strings.Repeat(" ", barWidth-filled), share*100, left)
		}
	}
}
