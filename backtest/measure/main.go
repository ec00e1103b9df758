// Measure says how good the alert rules are: it makes logs by lab/traffic, whose
// attacks are known, and compares them with what would have paged. Beside them
// run three rules that many admins have today.
//
//	go run ./measure --seed 1 --seed 2
package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace/noop"

	"postfix_exporter/backtest/score"
	"postfix_exporter/dashboards"
)

//go:embed baselines
var baselines embed.FS

// entrant is a file of rules that is scored.
type entrant struct {
	name  string
	rules []byte
}

func main() {
	debug.SetGCPercent(400)                          // the heap is some 100 MB, nearly all of it short-lived
	otel.SetTracerProvider(noop.NewTracerProvider()) // the rule engine traces itself, to nobody here
	app := kingpin.New("measure", "How good the alert rules are, on logs of lab/traffic.")
	var (
		s        = set{}
		factors  []float64
		file     = app.Flag("rules", "Alert rules instead of the shipped ones.").String()
		baseline = app.Flag("baselines", "Compare with the rules that many admins have today, and nothing else.").Bool()
		asJSON   = app.Flag("json", "Print all cases as JSON.").Bool()
		write    = app.Flag("write", "Write the tables into this document, between its marks.").PlaceHolder("FILE").String()
	)
	app.Flag("seed", "Seed of a log (repeatable). Those below 100 are for tuning, the others for reporting.").
		Default("201", "202", "203", "204").Uint64ListVar(&s.seeds)
	app.Flag("days", "How long each log is.").Default("8").IntVar(&s.days)
	app.Flag("accounts", "How many accounts there are.").Default("60").IntVar(&s.accounts)
	app.Flag("quiet", "How many accounts there are in the log without attacks, 0 for no such log.").Default("0").IntVar(&s.quiet)
	app.Flag("factor", "Compare with the rules with the thresholds of accounts that many times as high, and nothing else (repeatable).").Float64ListVar(&factors)
	app.Flag("rounds", "How often each kind of attack occurs in a log.").Default("2").IntVar(&s.rounds)
	app.Flag("step", "Interval of scrapes and evaluations.").Default("15s").DurationVar(&s.step)
	app.Flag("kind", "Only this kind of attack (repeatable).").StringsVar(&s.kinds)
	kingpin.MustParse(app.Parse(os.Args[1:]))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	entrants, err := entrantsOf(*file, *baseline)
	app.FatalIfError(err, "rules")
	entrants = append(entrants, curves(entrants[0].rules, factors)...)
	total, err := s.run(ctx, entrants)
	app.FatalIfError(err, "")
	whole := len(total.logs) == len(s.logs())
	if !whole {
		fmt.Fprintf(os.Stderr, "interrupted: %d of %d logs are scored\n", len(total.logs), len(s.logs()))
	}
	if *asJSON {
		app.FatalIfError(json.NewEncoder(os.Stdout).Encode(total.scores), "")
		return
	}
	tables := s.tables(entrants, total)
	switch {
	case len(factors) > 0:
		tables = []table{s.curve(entrants, total)}
	case *baseline:
		tables = []table{s.contest(entrants, total)}
	}
	for _, t := range tables {
		fmt.Println(t.text)
	}
	printDetails(os.Stdout, total.scores[0])
	if *write == "" || !whole {
		return
	}
	for _, t := range tables {
		app.FatalIfError(replaceBetween(*write, t.mark, t.text), "")
	}
}

// entrantsOf gives the rules, and the baselines after them.
func entrantsOf(file string, withBaselines bool) ([]entrant, error) {
	all := []entrant{{"these rules", dashboards.Rules()}}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all[0].rules = text
	}
	if !withBaselines {
		return all, nil
	}
	for _, b := range []struct{ name, file string }{
		{"more than 500 messages queued for 5 min", "queue"},
		{"an account with more than 500 recipients in an hour", "rate"},
		{"an account from more than 10 networks in a day", "addresses"},
	} {
		text, err := baselines.ReadFile("baselines/" + b.file + ".rules.yml")
		if err != nil {
			return nil, err
		}
		all = append(all, entrant{b.name, text})
	}
	return all, nil
}

// parallel is how many logs are made at once: one takes some 100 MB.
const parallel = 2

// run scores all logs; if it is interrupted, those that are done by then.
func (s *set) run(ctx context.Context, entrants []entrant) (*outcome, error) {
	logs := s.logs()
	perLog := make([]*outcome, len(logs))
	errs := make([]error, len(logs))
	var wait sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for n, which := range logs {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if perLog[n], errs[n] = s.one(ctx, which, entrants); errs[n] == nil {
				fmt.Fprintf(os.Stderr, "seed %d done: %s\n", which.Seed, strings.Join(which.Kinds, " "))
			}
		})
	}
	wait.Wait()
	total := &outcome{scores: make([]*score.Score, len(entrants))}
	for e := range entrants {
		total.scores[e] = &score.Score{}
	}
	for n, o := range perLog {
		switch {
		case errors.Is(errs[n], context.Canceled):
		case errs[n] != nil:
			return nil, errs[n]
		default:
			total.join(o)
		}
	}
	return total, nil
}
