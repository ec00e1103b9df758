package parser

import "bytes"

// NoUID is the uid of nobody: there is no such user.
const NoUID = 1<<32 - 1

// Submitter reads the head of a message's content, in a queue file from offset
// QueueFile.Content on. It gives the uid that pickup(8) wrote into the first
// header, "Received: by HOST (Postfix, from userid N)", or NoUID where another
// program made the message. All that follows that header is the message's own,
// but after postsuper -r: there the first is of owner, the uid of mail_owner,
// and the one that it had before comes next.
func Submitter(content []byte, owner uint32) uint32 {
	uid := uint32(NoUID)
	records := records{b: content}
	for records.next() {
		switch {
		case records.kind == 'M':
		case records.kind != 'N':
			return uid
		case len(records.data) > 0 && (records.data[0] == '\t' || records.data[0] == ' '): // the header goes on
		default:
			n, ok := userID(records.data)
			if !ok {
				if has(records.data, "Received: by ") {
					return NoUID // requeued, and made by Postfix itself
				}
				return uid
			}
			if uid = n; n != owner {
				return uid
			}
		}
	}
	return uid
}

// userID reads "Received: by HOST (MAIL_NAME, from userid N)".
func userID(b []byte) (uint32, bool) {
	const mark = ", from userid "
	if !has(b, "Received: by ") {
		return 0, false
	}
	i := bytes.LastIndex(b, []byte(mark))
	if i < 0 {
		return 0, false
	}
	n, rest, ok := number(b[i+len(mark):])
	return uint32(n), ok && n < NoUID && string(rest) == ")"
}

// Header gives the value of the first header of this name, as far as it stands on
// the header's first line, in the head of a message's content as Submitter reads
// it; nil where there is none before the head or the headers end. It is whatever
// the sender wrote.
func Header(content []byte, name string) []byte {
	records := records{b: content}
	for records.next() {
		switch {
		case records.kind == 'M':
			continue
		case records.kind != 'N' || len(records.data) == 0:
			return nil
		}
		if i := bytes.IndexByte(records.data, ':'); i == len(name) && bytes.EqualFold(records.data[:i], []byte(name)) {
			return bytes.TrimSpace(records.data[i+1:])
		}
	}
	return nil
}
