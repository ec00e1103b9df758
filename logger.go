package main

import (
	"io"
	"log/slog"
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

// loggers gives the exporter's logger, and the same for the web side, which
// wants log/slog's.
func (f logFlags) loggers(w io.Writer) (log.Logger, *slog.Logger) {
	w = log.NewSyncWriter(plainWriter{w})
	bare := log.NewLogfmtLogger(w)
	if *f.format == "json" {
		bare = log.NewJSONLogger(w)
	}
	web := slog.New(sloggokit.NewGoKitHandler(bare, slogLevel(*f.level)))
	stamped := log.With(bare, "time", log.TimestampFormat(func() time.Time { return time.Now().UTC() }, time.RFC3339Nano))
	return level.NewFilter(stamped, level.Allow(level.ParseDefault(*f.level, level.InfoValue()))), web
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
