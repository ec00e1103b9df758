package parser

import "bytes"

// envelopeTail finds where TEXT ends and the envelope begins, reads the envelope
// and returns TEXT. TEXT holds the offending address as the client wrote it, so
// that it may hold a look-alike of the tail; so may a quoted address within the
// tail. The true tail is the last "; " from which everything to the line's end
// reads as envelope, with every address well-formed: within a quoted string
// every quote is escaped, so that what begins there never reads to the end. An
// account's name with bytes that a look-alike needs is believed only where
// nothing else reads.
func envelopeTail(b []byte, ev *Event, separator byte) (text []byte) {
	for _, lenient := range [...]bool{false, true} {
		t := tail{separator: separator, lenient: lenient}
		if i := t.last(b); i >= 0 {
			t.give(ev)
			if ev.SASLUsername.Len() > 0 && t.within(b, i) {
				ev.SASLMethod, ev.SASLUsername, ev.SASLSender = Span{}, Span{}, Span{}
			}
			return b[:i]
		}
	}
	return brokenTail(b, ev)
}

// contentTail is envelopeTail where the site's own text may stand behind the
// envelope: "…helo=<H>: TEXT" of header_checks(5). It holds no envelope; then the
// last one that reads is the true one, unless it stands in a quoted string of one
// before it. Whether that one is true, or again the sender's text, nobody can
// tell, so that neither is believed and sure is false.
func contentTail(b []byte, ev *Event) (text []byte, sure bool) {
	t := tail{separator: ' '}
	if i := t.last(b); i >= 0 {
		t.give(ev)
		return b[:i], true
	}
	last := -1
	var found tail
	for i := tailBefore(b, len(b)); i >= 0; i = tailBefore(b, i) {
		rest, ok := t.read(b[i+2:])
		switch {
		case !ok || !has(rest, ": ") || t.sender != nil:
		case last < 0:
			last, found = i, t
		case len(b)-len(rest) > last:
			return b[:i], false
		}
	}
	if last < 0 {
		return brokenTail(b, ev), true
	}
	found.give(ev)
	return b[:last], true
}

// brokenTail is for a line that was cut within its envelope.
func brokenTail(b []byte, ev *Event) (text []byte) {
	ev.Cut = true
	if i := tailBefore(b, len(b)); i >= 0 {
		return b[:i]
	}
	return b
}

// tailBefore finds the last "; " before end at which an envelope may begin.
func tailBefore(b []byte, end int) int {
	for i := bytes.LastIndexByte(b[:end], ';'); i >= 0; i = bytes.LastIndexByte(b[:i], ';') {
		if beginsTail(b[i+1:]) {
			return i
		}
	}
	return -1
}

// beginsTail is a cheap first look at what follows a ';'.
func beginsTail(b []byte) bool {
	if len(b) < 6 || b[0] != ' ' {
		return false
	}
	switch b[1] {
	case 'f':
		return has(b, " from=<")
	case 't':
		return has(b, " to=<")
	case 'p':
		return has(b, " proto=")
	case 'h':
		return has(b, " helo=<")
	}
	return false
}

// tail reads an envelope; its fields of the first group say how.
type tail struct {
	separator byte // ' ', or ',' for a comma and a space
	lenient   bool // let an account's name hold anything

	from, to, proto, helo    []byte
	method, username, sender []byte
}

// last finds the last envelope that reads to the line's end, -1 for none.
func (t *tail) last(b []byte) int {
	for i := tailBefore(b, len(b)); i >= 0; i = tailBefore(b, i) {
		if rest, ok := t.read(b[i+2:]); ok && len(rest) == 0 {
			return i
		}
	}
	return -1
}

// within says whether the envelope at i may stand in the sasl_sender= of one
// before it. That is the client's word (AUTH= of MAIL FROM), and needs no login:
// an account may not come from there.
func (t *tail) within(b []byte, i int) bool {
	t.lenient = true
	for i = tailBefore(b, i); i >= 0; i = tailBefore(b, i) {
		if rest, ok := t.read(b[i+2:]); ok && len(rest) == 0 && t.sender != nil {
			return true
		}
	}
	return false
}

func (t *tail) give(ev *Event) {
	ev.From, ev.To, ev.Proto, ev.Helo = ev.span(t.from), ev.span(t.to), ev.span(t.proto), ev.span(t.helo)
	ev.SASLMethod, ev.SASLUsername, ev.SASLSender = ev.span(t.method), ev.span(t.username), ev.span(t.sender)
}

// read takes "from=<F> to=<T> proto=P helo=<H> sasl_method=M sasl_username=U
// sasl_sender=S", each field optional, and returns what follows.
func (t *tail) read(b []byte) (rest []byte, ok bool) {
	t.from, t.to, t.proto, t.helo, t.method, t.username, t.sender = nil, nil, nil, nil, nil, nil, nil
	if rest, is := after(b, "from=<"); is {
		if t.from, b, ok = strictAddress(rest); !ok {
			return b, false
		}
		b = t.skip(b)
	}
	if rest, is := after(b, "to=<"); is {
		if t.to, b, ok = strictAddress(rest); !ok {
			return b, false
		}
		b = t.skip(b)
	}
	if rest, is := after(b, "proto="); is {
		n := 0
		for n < len(rest) && 'A' <= rest[n] && rest[n] <= 'Z' {
			n++
		}
		t.proto, b = rest[:n], t.skip(rest[n:])
	}
	if rest, is := after(b, "helo=<"); is {
		if t.helo, b, ok = until(rest, '>'); !ok {
			return b, false
		}
		b = t.skip(b)
	}
	if rest, is := after(b, "sasl_method="); is {
		t.method, b = word1(rest)
	}
	if rest, is := after(b, "sasl_username="); is {
		return nil, t.account(rest)
	}
	if rest, is := after(b, "sasl_sender="); is {
		t.sender = rest
		return nil, t.plain(rest)
	}
	return b, true
}

// account reads the name of an account, in "<>" from a Milter's line, and the
// sender's login after it, which is the client's word and runs to the line's end.
func (t *tail) account(b []byte) bool {
	all := b
	if i := bytes.Index(b, []byte(" sasl_sender=")); i >= 0 {
		b, t.sender = b[:i], b[i+len(" sasl_sender="):]
	}
	if n := len(b); n > 1 && b[0] == '<' && b[n-1] == '>' {
		b = b[1 : n-1]
		all = b
	}
	t.username = b
	return t.plain(all)
}

// plain says whether the names to the line's end can hold no look-alike.
func (t *tail) plain(b []byte) bool {
	return t.lenient || bytes.IndexByte(b, '>') < 0 && bytes.IndexByte(b, '"') < 0
}

// skip takes one separator off.
func (t *tail) skip(b []byte) []byte {
	if t.separator == ',' {
		b, _ = after(b, ",")
	}
	b, _ = after(b, " ")
	return b
}

// strictAddress reads an address in the form that Postfix gives it: quotes
// stand around whole strings only, and without them there is no '<', '>' or '"'.
func strictAddress(b []byte) (addr, rest []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '>':
			return b[:i], b[i+1:], true
		case '<', '\\':
			return nil, b, false
		case '"':
			if i > 0 && b[i-1] != '.' {
				return nil, b, false
			}
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if i+1 < len(b) && b[i+1] != '@' && b[i+1] != '.' && b[i+1] != '>' {
				return nil, b, false
			}
		}
	}
	return nil, b, false
}
