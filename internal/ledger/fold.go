package ledger

import (
	"bytes"

	"postfix_exporter/parser"
)

// Source is where lines come from: one log file, the journal, standard input.
// It belongs to the ledger that made it and to one goroutine at a time.
type Source struct {
	row    int
	parser *parser.Parser
}

// SourceState counts what came from one source.
type SourceState struct {
	Name      string
	Lines     [parser.NumOutcomes]uint64
	Truncated uint64 // lines over the source's limit
	Bytes     uint64 // with their newlines
	LastLine  int64  // log time of the last line that had one, nanoseconds since the epoch
	Lost      [parser.NumLosses]uint64
	Repeated  uint64 // lines that a syslog daemon folded into "message repeated N times"

	// Position is where the source stood behind the last line folded, in the
	// source's own words; empty where it can't go on from one.
	Position []byte
}

// maxLoss bounds what one line may say about lines that never came.
const maxLoss = 1_000_000_000

// NewSource registers a source under a name, which becomes a label value; a
// source of the same name goes on counting where the one before left off.
// Each source has a parser of its own: a parser remembers the lines before.
func (l *Ledger) NewSource(name string, p *parser.Parser) *Source {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.state.Sources {
		if l.state.Sources[i].Name == name {
			return &Source{row: i, parser: p}
		}
	}
	l.state.Sources = append(l.state.Sources, SourceState{Name: name})
	return &Source{row: len(l.state.Sources) - 1, parser: p}
}

// Fold takes in a block of whole lines; the last may lack its newline. It holds
// the lock for the whole block, so blocks should be at most 1 MiB. It keeps no
// byte of block.
func (l *Ledger) Fold(src *Source, block []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	row := &l.state.Sources[src.row]
	row.Bytes += uint64(len(block))
	for len(block) > 0 {
		line := block
		if i := bytes.IndexByte(block, '\n'); i >= 0 {
			line, block = block[:i], block[i+1:]
		} else {
			block = nil
		}
		src.parser.Parse(line, &l.event)
		row.line(&l.event)
		l.apply(&l.event)
	}
}

// Truncated counts n lines that the source's reader had to cut. What it hands
// on of them counts on its own.
func (l *Ledger) Truncated(src *Source, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Sources[src.row].Truncated += n
}

func (r *SourceState) line(ev *parser.Event) {
	r.Lines[ev.Outcome]++
	if ev.Time != 0 {
		r.LastLine = ev.Time
	}
	if ev.Outcome != parser.Parsed {
		return
	}
	switch ev.Kind {
	case parser.KindLogLoss:
		r.Lost[ev.Loss] += uint64(min(max(ev.Value, 0), maxLoss))
	case parser.KindLogRepeat:
		r.Repeated += uint64(min(max(ev.Value, 0), maxLoss))
	}
}

func (r *SourceState) walk(c *codec) {
	c.string(&r.Name)
	numbers(c, r.Lines[:])
	c.uint64(&r.Truncated)
	c.uint64(&r.Bytes)
	c.int64(&r.LastLine)
	numbers(c, r.Lost[:])
	c.uint64(&r.Repeated)
	c.bytes(&r.Position)
}
