package triage

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain makes a text harmless on a terminal: one line, and what a terminal would
// obey or hide as \x escapes, byte by byte.
func Plain(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			for _, c := range []byte(text[i : i+size]) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
		} else {
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

// Short cuts a text to so many characters, with a sign that it goes on.
func short(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// Quote makes any text one word of bash, zsh or ksh, and harmless on a terminal. It
// never begins an option where the caller joins it to one by "=" or "--" stands before.
func Quote(word string) string {
	safe := word != ""
	plain := utf8.ValidString(word)
	for i, r := range word {
		safe = safe && (i > 0 || r != '=') && (r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("@%_+:=,./-", r))
		plain = plain && unicode.IsPrint(r)
	}
	switch {
	case safe:
		return word
	case plain:
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range []byte(word) {
		switch {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}
