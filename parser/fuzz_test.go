package parser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"
)

// FuzzParse looks for a line that breaks what Parse promises of every line.
// By hand, for ten million lines and more:
//
//	go test ./parser -run '^$' -fuzz '^FuzzParse$' -fuzztime 10000000x
func FuzzParse(f *testing.F) {
	for _, line := range seeds(f) {
		f.Add(line)
	}
	dirty := newParser()
	f.Fuzz(func(t *testing.T, line []byte) { keepsPromises(t, dirty, line) })
}

// TestPromises holds every line of the corpus to what FuzzParse looks for: too
// many to begin each fuzzing with.
func TestPromises(t *testing.T) {
	dirty := newParser()
	for _, line := range append(corpus(t), hostileLines()...) {
		keepsPromises(t, dirty, line)
	}
	for _, line := range []string{
		// With less behind the stamp than is compared at once.
		"2026-11-23T13:41:21Z mx",
		"2026-11-23T13:41:21jZ mx ",
		// Another program, by one letter in the middle.
		"Nov 23 20:55:32 mx postfix/trivial-rewrite[15506]: warning: x",
		"Nov 23 20:55:32 mx postfix/trlvial-rewrite[15506]: warning: x",
	} {
		keepsPromises(t, dirty, []byte(line))
	}
}

// seeds are the first two lines of the corpus of each kind, outcome and program.
func seeds(tb testing.TB) (lines [][]byte) {
	tb.Helper()
	type sort struct {
		outcome  Outcome
		kind     Kind
		daemon   Daemon
		severity Severity
	}
	seen := map[sort]int{}
	p, ev := newParser(), new(Event)
	for _, line := range append(corpus(tb), hostileLines()...) {
		p.Parse(line, ev)
		key := sort{ev.Outcome, ev.Kind, ev.Daemon, ev.Severity}
		if seen[key]++; seen[key] <= 2 {
			lines = append(lines, line)
		}
	}
	return lines
}

// keepsPromises parses a line and checks what Parse promises of every line;
// dirty is a parser that has seen other lines before.
func keepsPromises(t *testing.T, dirty *Parser, line []byte) {
	t.Helper()
	ev, other := new(Event), new(Event)
	whole := bytes.Clone(line)
	newParser().Parse(line, ev)
	if !bytes.Equal(line, whole) {
		t.Fatal("the line was written to")
	}
	checkEvent(t, line, ev)

	newParser().Parse(append(bytes.Clone(line), "x: y"...)[:len(line)], other)
	if !reflect.DeepEqual(ev, other) {
		t.Fatalf("in a larger buffer it reads otherwise:\n%+v\n%+v", ev, other)
	}
	// A parser that has seen all the lines before reads it alike, but for
	// the year of a stamp that has none.
	dirty.Parse(line, other)
	if !absolute(line) {
		other.Time = ev.Time
	}
	if !reflect.DeepEqual(ev, other) {
		t.Fatalf("after other lines it reads otherwise:\n%+v\n%+v", ev, other)
	}

	if object := AppendJSON(nil, ev); !json.Valid(object) || !utf8.Valid(object) {
		t.Fatalf("not JSON: %q", object)
	}
}

// absolute says whether a line's stamp, if it has one, names its year.
func absolute(line []byte) bool {
	if i := bytes.IndexByte(line, '>'); i >= 0 && i < 6 && line[0] == '<' {
		line = line[i+1:]
	}
	return len(line) > 0 && '0' <= line[0] && line[0] <= '9'
}

// checkEvent holds one event to what event.go says.
func checkEvent(t *testing.T, line []byte, ev *Event) {
	t.Helper()
	if (ev.Kind != KindNone) != (ev.Outcome == Parsed) {
		t.Fatalf("%v line of kind %v", ev.Outcome, ev.Kind)
	}
	checkFields(t, line, ev)
	if (ev.Commands != nil) != (ev.Kind == KindDisconnect) {
		t.Fatalf("%v line with commands %v", ev.Kind, ev.Commands)
	}
	if ev.Commands != nil {
		for verb, n := range ev.Commands {
			if n.Accepted > n.Total {
				t.Fatalf("%d of %d %v commands accepted", n.Accepted, n.Total, Verb(verb))
			}
		}
	}
	if ev.Code != 0 && (ev.Code < 200 || ev.Code > 599) {
		t.Fatalf("reply code %d", ev.Code)
	}
	if ev.DSN != (DSN{}) && (ev.DSN.Class != 2 && ev.DSN.Class != 4 && ev.DSN.Class != 5 || ev.DSN.Subject > 999 || ev.DSN.Detail > 999) {
		t.Fatalf("status code %v", ev.DSN)
	}
	for name, id := range map[string]Span{"QueueID": ev.QueueID, "ChildQueueID": ev.ChildQueueID} {
		if id.Len() > 0 && !IsQueueID(ev.Bytes(id)) {
			t.Fatalf("%s %q", name, ev.Bytes(id))
		}
	}
	if ev.Delay < 0 || ev.Size < 0 || ev.Recipients < 0 || ev.Value < 0 {
		t.Fatalf("less than nothing: %+v", ev)
	}
	for _, d := range ev.Delays {
		if d < 0 {
			t.Fatalf("delays %v", ev.Delays)
		}
	}
}

// checkFields looks at every field by its type: no text may reach out of the
// line, no word out of its list.
func checkFields(t *testing.T, line []byte, ev *Event) {
	t.Helper()
	v := reflect.ValueOf(ev).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if !v.Type().Field(i).IsExported() {
			continue
		}
		switch field := v.Field(i).Interface().(type) {
		case Span:
			if field.begin > field.end || int(field.end) > len(line) || field.Present() == (field.begin == 0) {
				t.Fatalf("%s %v lies outside the line", name, field)
			}
			if !within(ev.Bytes(field), line) {
				t.Fatalf("%s %q lies outside the line", name, ev.Bytes(field))
			}
		case fmt.Stringer:
			if field.String() == "invalid" {
				t.Fatalf("%s %d is no word of its list", name, field)
			}
		}
	}
}

// within says whether part lies inside whole, judged by their addresses. Its
// capacity may reach as far as whole's.
func within(part, whole []byte) bool {
	if part == nil {
		return true
	}
	first := uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(part)))
	return begin >= first && begin+uintptr(len(part)) <= first+uintptr(len(whole))
}

// FuzzStable prints an event as Postfix would and reads it again: nothing may
// change. It finds fields that are taken from the wrong place.
func FuzzStable(f *testing.F) {
	for _, line := range seeds(f) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		ev := new(Event)
		newParser().Parse(line, ev)
		if ev.Outcome != Parsed || ev.Cut {
			return
		}
		message, ok := printed(ev)
		if !ok {
			return
		}
		again := parseOne(fmt.Sprintf("2026-11-23T13:41:21Z mx %s/%s[7]: %s", ev.Bytes(ev.SyslogName), ev.Bytes(ev.Program), message))
		ev.Time, ev.Host, ev.PID = time.Date(2026, time.November, 23, 13, 41, 21, 0, time.UTC).UnixNano(), ev.Add("mx"), ev.Add("7")
		if a, b := AppendJSON(nil, ev), AppendJSON(nil, again); !bytes.Equal(a, b) {
			t.Fatalf("printed as %q\n got %s\nwant %s", message, b, a)
		}
	})
}

// printed gives the canonical message of an event; ok is false for kinds that
// have no printer here.
func printed(ev *Event) (message string, ok bool) {
	var b strings.Builder
	if ev.Severity != SeverityInfo {
		b.WriteString(ev.Severity.String() + ": ")
	}
	if ev.NoQueue {
		b.WriteString("NOQUEUE: ")
	} else if ev.QueueID.Len() > 0 {
		fmt.Fprintf(&b, "%s: ", ev.Bytes(ev.QueueID))
	}
	optional := func(name string, value Span) {
		if value.Present() {
			b.WriteString(name)
			b.Write(ev.Bytes(value))
		}
	}
	switch ev.Kind {
	case KindConnect:
		b.WriteString("connect from " + printedClient(ev))
	case KindClient:
		b.WriteString("client=" + printedClient(ev))
		optional(", sasl_method=", ev.SASLMethod)
		optional(", sasl_username=", ev.SASLUsername)
		optional(", sasl_sender=", ev.SASLSender)
		optional(", orig_queue_id=", ev.OrigQueueID)
		optional(", orig_client=", ev.OrigClient)
	case KindDelivery:
		fmt.Fprintf(&b, "to=<%s>", ev.Bytes(ev.To))
		if ev.OrigTo.Present() {
			fmt.Fprintf(&b, ", orig_to=<%s>", ev.Bytes(ev.OrigTo))
		}
		fmt.Fprintf(&b, ", relay=%s", ev.Bytes(ev.Relay))
		if ev.ConnUse != 0 {
			fmt.Fprintf(&b, ", conn_use=%d", ev.ConnUse)
		}
		fmt.Fprintf(&b, ", delay=%s, delays=%s/%s/%s/%s", decimal(ev.Delay), decimal(ev.Delays[0]), decimal(ev.Delays[1]),
			decimal(ev.Delays[2]), decimal(ev.Delays[3]))
		optional(", tls=", ev.TLSPolicy)
		status := ev.Status.String()
		if ev.Status == StatusSoftBounce {
			status = "SOFTBOUNCE"
		}
		fmt.Fprintf(&b, ", dsn=%s, status=%s (%s)", ev.DSN, status, ev.Bytes(ev.Text))
	case KindQueueActive:
		fmt.Fprintf(&b, "from=<%s>, size=%d, nrcpt=%d (queue active)", ev.Bytes(ev.From), ev.Size, ev.Recipients)
	case KindRemoved:
		b.WriteString("removed")
	case KindPickup:
		fmt.Fprintf(&b, "uid=%d from=<%s>", ev.UID, ev.Bytes(ev.From))
		optional(" orig_id=", ev.OrigQueueID)
	default:
		return "", false
	}
	return b.String(), true
}

func printedClient(ev *Event) string {
	s := fmt.Sprintf("%s[%s]", ev.Bytes(ev.Client), ev.Bytes(ev.ClientAddress))
	if ev.ClientPort.Present() {
		s += ":" + string(ev.Bytes(ev.ClientPort))
	}
	return s
}

func decimal(d time.Duration) string {
	return fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second)
}
