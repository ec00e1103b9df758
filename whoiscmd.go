package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/source"
	"postfix_exporter/internal/statefile"
	"postfix_exporter/parser"
)

// whoisCommand gives the account behind a label of --account.labels=hash. Who
// may read the key and the state or the log may know; nobody else can.
type whoisCommand struct {
	name                       string
	hash, keyFile, conf, state *string
	logs                       *[]string
}

func addWhois(app *kingpin.Application) *whoisCommand {
	cmd := app.Command("whois", "Say which account stands behind a label of --account.labels=hash: it is looked for among the names in the saved "+
		"state and in the log. Only who may read the key file, as root may, gets an answer.")
	return &whoisCommand{
		name:    cmd.FullCommand(),
		keyFile: addKeyFile(cmd),
		state:   cmd.Flag("state.file", "The exporter's saved state.").Default(defaultState).PlaceHolder("FILE").String(),
		conf:    cmd.Flag("postfix.config-directory", "Directory of the instance's main.cf, by which its log is found.").PlaceHolder("DIR").String(),
		logs: cmd.Flag("log.file", "Log file to look in, plain or gzip; may be repeated for rotated ones. Found by itself where not given.").
			PlaceHolder("FILE").Strings(),
		hash: cmd.Arg("hash", "The label's value: 16 hexadecimal digits.").Required().String(),
	}
}

var errUnknownHash = errors.New("no account in the saved state or in the log has this hash; name rotated logs with --log.file, and see that " +
	"the key file is the exporter's")

func (c *whoisCommand) run(ctx context.Context, io streams) error {
	if !isHash(*c.hash) {
		return &usageError{fmt.Errorf("%q is no hash of an account: that has 16 hexadecimal digits", *c.hash)}
	}
	key, err := readKey(*c.keyFile)
	if err != nil {
		return err
	}
	hashed, found := collector.HashedNames(key), false
	is := func(name string) bool {
		found = hashed(name) == *c.hash
		if found {
			fmt.Fprintln(io.out, plain(name))
		}
		return found
	}
	if err := accountsSaved(*c.state, is); err != nil || found {
		return err
	}
	logs := *c.logs
	if len(logs) == 0 {
		if logs, err = findLog(ctx, *c.conf); err != nil {
			return err
		}
	}
	if err := accountsIn(ctx, logs, io, is); err != nil || found {
		return err
	}
	return errUnknownHash
}

// accountsSaved calls f for each account of a saved state, until it says that it
// is enough. A state that is not there has none.
func accountsSaved(path string, f func(name string) (enough bool)) error {
	blob, _, err := statefile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	book, err := ledger.Restore(ledger.Config{}, blob)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	book.Read(func(s *ledger.State) {
		for _, a := range s.Accounts.All() {
			if f(a.Name) {
				return
			}
		}
	})
	return nil
}

func findLog(ctx context.Context, configDir string) ([]string, error) {
	options := postconf.Options{ConfigDirectory: configDir}
	instance, err := postconf.Discover(ctx, options)
	if err != nil {
		return nil, err
	}
	name, _, err := postconf.FindLog(instance, options)
	return []string{name}, err
}

// accountsIn calls f for each account that logs name as accepted, in general
// once, until it says that it is enough.
func accountsIn(ctx context.Context, logs []string, io streams, f func(name string) (enough bool)) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	enough := errors.New("enough")
	var ev parser.Event
	seen := map[string]bool{}
	err := readAll(ctx, logs, io.in, time.UTC, func(_ string, p *parser.Parser) func([]byte) {
		return func(block []byte) {
			for line := range bytes.Lines(block) {
				p.Parse(line, &ev)
				name := ev.Bytes(ev.SASLUsername)
				if ev.Kind != parser.KindClient || len(name) == 0 || seen[string(name)] || context.Cause(ctx) != nil {
					continue
				}
				if len(seen) >= maxSeenAccounts {
					clear(seen)
				}
				seen[string(name)] = true
				if f(string(name)) {
					stop(enough)
				}
			}
		}
	}, func(*source.Reader) {})
	if errors.Is(context.Cause(ctx), enough) {
		return nil
	}
	return err
}

// maxSeenAccounts bounds the memory of a search.
const maxSeenAccounts = 100_000

func isHash(text string) bool {
	return len(text) == 16 && strings.Trim(text, "0123456789abcdef") == ""
}
