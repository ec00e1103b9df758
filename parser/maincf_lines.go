package parser

import (
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

// logicalLines gives the logical lines of a Postfix configuration file, each
// with the number of its first line. A line that begins with white space goes
// on with the one before; empty lines and comments are skipped, also between a
// line and its continuation (util/readlline.c).
func logicalLines(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		var logical strings.Builder
		first, number := 0, 0
		for line := range strings.Lines(text) {
			number++
			content := strings.TrimSpace(line)
			if content == "" || content[0] == '#' {
				continue
			}
			if configBlank(line[0]) && first > 0 {
				logical.WriteByte(' ')
				logical.WriteString(content)
				continue
			}
			if first > 0 && !yield(first, logical.String()) {
				return
			}
			logical.Reset()
			logical.WriteString(strings.TrimRight(line, " \t\r\n"))
			first = number
		}
		if first > 0 {
			yield(first, logical.String())
		}
	}
}

// configFields splits text at white space and at the bytes of more, but never within
// braces (mystrtokq(3)). A brace that is not closed runs to the end.
func configFields(text, more string) []string {
	var out []string
	begin, depth := -1, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case depth == 0 && (configBlank(c) || strings.IndexByte(more, c) >= 0):
			if begin >= 0 {
				out = append(out, text[begin:i])
			}
			begin = -1
			continue
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
		}
		if begin < 0 {
			begin = i
		}
	}
	if begin >= 0 {
		out = append(out, text[begin:])
	}
	return out
}

// SplitList splits the value of a list parameter at white space and commas.
// What stands in braces, as in inline:{a=b, c=d}, stays one item.
func SplitList(value string) []string { return configFields(value, ",") }

// printableText says whether text can stand in a label or a log line as it is.
func printableText(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

func configBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// Faults are the entries of a configuration file that could not be understood
// and were left out.
type Faults struct {
	First error // the first of them, with its line number
	Count int
}

func (f *Faults) add(line int, format string, args ...any) {
	if f.Count++; f.First == nil {
		f.First = fmt.Errorf("line %d: "+format, append([]any{line}, args...)...)
	}
}

// err gives nil if all was understood.
func (f *Faults) err() error {
	if f.Count == 0 {
		return nil
	}
	return f
}

func (f *Faults) Error() string {
	if f.Count == 1 {
		return f.First.Error()
	}
	return fmt.Sprintf("%v (and %d more)", f.First, f.Count-1)
}
