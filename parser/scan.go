package parser

import (
	"bytes"
	"time"
)

// The small moves that the grammar is made of. All go left to right, none
// allocates, and what they return aliases what they are given.

// after returns what follows prefix at the head of b. Most calls miss, and the
// first byte tells.
func after(b []byte, prefix string) (rest []byte, ok bool) {
	if len(b) >= len(prefix) && b[0] == prefix[0] && string(b[:len(prefix)]) == prefix {
		return b[len(prefix):], true
	}
	return b, false
}

func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && b[0] == prefix[0] && string(b[:len(prefix)]) == prefix
}

// until splits b at the first c; without one, head is nil and rest is b.
func until(b []byte, c byte) (head, rest []byte, ok bool) {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return b[:i], b[i+1:], true
	}
	return nil, b, false
}

// word1 returns the first space-separated word and what follows the space.
func word1(b []byte) (head, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

// number reads a run of at most 18 decimal digits.
func number(b []byte) (n int64, rest []byte, ok bool) {
	i := 0
	for i < len(b) && b[i]-'0' <= 9 {
		n = n*10 + int64(b[i]-'0')
		i++
	}
	if i == 0 || i > 18 {
		return 0, b, false
	}
	return n, b[i:], true
}

// seconds is decimalAt at the head of b.
func seconds(b []byte) (d time.Duration, rest []byte, ok bool) {
	d, end := decimalAt(b, 0)
	if end < 0 {
		return 0, b, false
	}
	return d, b[end:], true
}

// addressAt reads the mail address at offset i and the '>' that ends it; it
// returns the offset behind, or -1. Quoted strings in it (RFC 5321 section 4.1.2)
// may hold any byte.
func addressAt(b []byte, i int) (addr Span, end int) {
	if end = indexOf(b, i, '>', '"'); end < 0 {
		return Span{}, -1
	}
	if b[end] == '"' {
		if end = addressEnd(b, i); end < 0 {
			return Span{}, -1
		}
	}
	return spanOf(i, end), end + 1
}

func addressEnd(b []byte, i int) int {
	quoted := false
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if quoted {
				i++
			}
		case '>':
			if !quoted {
				return i
			}
		}
	}
	return -1
}

// address reads a mail address up to its closing '>', which it consumes.
func address(b []byte) (addr, rest []byte, ok bool) {
	end := addressEnd(b, 0)
	if end < 0 {
		return nil, b, false
	}
	return b[:end], b[end+1:], true
}

// client reads "name[address]" or "name[address]:port" and returns what follows.
func client(b []byte, ev *Event) (rest []byte, ok bool) {
	from := ev.offset(b)
	end := clientAt(ev.line[:from+len(b)], from, ev)
	if end < 0 {
		return b, false
	}
	return b[end-from:], true
}

// clientAt is client at an offset of the line; it returns the one behind, or -1.
func clientAt(b []byte, i int, ev *Event) (end int) {
	open := index(b, i, '[')
	if end = index(b, open, ']'); end < 0 {
		return -1
	}
	ev.Client, ev.ClientAddress = spanOf(i, open), spanOf(open+1, end)
	end++
	if port := past(b, end, ":"); port > 0 {
		if digits := digitsEnd(b, port); digits > port {
			ev.ClientPort = spanOf(port, digits)
			return digits
		}
	}
	return end
}

func digitsEnd(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// clientText reads "CLIENT: TEXT", the text optional.
func clientText(b []byte, ev *Event) bool {
	b, ok := client(b, ev)
	if ok {
		b, _ = after(b, ": ")
		ev.Text = ev.span(b)
	}
	return ok
}

// endpoint reads postscreen's "[address]:port".
func endpoint(b []byte, ev *Event) (rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '[' {
		return b, false
	}
	return client(b, ev)
}

// replyCode reads the three digits of an SMTP reply, 200 to 599, with the space
// or dash after them.
func replyCode(b []byte) (code uint16, rest []byte, ok bool) {
	if len(b) < 3 || b[0] < '2' || b[0] > '5' || b[1]-'0' > 9 || b[2]-'0' > 9 {
		return 0, b, false
	}
	if len(b) > 3 && b[3] != ' ' && b[3] != '-' {
		return 0, b, false
	}
	code = uint16(b[0]-'0')*100 + uint16(b[1]-'0')*10 + uint16(b[2]-'0')
	return code, b[min(4, len(b)):], true
}

// reply reads "DDD D.D.D text", either number optional, into the event.
func reply(b []byte, ev *Event) {
	if code, rest, ok := replyCode(b); ok {
		ev.Code, b = code, rest
	}
	if d, rest, ok := parseDSN(b); ok && (len(rest) == 0 || rest[0] == ' ') {
		ev.DSN, b = d, rest[min(1, len(rest)):]
	}
	ev.Text = ev.span(b)
}
