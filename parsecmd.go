package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/internal/source"
	"postfix_exporter/parser"
)

// parseCommand shows how each line is understood.
type parseCommand struct {
	name     string
	files    *[]string
	timezone *string
}

func addParse(app *kingpin.Application) *parseCommand {
	cmd := app.Command("parse", "Read log lines and print what the exporter understands of each: one JSON object a line, and at the end, "+
		"on standard error, how many lines came to which outcome and the commonest shapes that are unknown.")
	return &parseCommand{
		name:     cmd.FullCommand(),
		timezone: addTimezone(cmd),
		files:    addLogFiles(cmd),
	}
}

func addLogFiles(cmd *kingpin.CmdClause) *[]string {
	return cmd.Arg("file", "Log files, plain or gzip, in the order in which they were written; none or - reads standard input.").Strings()
}

func addTimezone(cmd *kingpin.CmdClause) *string {
	return cmd.Flag("log.timezone", "Time zone of log stamps that name none (Nov 23 13:41:21), such as Europe/Berlin or UTC.").
		Default("Local").String()
}

func (c *parseCommand) run(ctx context.Context, io streams) error {
	location, err := loadZone(*c.timezone)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(io.out, 64<<10)
	tally := newTally()
	var ev parser.Event
	var object []byte
	var writeErr error
	err = readAll(ctx, *c.files, io.in, location, func(_ string, p *parser.Parser) func([]byte) {
		return func(block []byte) {
			for line := range bytes.Lines(block) {
				p.Parse(line, &ev)
				tally.add(line, &ev)
				object = append(parser.AppendJSON(object[:0], &ev), '\n')
				if _, err := out.Write(object); err != nil && writeErr == nil {
					writeErr = err
				}
			}
		}
	}, func(*source.Reader) {})
	if writeErr == nil {
		writeErr = out.Flush()
	}
	tally.print(io.err)
	if err != nil {
		return err
	}
	return writeErr
}

// loadZone finds a time zone by its name.
func loadZone(name string) (*time.Location, error) {
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, &usageError{fmt.Errorf("--log.timezone: %w (a name such as Europe/Berlin, UTC or Local)", err)}
	}
	return location, nil
}

// readAll reads files one after the other, each with a parser of its own whose
// stamps take their year from the time the file was last written.
func readAll(ctx context.Context, files []string, stdin io.Reader, location *time.Location,
	handler func(name string, p *parser.Parser) func([]byte), began func(*source.Reader),
) error {
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, name := range files {
		reference := time.Now()
		if info, err := os.Stat(name); err == nil && name != "-" {
			reference = info.ModTime()
		}
		p := parser.New(parser.Options{Reference: reference, Location: location})
		reader := source.NewReader(source.DefaultLineLimit, handler(name, p))
		began(reader)
		var err error
		if name == "-" {
			err = reader.ReadStream(ctx, stdin)
		} else {
			err = reader.ReadFile(ctx, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// maxShapes bounds how many unknown shapes are told apart, and shapeLen each one.
const (
	maxShapes = 10_000
	shapeLen  = 120
)

// tally counts outcomes, and unknown lines by shape.
type tally struct {
	outcomes [parser.NumOutcomes]int
	shapes   map[string]int
	others   int // lines of shapes beyond the bound
}

func newTally() *tally { return &tally{shapes: map[string]int{}} }

func (t *tally) add(line []byte, ev *parser.Event) {
	t.outcomes[ev.Outcome]++
	if ev.Outcome != parser.Unknown {
		return
	}
	s := shape(line, ev)
	if _, known := t.shapes[s]; !known && len(t.shapes) >= maxShapes {
		t.others++
		return
	}
	t.shapes[s]++
}

// shape is the program and its message with numbers, addresses and quoted text
// made equal, so that lines of one kind have one shape.
func shape(line []byte, ev *parser.Event) string {
	message := line
	if i := bytes.Index(line, []byte(": ")); i >= 0 {
		message = line[i+2:]
	}
	out := append(make([]byte, 0, shapeLen+16), ev.Bytes(ev.Program)...)
	out = append(out, ": "...)
	for i := 0; i < len(message) && len(out) < shapeLen; i++ {
		switch c := message[i]; {
		case c == '<' || c == '"' || c == '[' || c == '(':
			end := bytes.IndexByte(message[i+1:], closing(c))
			out = append(out, c, '.', closing(c))
			if end >= 0 {
				i += end + 1
			} else {
				i = len(message)
			}
		case '0' <= c && c <= '9':
			if out[len(out)-1] != 'N' {
				out = append(out, 'N')
			}
		case c == '\n' || c == '\r':
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func closing(c byte) byte {
	switch c {
	case '<':
		return '>'
	case '[':
		return ']'
	case '(':
		return ')'
	}
	return c
}

// print writes the summary; shapes are quoted, as they hold what strangers wrote.
func (t *tally) print(w io.Writer) {
	total := 0
	for _, n := range t.outcomes {
		total += n
	}
	fmt.Fprintf(w, "%d lines:", total)
	for o, n := range t.outcomes {
		fmt.Fprintf(w, " %d %s", n, parser.Outcome(o))
	}
	fmt.Fprintln(w)
	if len(t.shapes) == 0 {
		return
	}
	fmt.Fprintln(w, "commonest unknown shapes:")
	shapes := slices.SortedFunc(maps.Keys(t.shapes), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.shapes[b], t.shapes[a]), cmp.Compare(a, b))
	})
	for _, s := range shapes[:min(len(shapes), 10)] {
		fmt.Fprintf(w, "%8d %s\n", t.shapes[s], strconv.QuoteToGraphic(s))
	}
	if t.others > 0 {
		fmt.Fprintf(w, "%8d lines of further shapes\n", t.others)
	}
}
