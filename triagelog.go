package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/go-kit/log"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/source"
	"postfix_exporter/internal/triage"
	"postfix_exporter/parser"
	"postfix_exporter/site"
)

// tailBytes is how much of a log's end is read for details while the exporter gives
// the figures: what a busy server writes in hours, read in half a second.
const tailBytes = 256 << 20

// eachLine reads the logs and gives what each line says. The end alone of those that
// were found, all of those that were named.
func (s *scene) eachLine(ctx context.Context, each func(*parser.Event)) error {
	var ev parser.Event
	return s.eachBlock(ctx, func(_ string, p *parser.Parser) func([]byte) {
		return func(block []byte) {
			for line := range bytes.Lines(block) {
				p.Parse(line, &ev)
				each(&ev)
			}
		}
	})
}

func (s *scene) eachBlock(ctx context.Context, handler func(name string, p *parser.Parser) func([]byte)) error {
	if len(*s.flags.logs) > 0 {
		var reading atomic.Pointer[source.Reader]
		bar := startProgress(s.io.err, totalSize(s.logs), func() int64 {
			if r := reading.Load(); r != nil {
				return r.BytesRead()
			}
			return 0
		})
		defer bar.stop()
		return readAll(ctx, s.logs, s.io.in, s.location, handler, func(r *source.Reader) {
			bar.next()
			reading.Store(r)
		})
	}
	for _, name := range s.logs {
		if err := s.readTail(ctx, name, handler); err != nil {
			return err
		}
	}
	return nil
}

// readTail reads the last tailBytes of a file.
func (s *scene) readTail(ctx context.Context, name string, handler func(name string, p *parser.Parser) func([]byte)) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() && info.Size() > tailBytes {
		if _, err := file.Seek(-tailBytes, io.SeekEnd); err != nil { // the first line is cut, and malformed
			return err
		}
	}
	p := parser.New(parser.Options{Reference: info.ModTime(), Location: s.location})
	return source.NewReader(source.DefaultLineLimit, handler(name, p)).ReadStream(ctx, file)
}

// trail follows a principal through the logs; nil where there is none to read.
func (s *scene) trail(ctx context.Context, p triage.Principal) *triage.Trail {
	if len(s.logs) == 0 {
		return nil
	}
	follower := triage.Follow(p, s.domains, s.filterUsers(), s.reason)
	if err := s.eachLine(ctx, follower.Line); err != nil {
		s.miss("the log", err)
		return nil
	}
	return follower.Trail()
}

// filterUsers are the uids under which programs behind pipe(8) hand filtered mail back.
func (s *scene) filterUsers() (uids []string) {
	for _, i := range s.instances {
		for _, f := range i.Filters {
			if f.Pipe != "" && f.UID >= 0 {
				uids = append(uids, strconv.Itoa(f.UID))
			}
		}
	}
	return uids
}

// reason gives the class of a failed delivery.
func (s *scene) reason(ev *parser.Event) string {
	return s.classifier.Reason(ev.Code, ev.DSN, ev.Bytes(ev.Text)).String()
}

// foldLogs gives the metrics as the exporter would have them at the last line.
func (s *scene) foldLogs(ctx context.Context) (map[string]*dto.MetricFamily, error) {
	known := site.Unknown()
	if len(s.instances) > 0 {
		known = site.Of(s.instances...)
	}
	config := ledger.Config{Classifier: s.classifier}
	if len(*s.flags.logs) == 0 { // it is the log of now, however long it has been silent
		config.Clock = time.Now
	}
	book, err := ledger.New(config)
	if err != nil {
		return nil, err
	}
	book.Configure(known)
	err = s.eachBlock(ctx, func(name string, p *parser.Parser) func([]byte) {
		src := book.NewSource(sourceName(name), p)
		return func(block []byte) { book.Fold(src, block) }
	})
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	names := collector.Names{Account: collector.PlainNames, User: userNames()}
	registry.MustRegister(onceCollector{collector.NewSet(log.NewNopLogger(), logCollectors(book, names, nil)...)})
	list, err := registry.Gather()
	if err != nil {
		return nil, fmt.Errorf("gathering metrics: %w", err)
	}
	families := map[string]*dto.MetricFamily{}
	for _, family := range list {
		families[family.GetName()] = family
	}
	return families, nil
}
