// Postfix_exporter measures a Postfix mail server for Prometheus: what its log,
// its queue and its processes say, message by message, account by account.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	_ "time/tzdata" // --log.timezone works in an image without zone files

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
)

// Exit codes: 0 done, 1 failed, 2 the command line is wrong.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	// The kernel gives a signal to the first thread, even while that one hangs in a
	// file system that does not answer: so only this goroutine runs there.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	var usage *usageError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "postfix_exporter: %s; see postfix_exporter --help\n", plain(err.Error()))
		os.Exit(exitUsage)
	case err != nil:
		fmt.Fprintf(os.Stderr, "postfix_exporter: %s\n", plain(err.Error()))
		os.Exit(exitFailed)
	}
}

// streams are where a command reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// errExit ends run after kingpin has printed help, the version or a completion.
var errExit = errors.New("done")

// run is the whole program but for its exit.
func run(ctx context.Context, args []string, io streams) (err error) {
	app := kingpin.New("postfix_exporter", help)
	app.Version(version.Print("postfix_exporter"))
	app.HelpFlag.Short('h')
	app.UsageTemplate(usageTemplate)
	app.UsageWriter(io.out)
	app.ErrorWriter(io.err)
	app.Terminate(func(int) { panic(errExit) })
	defer func() {
		if p := recover(); p != nil && p != any(errExit) {
			panic(p)
		}
	}()

	serve := addServe(app)
	parse := addParse(app)
	replay := addReplay(app)
	classes := addClasses(app)
	whois := addWhois(app)
	triage := addTriage(app)
	doctor := addDoctor(app)
	command, err := app.Parse(args)
	if err != nil {
		return &usageError{blame(app, args, err)}
	}
	switch command {
	case serve.name:
		return serve.run(ctx, io)
	case parse.name:
		return parse.run(ctx, io)
	case classes.name:
		return classes.run(ctx, io)
	case whois.name:
		return whois.run(ctx, io)
	case triage.name:
		return triage.run(ctx, io)
	case doctor.name:
		return doctor.run(ctx, io)
	default:
		return replay.run(ctx, io)
	}
}

const help = `Prometheus exporter for the Postfix mail server: who sends how much, what is refused and why, what is queued and whose, how many
processes of which service run.

With no flag it finds Postfix's configuration, queue and log by itself, says in one line what it found, and serves
http://127.0.0.1:9154/metrics. It reads as far as it may: the log (group adm on Debian), the queue (group postdrop, or root). What it
can't read it names, with the mend.`
