package parser

import (
	"bytes"
	"encoding/binary"
)

// JournalField is a field of a journal entry that is read; all others are
// passed over (systemd.journal-fields(7)). Those with an underscore are set by
// journald itself and can't be forged.
type JournalField uint8

const (
	JournalCursor     JournalField = iota // __CURSOR: the entry's place
	JournalTime                           // __REALTIME_TIMESTAMP: when journald got it, in microseconds
	JournalSourceTime                     // _SOURCE_REALTIME_TIMESTAMP: when it was sent, where that is known
	JournalTransport                      // _TRANSPORT
	JournalHost                           // _HOSTNAME
	JournalUID                            // _UID
	JournalPID                            // _PID
	JournalUnit                           // _SYSTEMD_UNIT
	JournalIdentifier                     // SYSLOG_IDENTIFIER: what the sender says
	JournalSenderPID                      // SYSLOG_PID
	JournalMessage                        // MESSAGE
	journalOther                          // any other

	numJournalFields = int(journalOther)
)

// JournalDecoder reads journalctl's export format (systemd.dev/JOURNAL_EXPORT_FORMATS)
// from pieces of any size. It keeps of an entry what Fields names, and no more
// than limits that allow for whatever Postfix and systemd write. What is no such
// format is counted and passed over up to the next empty line.
type JournalDecoder struct {
	// Malformed counts the entries that were given up.
	Malformed uint64
	// Cut says that the entry's message was longer than the limit.
	Cut bool

	limit  int // of a message
	fields [numJournalFields][]byte

	state  journalState
	done   bool // the entry was handed out: the next byte begins another
	field  JournalField
	filled bool   // the entry has a field
	key    []byte // of the field, as far as it has come
	size   [8]byte
	sized  int    // bytes of size that have come
	left   uint64 // bytes of a binary value that are still to come
}

type journalState uint8

const (
	inKey journalState = iota
	inText
	inSize
	inBinary
	behindBinary
	inGarbage      // until an empty line
	inGarbageStart // at the beginning of a line of it
)

const (
	maxJournalKey   = 64      // systemd's own limit
	maxJournalValue = 2048    // of all but the message
	maxJournalSize  = 1 << 30 // of a binary value; journald takes less
)

// NewJournalDecoder makes a decoder that cuts messages at limit bytes.
func NewJournalDecoder(limit int) *JournalDecoder { return &JournalDecoder{limit: limit} }

// Field gives a field of the entry that was read last; empty where it has none.
// Its bytes live until the next call of Next.
func (d *JournalDecoder) Field(f JournalField) []byte { return d.fields[f] }

// Next reads up to the end of an entry. It returns what of in is behind it and
// true, or nothing and false where the entry's end is still to come.
func (d *JournalDecoder) Next(in []byte) (rest []byte, ok bool) {
	for len(in) > 0 {
		if d.done {
			d.reset()
		}
		switch d.state {
		case inKey:
			in, ok = d.readKey(in)
			if ok {
				d.done = true
				return in, true
			}
		case inText:
			end := bytes.IndexByte(in, '\n')
			if end < 0 {
				d.keep(in)
				return nil, false
			}
			d.keep(in[:end])
			d.state, in = inKey, in[end+1:]
		case inSize:
			n := copy(d.size[d.sized:], in)
			d.sized, in = d.sized+n, in[n:]
			if d.sized == len(d.size) {
				d.left, d.state = binary.LittleEndian.Uint64(d.size[:]), inBinary
				if d.left > maxJournalSize {
					d.giveUp()
				} else if d.left == 0 {
					d.state = behindBinary
				}
			}
		case inBinary:
			n := min(d.left, uint64(len(in)))
			d.keep(in[:n])
			if d.left, in = d.left-n, in[n:]; d.left == 0 {
				d.state = behindBinary
			}
		case behindBinary:
			if in[0] != '\n' {
				d.giveUp()
				continue
			}
			d.state, in = inKey, in[1:]
		case inGarbage:
			end := bytes.IndexByte(in, '\n')
			if end < 0 {
				return nil, false
			}
			d.state, in = inGarbageStart, in[end+1:]
		case inGarbageStart:
			if in[0] == '\n' {
				d.reset()
				in = in[1:]
			} else {
				d.state = inGarbage
			}
		}
	}
	return nil, false
}

// readKey reads a field's name up to the '=' before a text or the newline before
// a binary value; or the empty line at an entry's end.
func (d *JournalDecoder) readKey(in []byte) (rest []byte, entry bool) {
	if in[0] == '\n' && len(d.key) == 0 {
		if d.filled {
			return in[1:], true
		}
		return in[1:], false // one more empty line
	}
	for i, c := range in {
		switch {
		case c == '=' || c == '\n':
			if len(d.key) == 0 {
				d.giveUp()
				return in, false
			}
			d.begin(journalField(d.key))
			d.state = inText
			if c == '\n' {
				d.state, d.sized = inSize, 0
			}
			return in[i+1:], false
		case len(d.key) < maxJournalKey && ('A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'):
			d.key = append(d.key, c)
		default:
			d.giveUp()
			return in[i:], false
		}
	}
	return nil, false
}

// begin begins a value. Of a field that an entry has twice the last one counts.
func (d *JournalDecoder) begin(f JournalField) {
	d.field, d.filled, d.key = f, true, d.key[:0]
	if f != journalOther {
		d.fields[f] = d.fields[f][:0]
	}
}

func (d *JournalDecoder) keep(b []byte) {
	if d.field == journalOther {
		return
	}
	limit := maxJournalValue
	if d.field == JournalMessage {
		limit = d.limit
	}
	room := limit - len(d.fields[d.field])
	if len(b) > room {
		d.Cut = d.Cut || d.field == JournalMessage
		b = b[:room]
	}
	d.fields[d.field] = append(d.fields[d.field], b...)
}

func (d *JournalDecoder) giveUp() {
	d.Malformed++
	d.state = inGarbage
}

func (d *JournalDecoder) reset() {
	for i := range d.fields {
		d.fields[i] = d.fields[i][:0]
	}
	d.state, d.done, d.filled, d.Cut, d.key = inKey, false, false, false, d.key[:0]
}

func journalField(key []byte) JournalField {
	switch string(key) {
	case "__CURSOR":
		return JournalCursor
	case "__REALTIME_TIMESTAMP":
		return JournalTime
	case "_SOURCE_REALTIME_TIMESTAMP":
		return JournalSourceTime
	case "_TRANSPORT":
		return JournalTransport
	case "_HOSTNAME":
		return JournalHost
	case "_UID":
		return JournalUID
	case "_PID":
		return JournalPID
	case "_SYSTEMD_UNIT":
		return JournalUnit
	case "SYSLOG_IDENTIFIER":
		return JournalIdentifier
	case "SYSLOG_PID":
		return JournalSenderPID
	case "MESSAGE":
		return JournalMessage
	}
	return journalOther
}
