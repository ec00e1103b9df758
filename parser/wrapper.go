package parser

import "unicode/utf8"

// Wrapper is what a container runtime puts around each line that it takes from a
// program's output.
type Wrapper uint8

const (
	WrapperNone   Wrapper = iota
	WrapperDocker         // {"log":"LINE\n","stream":"stdout","time":"…"}
	WrapperCRI            // 2026-11-23T13:41:21.186234000Z stdout F LINE
)

// WrapperOf tells by one line of a file which wrapper all its lines have.
func WrapperOf(line []byte) Wrapper {
	if has(line, dockerHead) {
		return WrapperDocker
	}
	if _, _, ok := cri(line); ok {
		return WrapperCRI
	}
	return WrapperNone
}

// Append appends to dst what line, without its line end, wraps, also without
// one. Control characters in it become '?'. more says that the next line goes on
// with the text: a runtime cuts long ones, at 16 KiB. A line that has no such
// wrapper is appended as it is.
func (w Wrapper) Append(dst, line []byte) (text []byte, more bool) {
	switch w {
	case WrapperDocker:
		if b, ok := after(line, dockerHead); ok {
			return appendDocker(dst, b)
		}
	case WrapperCRI:
		if b, more, ok := cri(line); ok {
			return append(dst, b...), more
		}
	}
	return append(dst, line...), false
}

const dockerHead = `{"log":"`

// appendDocker unescapes a string of JSON up to its closing quote.
func appendDocker(dst, b []byte) (text []byte, more bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '"' {
			return dst, true
		}
		if c != '\\' {
			dst = append(dst, printable(c))
			continue
		}
		if i++; i == len(b) {
			break
		}
		switch c = b[i]; c {
		case 'n':
			if i+1 < len(b) && b[i+1] == '"' {
				return dst, false
			}
			dst = append(dst, '?')
		case 'b', 'f', 'r', 't':
			dst = append(dst, '?')
		case 'u':
			r, ok := hex4(b[i+1:])
			if !ok {
				return dst, false
			}
			i += 4
			dst = appendRune(dst, r)
		default:
			dst = append(dst, printable(c))
		}
	}
	return dst, false // cut
}

// appendRune writes what \uXXXX stands for; half of a surrogate pair is U+FFFD.
func appendRune(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		return append(dst, printable(byte(r)))
	}
	return utf8.AppendRune(dst, r)
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = (c | 0x20) - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func printable(c byte) byte {
	if c < ' ' || c == 0x7f {
		return '?'
	}
	return c
}

// cri reads "STAMP stdout TAGS LINE", where the first of TAGS is F or P.
func cri(line []byte) (b []byte, more, ok bool) {
	stamp, b := word1(line)
	if len(stamp) < len("2026-11-23T13:41:21Z") || stamp[4] != '-' || stamp[10] != 'T' {
		return line, false, false
	}
	stream, b := word1(b)
	if string(stream) != "stdout" && string(stream) != "stderr" {
		return line, false, false
	}
	if len(b) < 2 || b[0] != 'F' && b[0] != 'P' || b[1] != ' ' && b[1] != ':' {
		return line, false, false
	}
	more = b[0] == 'P'
	_, b = word1(b)
	return b, more, true
}
