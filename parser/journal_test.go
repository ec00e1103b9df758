package parser

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// export writes entries as journalctl does; a value with a newline as binary.
func export(entries ...[][2]string) string {
	var b strings.Builder
	for _, fields := range entries {
		for _, f := range fields {
			if strings.Contains(f[1], "\n") {
				b.WriteString(f[0] + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(f[1])))) + f[1] + "\n")
			} else {
				b.WriteString(f[0] + "=" + f[1] + "\n")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// postfixEntry is one of smtpd(8), with some fields changed or added.
func postfixEntry(changes ...string) [][2]string {
	fields := [][2]string{
		{"__CURSOR", "s=1;i=1"},
		{"__REALTIME_TIMESTAMP", "1795441281999999"},
		{"_SOURCE_REALTIME_TIMESTAMP", "1795441281186234"},
		{"_TRANSPORT", "syslog"},
		{"_UID", "102"},
		{"_SYSTEMD_UNIT", "postfix@-.service"},
		{"_HOSTNAME", "mx"},
		{"SYSLOG_IDENTIFIER", "postfix/smtpd"},
		{"_PID", "12"},
		{"MESSAGE", "connect from phone.example.test[203.0.113.9]"},
	}
	for i := 0; i < len(changes); i += 2 {
		for k := range fields {
			if fields[k][0] == changes[i] {
				fields[k][1] = changes[i+1]
			}
		}
	}
	return fields
}

// decode gives the lines of an export, read in pieces of the given sizes, each
// with its verdict and cursor.
func decodeJournal(d *JournalDecoder, input string, sizes ...int) (lines []string) {
	trust := JournalTrust{UIDs: []uint32{0, 102}}
	for i := 0; input != ""; i++ {
		piece := []byte(input[:min(len(input), sizes[i%len(sizes)])])
		input = input[len(piece):]
		for {
			rest, ok := d.Next(piece)
			if !ok {
				break
			}
			piece = rest
			lines = append(lines, fmt.Sprintf("%d %s %s", trust.Judge(d), d.Field(JournalCursor), d.AppendLine(nil)))
		}
	}
	return lines
}

func TestJournal(t *testing.T) {
	const line = "2026-11-23T13:41:21.186234Z mx postfix/smtpd[12]: connect from phone.example.test[203.0.113.9]\n"
	for _, test := range []struct{ name, input, want string }{
		{"an entry", export(postfixEntry()), "0 s=1;i=1 " + line},
		{"a binary message", export(postfixEntry("MESSAGE", "a\nNov 23 13:41:21 mx postfix/smtpd[1]: forged\n")), "0 s=1;i=1 2026-11-23T13:41:21.186234Z mx postfix/smtpd[12]: a?Nov 23 13:41:21 mx postfix/smtpd[1]: forged\n"},
		{"no source time", export(postfixEntry("_SOURCE_REALTIME_TIMESTAMP", "")), "0 s=1;i=1 2026-11-23T13:41:21.999999Z" + line[27:]},
		{"another user's", export(postfixEntry("_UID", "1000")), "2 s=1;i=1 " + line},
		{"another unit's", export(postfixEntry("_SYSTEMD_UNIT", "user@1000.service")), "2 s=1;i=1 " + line},
		{"another unit's with a like name", export(postfixEntry("_SYSTEMD_UNIT", "postfixed.service")), "2 s=1;i=1 " + line},
		{"no unit", export(postfixEntry("_SYSTEMD_UNIT", "")), "2 s=1;i=1 " + line},
		{"another program", export(postfixEntry("_SYSTEMD_UNIT", "ssh.service", "SYSLOG_IDENTIFIER", "sshd")), "1 s=1;i=1 " + strings.ReplaceAll(line, "postfix/smtpd", "sshd")},
		{"an unknown daemon of another unit", export(postfixEntry("_SYSTEMD_UNIT", "ssh.service", "SYSLOG_IDENTIFIER", "x/qmgr")), "2 s=1;i=1 " + strings.ReplaceAll(line, "postfix/smtpd", "x/qmgr")},
		{"a tag that goes on", export(postfixEntry("_SYSTEMD_UNIT", "ssh.service", "SYSLOG_IDENTIFIER", "x y[1]: z")), "2 s=1;i=1 " + strings.ReplaceAll(line, "postfix/smtpd", "x y[1]: z")},
		{"loss that is claimed", export(postfixEntry("SYSLOG_IDENTIFIER", "systemd-journald", "_UID", "1000")), "2 s=1;i=1 " + strings.ReplaceAll(line, "postfix/smtpd", "systemd-journald")},
		{"loss", export(postfixEntry("_TRANSPORT", "driver", "_UID", "0", "_SYSTEMD_UNIT", "systemd-journald.service", "SYSLOG_IDENTIFIER", "systemd-journald")), "0 s=1;i=1 " + strings.ReplaceAll(line, "postfix/smtpd", "systemd-journald")},
		{"garbage before", "-- No entries --\n\n" + export(postfixEntry()), "0 s=1;i=1 " + line},
		{"garbage within", "MESSAGE=x\nwhat?\nMESSAGE=y\n\n" + export(postfixEntry()), "0 s=1;i=1 " + line},
		{"a size beyond reason", "MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx\n\n" + export(postfixEntry()), "0 s=1;i=1 " + line},
		{"a binary value that is too long", "MESSAGE\n\x01\x00\x00\x00\x00\x00\x00\x00xy\n\n" + export(postfixEntry()), "0 s=1;i=1 " + line},
		{"broken off", export(postfixEntry())[:200], ""},
		{"nothing", "\n\n\n", ""},
	} {
		for _, sizes := range [][]int{{1 << 20}, {1}, {3, 7, 50}} {
			if got := strings.Join(decodeJournal(NewJournalDecoder(1000), test.input, sizes...), "|"); got != test.want {
				t.Errorf("%s, in pieces of %v: got %q, want %q", test.name, sizes, got, test.want)
			}
		}
	}
}

func TestJournalLongMessage(t *testing.T) {
	d := NewJournalDecoder(10)
	if got := decodeJournal(d, export(postfixEntry("MESSAGE", strings.Repeat("x", 5000))), 100); len(got) != 1 || !strings.HasSuffix(got[0], ": xxxxxxxxxx\n") || !d.Cut {
		t.Errorf("%q, cut %t", got, d.Cut)
	}
	if decodeJournal(d, export(postfixEntry()), 100); !d.Cut { // 44 bytes
		t.Error("not cut")
	}
	if decodeJournal(d, export(postfixEntry("MESSAGE", "short")), 100); d.Cut {
		t.Error("the next one is cut too")
	}
}

// What a genuine entry becomes, the line parser reads; to the microsecond.
func TestJournalLineParses(t *testing.T) {
	d := NewJournalDecoder(1000)
	if _, ok := d.Next([]byte(export(postfixEntry()))); !ok {
		t.Fatal("no entry")
	}
	var ev Event
	New(Options{}).Parse(d.AppendLine(nil), &ev)
	if ev.Kind != KindConnect || ev.Time != 1795441281186234000 || string(ev.Bytes(ev.PID)) != "12" {
		t.Errorf("%v at %d", ev.Kind, ev.Time)
	}
}

// FuzzJournal wants the same entries however the stream is cut, no panic, no more
// memory than the limits allow, and of what is not genuine no line that the
// parser counts.
func FuzzJournal(f *testing.F) {
	f.Add(export(postfixEntry(), postfixEntry("MESSAGE", "a\nb")), uint64(1))
	f.Add("MESSAGE\n\x05\x00\x00\x00\x00\x00\x00\x00a\nb\nc\n\n", uint64(2))
	f.Add(export(postfixEntry("SYSLOG_IDENTIFIER", "sshd", "_UID", "1000")), uint64(3))
	f.Fuzz(func(t *testing.T, input string, seed uint64) {
		whole := decodeJournal(NewJournalDecoder(100), input, len(input)+1)
		random := rand.New(rand.NewPCG(seed, 0))
		sizes := []int{1 + random.IntN(5), 1 + random.IntN(50), 1 + random.IntN(500)}
		pieces := decodeJournal(NewJournalDecoder(100), input, sizes...)
		if strings.Join(whole, "") != strings.Join(pieces, "") {
			t.Errorf("whole: %q; in pieces of %v: %q", whole, sizes, pieces)
		}
		var ev Event
		for _, line := range whole {
			if len(line) > 6*maxJournalValue {
				t.Errorf("%d bytes", len(line))
			}
			if rest, ok := strings.CutPrefix(line, "1 "); ok { // foreign
				_, text, _ := strings.Cut(rest, " 2")
				New(Options{}).Parse([]byte("2"+text), &ev)
				if ev.Outcome == Parsed {
					t.Errorf("%q is counted", line)
				}
			}
		}
	})
}
