package parser

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// MaxShowqString bounds one name or value of a showq(8) stream, in bytes: four
// times Postfix's default line_length_limit, which showq(8) itself keeps to.
const MaxShowqString = 8192

var (
	// ErrShowqTruncated: the stream broke off before the empty list that ends it.
	// What was read of it is not the whole queue.
	ErrShowqTruncated = errors.New("showq: the stream broke off before its end")
	// ErrShowqText: Postfix before 3.1 writes a table for people instead.
	ErrShowqText = errors.New("showq: a queue listing as text, from Postfix 3.0 or older: 3.1 or newer is needed")
)

// ShowqMessage is one queued message. The decoder owns it and its bytes: they
// live until the next call of Next.
type ShowqMessage struct {
	Queue        Queue
	ID           []byte
	Arrival      int64  // seconds since the epoch
	Size         int64  // bytes
	ForcedExpire bool   // to be returned at the next attempt; from Postfix 3.5 on
	Sender       []byte // empty for the null sender; a stranger's text
}

// ShowqRecipient is one recipient of a message. The decoder owns it and its
// bytes: they live until the next call of Recipient or Next. All are strangers'
// text but for LogClass.
type ShowqRecipient struct {
	Original []byte // as received, where it differs; from Postfix 3.11 on
	Address  []byte
	LogClass []byte // "defer", "bounce" or empty; from Postfix 3.11 on
	Reason   []byte // of the last failed attempt; empty where none failed
}

// ShowqDecoder reads the attribute stream of showq(8) as Postfix 3.1 to 3.12
// write it (showq/showq.c, util/attr_print0.c). It goes by the names of the
// attributes, skips those it doesn't know, and reuses its buffers. After an
// error it gives nothing but that error.
type ShowqDecoder struct {
	r         *bufio.Reader
	err       error
	begun     bool
	open      bool      // recipients of the message are left to read
	ahead     showqName // where open: the name that begins the next recipient
	message   ShowqMessage
	recipient ShowqRecipient
}

// NewShowqDecoder makes a decoder that reads from r.
func NewShowqDecoder(r io.Reader) *ShowqDecoder {
	d := &ShowqDecoder{r: bufio.NewReaderSize(nil, MaxShowqString+1)}
	d.Reset(r)
	return d
}

// Reset begins a new stream and keeps the buffers.
func (d *ShowqDecoder) Reset(r io.Reader) {
	d.r.Reset(r)
	d.err, d.begun, d.open = nil, false, false
}

// Next reads the next message and skips what is left of the recipients of the
// one before. At the proper end of the stream it returns io.EOF.
func (d *ShowqDecoder) Next() (*ShowqMessage, error) {
	for d.open && d.err == nil {
		d.readRecipient()
	}
	for d.err == nil {
		if d.readHeader() {
			return &d.message, nil
		}
	}
	return nil, d.err
}

// Recipient reads the next recipient of the message that Next gave. After the
// last it returns io.EOF.
func (d *ShowqDecoder) Recipient() (*ShowqRecipient, error) {
	if d.err == nil && d.open {
		d.readRecipient()
		if d.err == nil {
			return &d.recipient, nil
		}
	}
	if d.err == nil {
		return nil, io.EOF
	}
	return nil, d.err
}

// readHeader reads a list up to its first recipient. It says false at the end
// of the stream, on an error, and for a list that is no message.
func (d *ShowqDecoder) readHeader() bool {
	m := &d.message
	*m = ShowqMessage{ID: m.ID[:0], Sender: m.Sender[:0]}
	seen := showqSet(0)
	for attributes := 0; ; attributes++ {
		name := d.name()
		switch {
		case d.err != nil:
			return false
		case name == showqEnd && attributes == 0:
			d.err = io.EOF
			return false
		case name == showqEnd && seen == 0:
			return false // the protocol's announcement, from Postfix 3.6 on
		case name == showqEnd || name == showqOriginalRecipient || name == showqRecipient:
			if missing := showqHeader &^ seen; missing != 0 {
				d.fail("a message without %s", missing.first())
				return false
			}
			d.open, d.ahead = name != showqEnd, name
			return true
		}
		d.headerValue(name)
		seen |= showqHeader & (1 << name)
	}
}

func (d *ShowqDecoder) headerValue(name showqName) {
	v := d.text()
	if d.err != nil {
		return
	}
	m, ok := &d.message, true
	switch name {
	case showqProtocol:
		if ok = string(v) == "mail_queue_list_protocol"; !ok {
			d.fail("not showq: the service speaks %.64q", v)
			return
		}
	case showqQueueName:
		m.Queue, ok = queueOf(v)
	case showqQueueID:
		m.ID, ok = append(m.ID, v...), isQueueFileName(v)
	case showqTime:
		m.Arrival, ok = wholeNumber(v)
	case showqSize:
		m.Size, ok = wholeNumber(v)
	case showqForcedExpire:
		m.ForcedExpire = string(v) == "1"
	case showqSender:
		// showq(8) writes empty_address_recipient for the null sender.
		if string(v) != "MAILER-DAEMON" {
			m.Sender = append(m.Sender, v...)
		}
	}
	if !ok {
		d.fail("%s is %.64q", name, v)
	}
}

// readRecipient reads from the name that lies ahead to the one that begins the
// next recipient, or to the end of the list.
func (d *ShowqDecoder) readRecipient() {
	r := &d.recipient
	*r = ShowqRecipient{Original: r.Original[:0], Address: r.Address[:0], LogClass: r.LogClass[:0], Reason: r.Reason[:0]}
	addressed := false
	for name, first := d.ahead, true; d.err == nil; name, first = d.name(), false {
		if name == showqEnd {
			d.open = false
			return
		}
		if (name == showqOriginalRecipient && !first) || (name == showqRecipient && addressed) {
			d.ahead = name
			return
		}
		v := d.text()
		switch name {
		case showqOriginalRecipient:
			r.Original = append(r.Original, v...)
		case showqRecipient:
			r.Address, addressed = append(r.Address, v...), true
		case showqLogClass:
			r.LogClass = append(r.LogClass[:0], v...)
		case showqReason:
			r.Reason = append(r.Reason[:0], v...)
		}
	}
}

// name reads the name of the next attribute; the empty name ends a list.
func (d *ShowqDecoder) name() showqName {
	v := d.text()
	if d.err != nil {
		return showqEnd
	}
	if len(v) > 64 || !isAttributeName(v) {
		d.fail("garbage in the place of an attribute's name: %.64q", v)
		return showqEnd
	}
	return showqNameOf(v)
}

// text reads one string up to its NUL; it lives until the next read. The first
// error stays.
func (d *ShowqDecoder) text() []byte {
	if d.err != nil {
		return nil
	}
	v, err := d.r.ReadSlice(0)
	begin := !d.begun
	d.begun = true
	switch {
	case err == nil:
		return v[:len(v)-1]
	case begin && (has(v, "-Queue ID-") || has(v, "Mail queue is empty")):
		d.err = ErrShowqText
	case errors.Is(err, bufio.ErrBufferFull):
		d.fail("a string of more than %d bytes: %.64q…", MaxShowqString, v[:min(64, len(v))])
	case errors.Is(err, io.EOF):
		d.err = ErrShowqTruncated
	default:
		d.err = fmt.Errorf("showq: %w", err)
	}
	return nil
}

func (d *ShowqDecoder) fail(format string, args ...any) {
	d.err = fmt.Errorf("showq: "+format, args...)
}
