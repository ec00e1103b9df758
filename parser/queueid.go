package parser

// MaxQueueID bounds a queue id in bytes: the long form has at most 6 digits of
// seconds, 4 of microseconds, a 'z' and 12 of inode number, the short form 5 of
// microseconds and 16 of inode number (Postfix's global/mail_queue.h).
const MaxQueueID = 23

// IsQueueID says whether b is a queue id in its short or long form. Postfix's
// own check is looser; this one tells ids from words such as "warning".
func IsQueueID(b []byte) bool { return len(b) > 0 && queueIDLen(b) == len(b) }

// queueIDLen returns how many bytes at the head of b are a queue id, 0 for none.
func queueIDLen(b []byte) int {
	n, hex := 0, true
	for n < len(b) && n <= MaxQueueID {
		c := b[n]
		if c >= 128 || idClass[c] == 0 {
			break
		}
		hex = hex && idClass[c]&idHex != 0
		n++
	}
	switch {
	case n > MaxQueueID:
		return 0
	case hex && n >= 6:
		return n
	case n >= 12 && isLongID(b[:n]):
		return n
	}
	return 0
}

// isLongID checks the long form: base 52 without vowels, the separator 'z' at
// the eleventh byte or later with at least one byte of inode number after it.
func isLongID(b []byte) bool {
	last := -1
	for i, c := range b {
		if idClass[c]&idLong == 0 {
			return false
		}
		if c == 'z' {
			last = i
		}
	}
	return last >= 10 && last < len(b)-1
}

const (
	idHex  = 1
	idLong = 2
)

var idClass = func() (t [128]uint8) {
	for _, c := range "0123456789ABCDEF" {
		t[c] |= idHex
	}
	for _, c := range "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz" {
		t[c] |= idLong
	}
	return t
}()
