package main

import (
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"
)

// logFlags choose how the exporter itself logs.
type logFlags struct{ level, format *string }

func addLogFlags(cmd *kingpin.CmdClause) logFlags {
	return logFlags{
		level: cmd.Flag("log.level", "Only log messages of this severity or above: debug, info, warn, error.").
			Default("info").Enum("debug", "info", "warn", "error"),
		format: cmd.Flag("log.format", "Form of the exporter's own log: logfmt or json.").
			Default("logfmt").Enum("logfmt", "json"),
	}
}

// loggers gives the exporter's logger, the same for the web side, which wants
// log/slog's, and the dial of both.
func (f logFlags) loggers(w io.Writer) (log.Logger, *slog.Logger, *dial) {
	w = log.NewSyncWriter(plainWriter{w})
	bare := log.NewLogfmtLogger(w)
	if *f.format == "json" {
		bare = log.NewJSONLogger(w)
	}
	stamped := log.With(bare, "time", log.TimestampFormat(func() time.Time { return time.Now().UTC() }, time.RFC3339Nano))
	d := &dial{
		usual: level.NewFilter(stamped, level.Allow(level.ParseDefault(*f.level, level.InfoValue()))),
		debug: level.NewFilter(stamped, level.AllowDebug()), level: slogLevel(*f.level),
	}
	d.web.Set(d.level)
	return d, slog.New(sloggokit.NewGoKitHandler(bare, &d.web)), d
}

// dial is a logger whose level can be turned to debug and back while it is in use.
type dial struct {
	usual, debug log.Logger
	level        slog.Level // the usual one
	web          slog.LevelVar
	on           atomic.Bool
}

// Log implements log.Logger.
func (d *dial) Log(keyvals ...any) error {
	if d.on.Load() {
		return d.debug.Log(keyvals...)
	}
	return d.usual.Log(keyvals...)
}

// turn turns debug messages on, or off again. It is for one goroutine.
func (d *dial) turn() (on bool) {
	on = !d.on.Load()
	d.on.Store(on)
	d.web.Set(d.level)
	if on {
		d.web.Set(slog.LevelDebug)
	}
	return on
}

func slogLevel(name string) slog.Level {
	switch name {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}
