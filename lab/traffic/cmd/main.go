// Traffic writes a log of weeks of mail that never was, and the truth about it.
//
//	go run ./lab/traffic/cmd --seed 7 month.log.gz month.json
package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/lab/traffic"
)

func main() {
	app := kingpin.New("traffic", "Writes a log of weeks of mail that never was, and the truth about it.")
	var (
		seed     = app.Flag("seed", "The same seed gives the same log.").Default("1").Uint64()
		start    = app.Flag("start", "First day.").Default("2026-10-01").String()
		days     = app.Flag("days", "How many days.").Default("30").Int()
		accounts = app.Flag("accounts", "How many accounts; all traffic grows with it.").Default("1000").Int()
		rounds   = app.Flag("rounds", "How often each kind of attack occurs.").Default("1").Int()
		kinds    = app.Flag("kind", "Only this kind of attack (repeatable): "+strings.Join(traffic.Kinds(), ", ")+".").Enums(traffic.Kinds()...)
		log      = app.Arg("log", "Where the log goes; packed if its name ends in .gz.").Required().String()
		truth    = app.Arg("truth", "Where the truth goes (JSON).").Required().String()
	)
	kingpin.MustParse(app.Parse(os.Args[1:]))
	first, err := time.Parse(time.DateOnly, *start)
	app.FatalIfError(err, "--start")
	app.FatalIfError(run(traffic.Config{
		Seed: *seed, Start: first, Days: *days, Accounts: *accounts, Rounds: *rounds, Kinds: *kinds,
		Progress: func(hours int) { fmt.Fprintf(os.Stderr, "\r%3d %%", 100*hours/(24**days)) },
	}, *log, *truth), "")
}

func run(c traffic.Config, log, truth string) (err error) {
	file, err := os.Create(log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	t, err := write(file, strings.HasSuffix(log, ".gz"), c)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "\r%d lines, %d attacks\n", t.Lines, len(t.Attacks))
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return os.WriteFile(truth, append(text, '\n'), 0o600)
}

func write(w io.Writer, packed bool, c traffic.Config) (*traffic.Truth, error) {
	if !packed {
		return traffic.Generate(w, c)
	}
	// BestSpeed: packing takes longer than making the log.
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	t, err := traffic.Generate(zip, c)
	return t, errors.Join(err, zip.Close())
}
