package parser

import (
	"bytes"
	"time"
)

// The small moves that the grammar is made of. All go left to right, none
// allocates, and what they return aliases what they are given.

// after returns what follows prefix at the head of b.
func after(b []byte, prefix string) (rest []byte, ok bool) {
	if len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix {
		return b[len(prefix):], true
	}
	return b, false
}

func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
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

// seconds reads a decimal number of seconds such as "0", "0.05" or "1234", of at
// most nine digits before the point; digits beyond the ninth after it are dropped.
func seconds(b []byte) (d time.Duration, rest []byte, ok bool) {
	n, i := int64(0), 0
	for i < len(b) && b[i]-'0' <= 9 {
		n = n*10 + int64(b[i]-'0')
		i++
	}
	if i == 0 || i > 9 {
		return 0, b, false
	}
	if i == len(b) || b[i] != '.' {
		return time.Duration(n) * time.Second, b[i:], true
	}
	unit := int64(time.Second)
	for i++; i < len(b) && b[i]-'0' <= 9; i++ {
		if unit > 1 {
			unit /= 10
			n = n*10 + int64(b[i]-'0')
		}
	}
	return time.Duration(n * unit), b[i:], true
}

// address reads a mail address up to its closing '>', which it consumes. Quoted
// strings in it (RFC 5321 section 4.1.2) may hold any byte.
func address(b []byte) (addr, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '>')
	if i < 0 {
		return nil, b, false
	}
	if bytes.IndexByte(b[:i], '"') < 0 {
		return b[:i], b[i+1:], true
	}
	quoted := false
	for i = 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			quoted = !quoted
		case '\\':
			if quoted {
				i++
			}
		case '>':
			if !quoted {
				return b[:i], b[i+1:], true
			}
		}
	}
	return nil, b, false
}

// client reads "name[address]" or "name[address]:port" and returns what follows.
func client(b []byte, ev *Event) (rest []byte, ok bool) {
	name, rest, ok := until(b, '[')
	if !ok {
		return b, false
	}
	addr, rest, ok := until(rest, ']')
	if !ok {
		return b, false
	}
	ev.Client, ev.ClientAddress = name, addr
	if len(rest) > 1 && rest[0] == ':' && rest[1]-'0' <= 9 {
		n := 1
		for n < len(rest) && rest[n]-'0' <= 9 {
			n++
		}
		ev.ClientPort, rest = rest[1:n], rest[n:]
	}
	return rest, true
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
	ev.Text = b
}
