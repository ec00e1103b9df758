package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"postfix_exporter/lab/watch"
)

// pager is what somebody would hold who is on call.
type pager struct {
	mu         sync.Mutex
	prometheus string // its address
	missing    error  // why there is none
	pages      []watch.Notification
}

func (p *pager) told(n watch.Notification) {
	if n.Receiver != "pager" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages = append(p.pages, n)
}

func (p *pager) lookAt(prometheus string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prometheus = prometheus
}

const (
	pageRows    = 2 // the last so many pages are shown
	pageColumns = 100
)

// lines say what was paged.
func (p *pager) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.missing != nil {
		return []string{fmt.Sprintf("PAGES  none without Prometheus and Alertmanager: %v", p.missing)}
	}
	lines := []string{fmt.Sprintf("PAGES  %d   Prometheus: %s/alerts", len(p.pages), p.prometheus)}
	for _, n := range p.pages[max(0, len(p.pages)-pageRows):] {
		for _, a := range n.Alerts {
			lines = append(lines, wrap(n.At.Format(time.TimeOnly)+" "+a.Name()+": "+printable(a.Text()), pageColumns)...)
		}
	}
	return lines
}

// wrap breaks a text into indented lines of so many columns.
func wrap(text string, columns int) (lines []string) {
	line := " "
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > columns {
			lines = append(lines, line)
			line = "   "
		}
		line += " " + word
	}
	return append(lines, line)
}
