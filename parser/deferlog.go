package parser

import "bytes"

// Deferral is why one recipient waits. Its slices are part of the log.
type Deferral struct {
	Recipient []byte // a stranger's text
	Status    DSN
	Reason    []byte // partly a stranger's text
}

// NextDeferral reads the first whole entry of a defer log (the file of a queue
// id under defer/, global/bounce_log.c) and gives what follows it. It says false
// where b has none, and then all of b is left. An entry is lines "name=value"
// that end with an empty one.
func NextDeferral(b []byte) (d Deferral, rest []byte, ok bool) {
	named := false
	rest = b
	for {
		line, after, whole := until(rest, '\n')
		if !whole {
			return Deferral{}, b, false
		}
		rest = after
		if len(line) == 0 {
			if named {
				return d, rest, true
			}
			continue
		}
		name, value, found := until(line, '=')
		if !found || len(name) > len("dsn_orig_rcpt") || bytes.IndexByte(name, ' ') >= 0 {
			continue // "<recipient>: reason", for older programs
		}
		switch string(name) {
		case "recipient":
			d.Recipient, named = value, true
		case "status":
			d.Status, _, _ = parseDSN(value)
		case "reason":
			d.Reason = value
		}
	}
}
