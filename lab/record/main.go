// Record runs the lab and keeps the log that its Postfix wrote, gzipped, under
// testdata/.
//
//	record --story mixed  testdata/logs/postfix-3.7-lab.log.gz
//	record --story attack testdata/demo/attack.log.gz
//	record --story crowd --filter xforward testdata/logs/crowd-xforward.log.gz
//
// "attack" is the demo's own story. "mixed" is denser, and an admin cleans up at
// its end. "crowd" is short and holds every kind of owner and every way that a
// message goes on; beside its log it keeps the truth, as JSON. It needs root,
// Postfix and Dovecot.
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/lab"
)

func main() {
	app := kingpin.New("record", "Runs the lab and keeps its Postfix's log.")
	story := app.Flag("story", "What happens: attack (the demo's story), mixed (denser) or crowd (of every kind).").
		Default("attack").Enum("attack", "mixed", "crowd")
	filter := app.Flag("filter", "The way through a content filter: xforward, smtp, pipe or proxy. Default: none.").
		Default("").Enum("", "xforward", "smtp", "pipe", "proxy")
	file := app.Arg("file", "Where the gzipped log goes, NAME.log.gz.").Required().String()
	kingpin.MustParse(app.Parse(os.Args[1:]))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	app.FatalIfError(record(ctx, *story, lab.Filter(*filter), *file), "")
}

func record(ctx context.Context, story string, filter lab.Filter, file string) (err error) {
	run, options := attack, lab.Options{Filter: filter}
	switch story {
	case "mixed":
		// Some of it is to be given up while we look.
		run, options.MainCF = mixed, []string{"maximal_queue_lifetime = 25s", "bounce_queue_lifetime = 25s"}
	case "crowd":
		run, options.MainCF = crowd, lab.NoRetries()
	}
	l, err := lab.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Stop()) }()
	if err := run(ctx, l); err != nil {
		return err
	}
	truth := l.Truth.Counts()
	if len(truth.Failures) > 0 {
		return errors.Join(truth.Failures...)
	}
	// Some daemons speak at their end only.
	if err := l.Postfix.Stop(); err != nil {
		return err
	}
	if story == "crowd" {
		text, err := json.MarshalIndent(truth, "", "\t")
		if err != nil {
			return err
		}
		if err := os.WriteFile(strings.TrimSuffix(file, ".log.gz")+".truth.json", append(text, '\n'), 0o644); err != nil { //nolint:gosec // no secret in it
			return err
		}
	}
	return compress(l.Postfix.LogFile, file)
}

func crowd(ctx context.Context, l *lab.Lab) error {
	const half = 120
	l.Crowd(ctx, 0, half)
	for _, step := range []func(context.Context) error{l.Postfix.Wait, l.Flush, l.Requeue} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	l.Crowd(ctx, half, half)
	return errors.Join(l.Postfix.Wait(ctx), l.GiveUp(ctx))
}

func attack(ctx context.Context, l *lab.Lab) error {
	ctx, cancel := context.WithTimeout(ctx, 45*time.Second)
	defer cancel()
	story := lab.DemoStory()
	story.Attack.Messages = 400 // a small file
	l.Tell(ctx, story, func() {}, func() {})
	return nil
}

func mixed(ctx context.Context, l *lab.Lab) error {
	story := lab.Story{
		Pace:   60 * time.Millisecond,
		Quiet:  15 * time.Second,
		Attack: lab.Attack{Account: "emil", Messages: 250, Connections: 20, Pause: 200 * time.Millisecond},
	}
	during, cancel := context.WithTimeout(ctx, 45*time.Second)
	defer cancel()
	l.Tell(during, story, func() {}, func() {})
	return cleanUp(ctx, l.Postfix)
}

// cleanUp does what an admin does afterwards: a few messages one by one, then
// all of them.
func cleanUp(ctx context.Context, p *lab.Postfix) error {
	files, err := filepath.Glob(filepath.Join(p.QueueDir, "deferred", "?", "*"))
	if err != nil {
		return err
	}
	for i, file := range files[:min(len(files), 40)] {
		id := filepath.Base(file)
		actions := [][]string{{"-h", id}, {"-H", id}, {"-r", id}}
		if i%2 == 0 {
			actions = [][]string{{"-h", id}, {"-d", id}}
		}
		for _, action := range actions {
			if err := p.Super(ctx, action...); err != nil {
				return err
			}
		}
	}
	if err := p.Pickup(ctx); err != nil { // the requeued ones
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(8 * time.Second):
	}
	for _, action := range [][]string{{"-h", "ALL", "deferred"}, {"-H", "ALL"}, {"-d", "ALL", "deferred"}} {
		if err := p.Super(ctx, action...); err != nil {
			return err
		}
	}
	return nil
}

func compress(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, in); err != nil {
		return err
	}
	return w.Close()
}
