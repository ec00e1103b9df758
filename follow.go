package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/source"
	"postfix_exporter/parser"
)

// followFlags say which logs are followed, from where, and where the place in
// them is kept.
type followFlags struct {
	files                 *[]string
	journal, stdin        *bool
	from, timezone, state *string
}

// defaultState is where a package or an admin makes room for it.
const defaultState = "/var/lib/postfix_exporter/state"

func addFollowFlags(cmd *kingpin.CmdClause) followFlags {
	return followFlags{
		files: cmd.Flag("log.file", "Log file to follow; may be repeated, for example for Dovecot's own log. Found by itself where not given.").
			PlaceHolder("FILE").Strings(),
		journal: cmd.Flag("log.journal", "Read systemd's journal, by journalctl, in place of a file: only what Postfix's and Dovecot's own processes logged, "+
			"which a file can't tell. At the very first start it is read from 24 hours ago.").Bool(),
		stdin: cmd.Flag("log.stdin", "Read the log from standard input, in place of a file. No restart can read it again.").Bool(),
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
func (h *house) openLogs(c followFlags, stdin io.Reader, location *time.Location) error {
	h.follower = source.NewFollower()
	h.lag = map[string]func() int64{}
	fromEnd := *c.from == "end"
	for _, path := range h.logs {
		src, position := h.openSource(path, location)
		file := h.follower.AddFile(source.FileConfig{
			Path: path, Position: position, FromEnd: fromEnd, Report: h.report(path), Notice: h.notice(path),
		}, fold(h.ledger, src))
		h.lag[path] = file.Lag
	}
	if *c.journal {
		src, position := h.openSource("journal", location)
		h.follower.AddJournal(source.JournalConfig{
			Position: position, FromEnd: fromEnd, Trust: parser.JournalTrust{UIDs: h.mailUIDs()}, Now: time.Now,
			Report: h.report("journal"), Notice: h.notice("journal"),
		}, fold(h.ledger, src))
	}
	if *c.stdin {
		file, ok := stdin.(*os.File)
		if !ok {
			return errors.New("--log.stdin: standard input is no file")
		}
		src, _ := h.openSource("stdin", location)
		h.follower.AddStream(file, fold(h.ledger, src), h.report("stdin"), h.notice("stdin"))
	}
	return nil
}

// mailUIDs are the users that Postfix's and Dovecot's own processes run as.
func (h *house) mailUIDs() []uint32 {
	uids := []uint32{0}
	names := []string{"dovecot", "dovenull"}
	if len(h.instances) == 0 {
		names = append(names, "postfix")
	}
	for _, instance := range h.present() {
		if instance.MailOwnerUID > 0 {
			uids = append(uids, uint32(instance.MailOwnerUID))
		}
	}
	for _, name := range names {
		if u, err := user.Lookup(name); err == nil {
			if uid, err := strconv.ParseUint(u.Uid, 10, 32); err == nil {
				uids = append(uids, uint32(uid))
			}
		}
	}
	return uids
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

// logCollectors are those that show what is counted from the log. After a restart
// they are silent until they are where the last run may have been: what was saved
// last is older, and counters must not be seen to go back. At the very first start
// they are silent until there is a state to come back to.
func (h *house) logCollectors() []collector.Collector {
	all := logCollectors(h.ledger, h.names, h.lag)
	var after <-chan struct{} = h.state.begun
	if h.state.restored {
		after = h.follower.CaughtUp()
	}
	for i := range all {
		all[i] = silentUntil{all[i], after}
	}
	return all
}

// silentUntil is a collector that sends nothing before ready is closed.
type silentUntil struct {
	collector.Collector
	ready <-chan struct{}
}

// Update implements Collector.
func (c silentUntil) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	select {
	case <-c.ready:
		return c.Collector.Update(ctx, ch)
	default:
		return nil
	}
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
