package parser

import "bytes"

// parseMaster reads the lines of master(8).
func parseMaster(b []byte, ev *Event) Outcome {
	if rest, ok := after(b, `service "`); ok && ev.Severity == SeverityWarning {
		return processLimit(rest, ev)
	}
	switch {
	case has(b, "daemon started"), has(b, "reload"), has(b, "terminating on signal"), has(b, "stopping"),
		has(b, "process "), bytes.Contains(b[:min(len(b), 256)], []byte(": bad command startup")), has(b, "warning"):
		ev.Kind, ev.Text = KindMaster, ev.span(b)
		return Parsed
	case has(b, "to avoid this condition"), has(b, "see "), has(b, "dict_"), has(b, "ignoring "), has(b, "master_"), has(b, "fifo "),
		has(b, "duplicate "), has(b, "unix_"), has(b, "/etc/"), has(b, "bind "), has(b, "open lock file"):
		return Ignored
	}
	return Unknown
}

// processLimit reads
//
//	service "smtp" (25) has reached its process limit "100": new clients may experience noticeable delays
func processLimit(b []byte, ev *Event) Outcome {
	name, b, ok := until(b, '"')
	if !ok {
		return Malformed
	}
	if _, b, ok = until(b, ')'); !ok {
		return Malformed
	}
	if b, ok = after(b, ` has reached its process limit "`); !ok {
		return Unknown
	}
	if ev.Value, _, ok = number(b); !ok {
		return Malformed
	}
	ev.Kind, ev.Service = KindProcessLimit, ev.span(name)
	return Parsed
}
