package ledger

import (
	"bytes"
	"math"

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
	Name     string
	Lines    [parser.NumOutcomes]uint64
	Bytes    uint64 // with their newlines
	LastLine int64  // log time of the last line that had one, nanoseconds since the epoch
	Lost     [parser.NumLosses]uint64
	Repeated uint64 // lines that a syslog daemon folded into "message repeated N times"
	Facts    Facts
	Shown    Facts // those of them that a scrape may show

	// Position is where the source stood behind the last line folded, in the
	// source's own words; empty where it can't go on from one.
	Position []byte

	open bool // it is a source of this run, and no earlier one's
}

// Open says whether the source is one of this run. The figures of others wait
// for its return.
func (r *SourceState) Open() bool { return r.open }

// Facts count what befell a source, beside its lines.
type Facts struct {
	Truncated   uint64 // lines over the source's limit
	Rotations   uint64 // another file took the log's name
	Restarts    uint64 // of the program that the lines come from
	Forged      uint64 // lines that claim to be of a program that didn't write them; they are not folded
	Truncations uint64 // gaps: the file was truncated, and what was written last is nowhere
	Vanished    uint64 // gaps: the file that was being read is gone
	Unreadable  uint64 // gaps: a file is damaged, or compressed in a way that can't be read
	LostBytes   uint64 // known to have been in those gaps; there may have been more
}

func (f *Facts) walk(c *codec) {
	for _, n := range f.all() {
		c.uint64(n)
	}
}

func (f *Facts) add(more Facts) {
	to, from := f.all(), more.all()
	for i := range to {
		*to[i] += *from[i]
	}
}

func (f *Facts) all() [8]*uint64 {
	return [...]*uint64{
		&f.Truncated, &f.Rotations, &f.Restarts, &f.Forged, &f.Truncations, &f.Vanished, &f.Unreadable, &f.LostBytes,
	}
}

// Batch is what a source hands on at once.
type Batch struct {
	// Lines are whole lines; the last may lack its newline. At most 1 MiB: the
	// lock is held for all of them.
	Lines []byte
	// Facts are those since the batch before.
	Facts Facts
	// Until is a log time in nanoseconds since the epoch: lines later than it are
	// left for another batch.
	Until int64
	// AppendPosition appends where the source stands behind the first n bytes of
	// Lines. It may be nil, and must not call the ledger.
	AppendPosition func(dst []byte, n int) []byte
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
			row := &l.state.Sources[i]
			row.open, row.Shown = true, row.Facts
			return &Source{row: i, parser: p}
		}
	}
	l.state.Sources = append(l.state.Sources, SourceState{Name: name, open: true})
	return &Source{row: len(l.state.Sources) - 1, parser: p}
}

// Position gives where the source of this name stood when the state was saved
// that the ledger was restored from, and the log time of its last line; nothing
// and 0 where it is new.
func (l *Ledger) Position(name string) (position []byte, lastLine int64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for i := range l.state.Sources {
		if row := &l.state.Sources[i]; row.Name == name {
			return bytes.Clone(row.Position), row.LastLine
		}
	}
	return nil, 0
}

// Batches counts what FoldBatch has taken in since the ledger was made: while it
// stays, a snapshot says nothing new.
func (l *Ledger) Batches() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.batches
}

// Fold takes in a block of whole lines; the last may lack its newline. It holds
// the lock for the whole block, so blocks should be at most 1 MiB. It keeps no
// byte of block.
func (l *Ledger) Fold(src *Source, block []byte) {
	l.FoldBatch(src, Batch{Lines: block, Until: math.MaxInt64})
}

// FoldBatch takes in the lines of a batch up to the first that is later than its
// Until, and with them, so that no snapshot falls between, its facts and its
// position. It says how many bytes it has taken, and the time of the line that
// it left, where it left one. It keeps no byte of the batch.
func (l *Ledger) FoldBatch(src *Source, b Batch) (n int, next int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches++
	row := &l.state.Sources[src.row]
	for events := 1; events > 0; {
		events, n, next = src.read(b, n, l.batch)
		for i := range events {
			ev := &l.batch.events[i]
			row.line(ev)
			l.apply(ev)
		}
	}
	row.Bytes += uint64(n)
	row.Facts.add(b.Facts)
	if !l.holdFacts {
		row.Shown = row.Facts
	}
	if b.AppendPosition != nil {
		row.Position = b.AppendPosition(row.Position[:0], n)
	}
	return n, next
}

// batch is what is read before it is applied. By turns of so many lines the code
// of the one stays in the processor's cache, and then that of the other.
type batch struct {
	events   [batchSize]parser.Event
	commands [batchSize]parser.Commands
}

const batchSize = 256

// read parses lines from offset n on, until the batch is full or one is later than
// b's Until. It says how many, the offset behind them, and the time of that one.
func (s *Source) read(b Batch, n int, to *batch) (events, end int, next int64) {
	for events < batchSize && n < len(b.Lines) {
		line, size := b.Lines[n:], len(b.Lines)-n
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line, size = line[:i], i+1
		}
		ev := &to.events[events]
		s.parser.Parse(line, ev)
		if ev.Time > b.Until {
			return events, n, ev.Time
		}
		if ev.Commands != nil { // the parser's own, until the next line
			to.commands[events] = *ev.Commands
			ev.Commands = &to.commands[events]
		}
		n += size
		events++
	}
	return events, n, 0
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
	c.uint64(&r.Bytes)
	c.int64(&r.LastLine)
	numbers(c, r.Lost[:])
	c.uint64(&r.Repeated)
	r.Facts.walk(c)
	c.bytes(&r.Position)
}
