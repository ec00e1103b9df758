package parser

import (
	"fmt"
	"strings"
)

// Tables are lines that an admin puts before those of the built-in tables: of
// failure reasons ("reason<TAB>phrase") and of providers ("provider<TAB>domain").
type Tables struct{ Reasons, Providers string }

// BuiltinTables are the tables that are part of the program.
func BuiltinTables() Tables { return Tables{Reasons: builtinReasons, Providers: builtinProviders} }

// tableLines hands each line of a table to f; '#' begins a comment line. An error
// says which line it was.
func tableLines(table string, f func(class, pattern string) error) error {
	line := 0
	for text := range strings.Lines(table) {
		line++
		text = strings.TrimRight(text, "\r\n")
		if text == "" || text[0] == '#' {
			continue
		}
		class, pattern, ok := strings.Cut(text, "\t")
		if !ok || pattern == "" {
			return fmt.Errorf("line %d: want two columns with a tab between them, not %.80q", line, text)
		}
		if err := f(class, pattern); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	return nil
}
