package parser

import "strconv"

// DSN is an enhanced mail system status code (RFC 3463): class 2, 4 or 5,
// subject and detail each at most 999. The zero DSN means that none was logged.
type DSN struct {
	Class           uint8
	Subject, Detail uint16
}

// String gives "5.1.1", or "" for the zero DSN.
func (d DSN) String() string {
	if d == (DSN{}) {
		return ""
	}
	return string(d.append(nil))
}

func (d DSN) append(b []byte) []byte {
	b = append(b, '0'+d.Class, '.')
	b = append(strconv.AppendUint(b, uint64(d.Subject), 10), '.')
	return strconv.AppendUint(b, uint64(d.Detail), 10)
}

// highestDetail gives, by subject, the highest detail that IANA's registry of
// SMTP enhanced status codes holds (RFC 5248 and later; all lower ones are
// registered too).
var highestDetail = [8]uint16{0: 0, 1: 10, 2: 4, 3: 6, 4: 7, 5: 6, 6: 10, 7: 30}

// Registered says whether the code is in IANA's registry. A remote host chooses
// the digits, so that only a registered code may become a label value.
func (d DSN) Registered() bool {
	return (d.Class == 2 || d.Class == 4 || d.Class == 5) &&
		int(d.Subject) < len(highestDetail) && d.Detail <= highestDetail[d.Subject]
}

// parseDSN reads "5.1.1" at the head of b and returns it with what follows.
// ok is false, and b returned whole, where there is none.
func parseDSN(b []byte) (d DSN, rest []byte, ok bool) {
	if len(b) < 5 || b[1] != '.' || (b[0] != '2' && b[0] != '4' && b[0] != '5') {
		return DSN{}, b, false
	}
	subject, rest, ok := upTo999(b[2:])
	if !ok || len(rest) == 0 || rest[0] != '.' {
		return DSN{}, b, false
	}
	detail, rest, ok := upTo999(rest[1:])
	if !ok {
		return DSN{}, b, false
	}
	return DSN{Class: b[0] - '0', Subject: subject, Detail: detail}, rest, true
}

// dsnAt is parseDSN at offset i; it returns the offset behind, or -1.
func dsnAt(b []byte, i int) (d DSN, end int) {
	const (
		places = 0x0000808080808080 // one in each of six bytes
		points = 0x0000800080008000 // "5.1.1,": the bytes that hold no digit
		dots   = '.'<<8 | '.'<<24
	)
	w := word8(b, i)
	if class := w & 0xff; notDigits(w)&places == points && w&(0xff<<8|0xff<<24) == dots && (class == '2' || class == '4' || class == '5') {
		return DSN{Class: uint8(w) - '0', Subject: uint16(w >> 16 & 0x0f), Detail: uint16(w >> 32 & 0x0f)}, i + 5
	}
	return longDSN(b, i)
}

func longDSN(b []byte, i int) (d DSN, end int) {
	if i < 0 {
		return DSN{}, -1
	}
	d, rest, ok := parseDSN(b[i:])
	if !ok {
		return DSN{}, -1
	}
	return d, len(b) - len(rest)
}

// upTo999 reads one to three digits.
func upTo999(b []byte) (n uint16, rest []byte, ok bool) {
	i := 0
	for i < len(b) && i < 4 && '0' <= b[i] && b[i] <= '9' {
		n = n*10 + uint16(b[i]-'0')
		i++
	}
	if i == 0 || i > 3 {
		return 0, b, false
	}
	return n, b[i:], true
}
