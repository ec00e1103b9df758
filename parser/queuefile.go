package parser

import "bytes"

// QueueFileHead is how much of a queue file ParseQueueFile wants, in bytes: all
// that it looks for stands before the recipients, most often within 700 bytes.
// Where a stranger made sender and helo long it is more, but never more than
// QueueFileLongHead.
const (
	QueueFileHead     = 4 << 10
	QueueFileLongHead = 32 << 10
)

// QueueFile is what the head of a queue file says of its message. The slices
// are part of the head, and empty where it has no such thing.
type QueueFile struct {
	Arrival    int64 // seconds since the epoch; 0 where the head has none
	Size       int64 // of the content, in bytes
	Recipients int64 // delivered ones too
	Content    int64 // offset of the content in the file; 0 where it is not known
	NullSender bool
	Notice     bool // a bounce or another notice that a daemon of Postfix wrote itself
	Whole      bool // the head reaches to the recipients: what follows is not there where it is empty

	Account   []byte // sasl_username: who was authenticated
	Client    []byte // client_address: the TCP peer, without "IPv6:"
	LogClient []byte // log_client_address: the client that XFORWARD named, else Client
	Ident     []byte // log_ident: the queue id at the message's first pass
	Waiting   []byte // the first recipient that is not done with; a stranger's text

	// Original is what Waiting was before an alias stood for it, and Alike says that
	// this is so of all recipients that are not done with, as far as they stand in a
	// head that reaches to the content.
	Original []byte
	Alike    bool
}

// Finished says whether cleanup(8) had written the message to its end.
func (f *QueueFile) Finished() bool { return f.Content > 0 }

// ParseQueueFile reads the head of a queue file, or a whole short one
// (global/record.c, rec_type.h). It keeps aliases of head and allocates nothing.
// It says false where this is no queue file: it begins with a size or a time. A
// head that ends within a record is none the worse.
//
// In maildrop, what postdrop(1) wrote has no size record, and what stands in it
// is a local user's word.
func ParseQueueFile(head []byte, f *QueueFile) bool {
	*f = QueueFile{}
	if len(head) > 0 && head[0] != 'C' && head[0] != 'T' {
		return false
	}
	records := records{b: head}
	var original []byte
	alike := true
	for records.next() {
		switch records.kind {
		case 'C':
			f.size(records.data)
		case 'T':
			seconds, _ := word1(records.data)
			if n, rest, ok := number(seconds); ok && len(rest) == 0 && f.Arrival == 0 {
				f.Arrival = n
			}
		case 'S':
			f.NullSender = len(records.data) == 0
		case 'A':
			f.attribute(records.data)
		case 'O':
			original = records.data
		case 'D':
			f.Whole, original = true, nil
		case 'R':
			f.Whole = true
			if f.Waiting == nil {
				f.Waiting, f.Original = records.data, original
			}
			alike = alike && bytes.EqualFold(original, f.Original)
			original = nil
		case 'M':
			f.Whole, f.Alike = true, alike && f.Waiting != nil
			return true
		}
	}
	return !records.broken
}

// size reads the fields of record C, as "%15ld %15ld %15ld …": content size,
// content offset, recipients. While the message comes in they are blank or 0.
func (f *QueueFile) size(b []byte) {
	for _, field := range [...]*int64{&f.Size, &f.Content, &f.Recipients} {
		for len(b) > 0 && b[0] == ' ' {
			b = b[1:]
		}
		n, rest, ok := number(b)
		if !ok {
			*f = QueueFile{}
			return
		}
		*field, b = n, rest
	}
}

// attribute reads "name=value". Of two of a name Postfix believes the first.
func (f *QueueFile) attribute(b []byte) {
	if string(b) == "log_message_origin=local" { // global/post_mail.c
		f.Notice = true
		return
	}
	for _, attribute := range [...]struct {
		name  string
		value *[]byte
	}{
		{"sasl_username=", &f.Account},
		{"client_address=", &f.Client},
		{"log_client_address=", &f.LogClient},
		{"log_ident=", &f.Ident},
	} {
		if value, ok := after(b, attribute.name); ok && *attribute.value == nil {
			if rest, ok := after(value, "IPv6:"); ok {
				value = rest
			}
			*attribute.value = value
			return
		}
	}
}

// records walks through the records of a queue file.
type records struct {
	b      []byte
	kind   byte
	data   []byte
	broken bool // what follows is no record
}

// next moves to the next whole record.
func (r *records) next() bool {
	if len(r.b) < 2 {
		return false
	}
	r.kind = r.b[0]
	if r.kind < '!' || r.kind > '~' {
		r.broken = true
		return false
	}
	length, shift, i := 0, 0, 1
	for ; ; i++ {
		if i >= len(r.b) {
			return false
		}
		if shift > 28 {
			r.broken = true
			return false
		}
		length |= int(r.b[i]&0x7f) << shift
		if r.b[i] < 0x80 {
			break
		}
		shift += 7
	}
	r.b = r.b[i+1:]
	if length > len(r.b) {
		r.b = nil
		return false
	}
	r.data, r.b = r.b[:length:length], r.b[length:]
	return true
}
