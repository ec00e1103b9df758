package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log/level"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"as it is: Grüße <a@b.test>\n":      "as it is: Grüße <a@b.test>\n",
		"\x1b[31mred\a\tand\x7f":            `\u001b[31mred\u0007\u0009and\u007f`,
		"one of two bytes: \u009b31m":       `one of two bytes: \u009b31m`,
		"no UTF-8: \xff":                    `no UTF-8: \ufffd`,
		"backwards: \u202e, hidden: \u200b": `backwards: \u202e, hidden: \u200b`,
		"beyond: \U000e0041":                `beyond: \ufffd`,
	} {
		if got := plain(text); got != want {
			t.Errorf("plain(%q) is %q, want %q", text, got, want)
		}
	}
}

func TestTheLogIsPlain(t *testing.T) {
	for _, format := range []string{"logfmt", "json"} {
		var out strings.Builder
		app := kingpin.New("test", "")
		flags := addLogFlags(app.Command("serve", "").Default())
		if _, err := app.Parse([]string{"--log.format=" + format}); err != nil {
			t.Fatal(err)
		}
		logger, web, _ := flags.loggers(&out)
		const words = "\x1b[31m\u009b31m\x7f"
		level.Info(logger).Log("msg", words, "err", errors.New(words))
		web.Info(words)
		if n := strings.Count(out.String(), "\n"); n != 2 || strings.ContainsAny(out.String(), "\x1b\u009b\x7f") {
			t.Errorf("%s: %d lines, want 2 without control characters: %q", format, n, out.String())
		}
	}
}
