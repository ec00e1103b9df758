// Cmd plays the attacks of the lab, each against a Postfix of its own that a real
// Prometheus and Alertmanager watch, and says what was paged.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/lab"
	"postfix_exporter/lab/attacks"
	"postfix_exporter/lab/watch"
)

func main() {
	app := kingpin.New("attacks", "Attacks on a private Postfix, and what is paged.")
	t := attacks.Theatre{}
	app.Flag("exporter", "The exporter's binary.").Default("./postfix_exporter").ExistingFileVar(&t.Exporter)
	app.Flag("at-once", "How many scenes are played at the same time.").Default("12").IntVar(&t.AtOnce)
	app.Flag("settle", "How long to look for needless pages after an attack is found.").Default("1m").DurationVar(&t.Settle)
	app.Flag("quiet", "And after a look-alike is over: rules wait 5 minutes at most before they make a ticket.").Default("7m").DurationVar(&t.Quiet)
	name := app.Arg("name", "Which: all whose name begins so; all of them by default.").String()
	kingpin.MustParse(app.Parse(os.Args[1:]))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := play(ctx, t, *name); err != nil {
		fmt.Fprintf(os.Stderr, "attacks: %v\n", err)
		os.Exit(1)
	}
}

func play(ctx context.Context, t attacks.Theatre, name string) error {
	if err := errors.Join(lab.Usable(), watch.Usable()); err != nil {
		return err
	}
	scenes := attacks.Named(name)
	if len(scenes) == 0 {
		return fmt.Errorf("no scene is called %s", name)
	}
	t.Done = say(time.Now())
	results, err := t.Play(ctx, scenes)
	fmt.Println()
	attacks.Table(os.Stdout, results)
	if err != nil {
		return err
	}
	var bad []string
	for _, r := range results {
		if len(r.Faults) > 0 {
			bad = append(bad, r.Scene.Name)
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("%d of %d scenes are not as they must be: %s", len(bad), len(results), strings.Join(bad, ", "))
	}
	fmt.Printf("\nAll %d scenes are as they must be.\n", len(results))
	return nil
}

// say tells how each scene went, with the texts of its alerts.
func say(begin time.Time) func(attacks.Result) {
	return func(r attacks.Result) {
		fmt.Printf("%5.0f s  %s: %s\n", time.Since(begin).Seconds(), r.Scene.Name, r.Scene.Proves)
		for _, f := range r.Found {
			fmt.Printf("         %s\n", f.Alert.Text())
		}
		for _, fault := range r.Faults {
			fmt.Printf("         NOT GOOD: %s\n", fault)
		}
	}
}
