package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// progress draws a bar while a long read goes on, where it is drawn on a
// terminal. It says nothing of reads that take less than a second.
type progress struct {
	out   io.Writer
	total int64 // bytes; 0 where not known
	read  func() int64
	begun time.Time

	mu     sync.Mutex
	before int64 // bytes of the files that are done

	done chan struct{}
	wait sync.WaitGroup
}

const barWidth = 30

// startProgress begins to draw; read gives the bytes read of the present file.
func startProgress(out io.Writer, total int64, read func() int64) *progress {
	p := &progress{out: out, total: total, read: read, begun: time.Now(), done: make(chan struct{})}
	if isTerminal(out) {
		p.wait.Go(p.draw)
	}
	return p
}

// next says that another file begins.
func (p *progress) next() {
	p.mu.Lock()
	p.before += p.read()
	p.mu.Unlock()
}

// stop ends the drawing and wipes it away.
func (p *progress) stop() {
	close(p.done)
	p.wait.Wait()
}

func (p *progress) draw() {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	drawn := false
	for {
		select {
		case <-p.done:
			if drawn {
				fmt.Fprint(p.out, "\r\x1b[K")
			}
			return
		case now := <-tick.C:
			if elapsed := now.Sub(p.begun); elapsed > time.Second {
				p.mu.Lock()
				n := p.before + p.read()
				p.mu.Unlock()
				fmt.Fprint(p.out, "\r\x1b[K", bar(n, p.total, elapsed))
				drawn = true
			}
		}
	}
}

// bar is one state of the drawing.
func bar(n, total int64, elapsed time.Duration) string {
	speed := float64(n) / elapsed.Seconds()
	if total <= 0 {
		return fmt.Sprintf("%d MB read, %.0f MB/s", n>>20, speed/(1<<20))
	}
	share := min(float64(n)/float64(total), 1)
	left := "-"
	if speed > 0 {
		left = (time.Duration(float64(total-n)/speed) * time.Second).Round(time.Second).String()
	}
	filled := int(share * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f %%  %.0f MB/s  %s left",
		strings.Repeat("=", filled), strings.Repeat(" ", barWidth-filled), share*100, speed/(1<<20), left)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
