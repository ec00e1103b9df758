// Demo shows the exporter at work: a private Postfix on loopback, ordinary mail
// through it, then the abuse of one account, and the few figures that matter,
// read from /metrics over HTTP. Where there is no root or no Postfix it plays a
// recorded attack instead, and says so. It ends, and takes away all that it
// started, at Ctrl-C or after --for.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/lab"
)

func main() {
	app := kingpin.New("demo", "An attack on a private Postfix, watched through the exporter.")
	exporter := app.Flag("exporter", "The exporter's binary.").Required().ExistingFile()
	limit := app.Flag("for", "End by itself after this time, if not by Ctrl-C before.").Default("1h").Duration()
	recorded := app.Flag("recorded", "Play the recording even where Postfix could run.").Bool()
	recording := app.Flag("recording", "The recorded attack.").Default("testdata/demo/attack.log.gz").String()
	kingpin.MustParse(app.Parse(os.Args[1:]))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()

	why := lab.Usable()
	if *recorded {
		why = errors.New("--recorded was asked for")
	}
	var err error
	if why == nil {
		err = live(ctx, *exporter)
	} else {
		err = replay(ctx, *exporter, *recording, why)
	}
	// Being told to end is no fault, wherever it was at that moment.
	if err != nil && ctx.Err() == nil || errors.Is(err, errLeft) {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

// errLeft says that something was left behind.
var errLeft = errors.New("not all was taken away")
