package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// plain writes what a terminal would obey, and what it would hide, as \u escapes:
// an error may hold a file's name or the words of another program.
func plain(text string) string {
	if !strings.ContainsFunc(text, unprintable) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !unprintable(r):
			b.WriteRune(r)
		case r > 0xffff:
			b.WriteString(`\ufffd`) // four digits, so that it stands in JSON too
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func unprintable(r rune) bool {
	return r != '\n' && (r == unicode.ReplacementChar || !unicode.IsPrint(r))
}

// plainWriter is the way of whole lines to where a terminal may be.
type plainWriter struct{ w io.Writer }

func (p plainWriter) Write(line []byte) (int, error) {
	if _, err := io.WriteString(p.w, plain(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}
