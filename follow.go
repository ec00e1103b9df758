package main

import (
	"fmt"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log/level"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/source"
	"postfix_exporter/parser"
)

// followFlags say which logs are followed, from where, and where the place in
// them is kept.
type followFlags struct {
	files                 *[]string
	from, timezone, state *string
}

// defaultState is where a package or an admin makes room for it.
const defaultState = "/var/lib/postfix_exporter/state"

func addFollowFlags(cmd *kingpin.CmdClause) followFlags {
	return followFlags{
		files: cmd.Flag("log.file", "Log file to follow; may be repeated, for example for Dovecot's own log. Found by itself where not given.").
			PlaceHolder("FILE").Strings(),
		from: cmd.Flag("log.from", "Where a log is begun that no saved state knows: at its start or its end.").
			Default("start").Enum("start", "end"),
		timezone: addTimezone(cmd),
		state: cmd.Flag("state.file", "Where all counts and the place in each log are saved every few seconds, so that a restart goes on there. "+
			"Empty: nowhere, and a restart begins anew.").
			Default(defaultState).String(),
	}
}

// openLogs makes the follower of all logs. Each goes on where the saved state
// left it.
func (h *house) openLogs(fromEnd bool, location *time.Location) {
	h.follower = source.NewFollower()
	h.lag = map[string]func() int64{}
	for _, path := range h.logs {
		src, position := h.openSource(path, location)
		file := h.follower.AddFile(source.FileConfig{
			Path: path, Position: position, FromEnd: fromEnd, Report: h.report(path), Notice: h.notice(path),
		}, fold(h.ledger, src))
		h.lag[path] = file.Lag
	}
}

// openSource gives the ledger a source, which goes on from its last line.
func (h *house) openSource(name string, location *time.Location) (src *ledger.Source, position []byte) {
	position, last := h.ledger.Position(name)
	options := parser.Options{Reference: time.Now(), Location: location}
	if last != 0 {
		options.Last = time.Unix(0, last)
	}
	return h.ledger.NewSource(name, parser.New(options)), position
}

// fold gives the handler that folds a source's blocks into the ledger.
func fold(book *ledger.Ledger, src *ledger.Source) source.Handler {
	return func(b *source.Block) (n int, next int64) {
		return book.FoldBatch(src, ledger.Batch{
			Lines: b.Lines, Facts: ledger.Facts(b.Facts), Until: b.Until, AppendPosition: b.AppendPosition,
		})
	}
}

func (h *house) report(name string) func(error) {
	return func(err error) {
		if err != nil {
			level.Error(h.logger).Log("msg", "log can't be read", "source", name, "err", err)
			return
		}
		level.Info(h.logger).Log("msg", "log can be read again", "source", name)
	}
}

func (h *house) notice(name string) func(string) {
	return func(text string) { level.Warn(h.logger).Log("msg", text, "source", name) }
}

// left says in words how much of the logs is to be read.
func (h *house) left() string {
	var left int64
	for _, lag := range h.lag {
		left += lag()
	}
	return fmt.Sprintf("reading the log that was there at the start: %d MB left", left>>20)
}
