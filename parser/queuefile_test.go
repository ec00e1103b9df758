package parser

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const queueDir = "../testdata/queue"

// postfixUID is mail_owner's where the queue files of testdata come from.
const postfixUID = 102

// describeQueueFile reads a queue file as the exporter does and writes it down
// in plain words.
func describeQueueFile(file []byte) string {
	var f QueueFile
	ok := ParseQueueFile(file[:min(len(file), QueueFileHead)], &f)
	text := fmt.Sprintf("queue file %v whole %v finished %v arrival %d size %d recipients %d null sender %v notice %v\n"+
		"account %q client %q log client %q ident %q waiting %q\n",
		ok, f.Whole, f.Finished(), f.Arrival, f.Size, f.Recipients, f.NullSender, f.Notice, f.Account, f.Client, f.LogClient, f.Ident, f.Waiting)
	if f.Finished() && f.Content < int64(len(file)) {
		if uid := Submitter(file[f.Content:], postfixUID); uid != NoUID {
			text += fmt.Sprintf("submitted by uid %d\n", uid)
		}
	}
	return text
}

func describeDeferLog(log []byte) string {
	var b strings.Builder
	for {
		d, rest, ok := NextDeferral(log)
		if !ok {
			fmt.Fprintf(&b, "%d bytes left\n", len(rest))
			return b.String()
		}
		log = rest
		fmt.Fprintf(&b, "%q status %d.%d.%d reason %q\n", d.Recipient, d.Status.Class, d.Status.Subject, d.Status.Detail, d.Reason)
	}
}

func queueFiles(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(queueDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		if filepath.Ext(name) != ".golden" {
			files[name] = readFile(t, name)
		}
	}
	if len(files) < 13 {
		t.Fatalf("only %d queue files", len(files))
	}
	return files
}

func isDeferLog(name string) bool { return strings.HasPrefix(filepath.Base(name), "defer") }

func TestQueueFiles(t *testing.T) {
	for name, file := range queueFiles(t) {
		if isDeferLog(name) {
			checkGolden(t, name+".golden", describeDeferLog(file))
		} else {
			checkGolden(t, name+".golden", describeQueueFile(file))
		}
	}
}

// record writes one record of a queue file.
func record(kind byte, data string) string {
	length := []byte{}
	for n := len(data); ; n >>= 7 {
		if n < 0x80 {
			length = append(length, byte(n))
			break
		}
		length = append(length, byte(n)|0x80)
	}
	return string(kind) + string(length) + data
}

func sizeRecord(size, content, recipients int) string {
	return record('C', fmt.Sprintf("%15d %15d %15d %15d %15d %15d", size, content, recipients, 0, size, 0))
}

// What a client chose must not be taken for what Postfix wrote.
func TestQueueFileAnchors(t *testing.T) {
	size, from := sizeRecord(1, 500, 1), record('T', "1795468000 5")
	for _, tt := range []struct{ name, file, want string }{
		{"first of two", size + from + record('A', "sasl_username=anna") + record('A', "sasl_username=root"), `account "anna"`},
		{"recipient that plays a record", size + from + record('S', "A\x16sasl_username=root") + record('O', "sasl_username=root") + record('R', "sasl_username=root"), `account ""`},
		{"attribute in another's value", size + from + record('A', "client_name=x,sasl_username=root"), `account ""`},
		{"content", size + from + record('S', "a@b.test") + record('M', "") + record('A', "sasl_username=root"), `account ""`},
		{"address with a prefix", size + from + record('A', "client_address=2001:db8::1") + record('A', "log_client_address=IPv6:2001:db8::2"), `client "2001:db8::1" log client "2001:db8::2"`},
		{"long value", size + from + record('A', "sasl_username="+strings.Repeat("a", 300)), strings.Repeat("a", 300)},
		{"null sender", size + from + record('S', ""), `null sender true`},
		{"still coming in", record('C', strings.Repeat(" ", 95)) + from, "finished false arrival 1795468000 size 0"},
		{"delivered, then waiting", size + from + record('D', "a@b.test") + record('R', "c@d.test") + record('R', "e@f.test"), `waiting "c@d.test"`},
		{"cut in a record", (size + from + record('A', "sasl_username=anna"))[:115], "queue file true whole false finished true arrival 1795468000 size 1 recipients 1"},
		{"empty", "", "queue file true whole false finished false"},
		{"text", "From: anna@example.org\n\nhello", "queue file false"},
		{"noise", "\x00\x01\xff\xfe", "queue file false"},
		{"noise behind the size", size + "\x00\x01\x02", "queue file false"},
		{"a length without end", size + "A\xff\xff\xff\xff\xff\xff\x01", "queue file false"},
		{"a length beyond all", size + from + "A\xff\xff\xff\xff\x07", "queue file true whole false finished true arrival 1795468000"},
		{"size in words", record('C', "many many") + from, "size 0 recipients 0"},
		{"negative size", sizeRecord(-1, -5, 1) + from, "finished false arrival 1795468000 size 0"},
		{"time in words", size + record('T', "now") + record('T', "1795468000"), "arrival 1795468000"},
	} {
		if got := describeQueueFile([]byte(tt.file)); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %swant %s", tt.name, got, tt.want)
		}
	}
}

func TestSubmitter(t *testing.T) {
	by := func(who string) string {
		return record('N', "Received: by mx.example.org ("+who+")") + record('N', "\tid 4F978A2E954")
	}
	const owner = postfixUID
	for _, tt := range []struct {
		name, content string
		want          uint32
	}{
		{"pickup", by("Postfix, from userid 33"), 33},
		{"root", by("Postfix, from userid 0"), 0},
		{"behind the content's record", record('M', "") + by("Postfix, from userid 33"), 33},
		{"another mail_name", by("Acme, from userid 1, from userid 33"), 33},
		{"requeued", by("Postfix, from userid 102") + by("Postfix, from userid 33"), 33},
		{"twice", by("Postfix, from userid 102") + by("Postfix, from userid 102") + by("Postfix, from userid 33"), 33},
		{"requeued bounce", by("Postfix, from userid 102") + by("Postfix"), NoUID},
		{"bounce that quotes a local message", by("Postfix") + by("Postfix, from userid 33"), NoUID},
		{"mail_owner's own", by("Postfix, from userid 102") + record('N', "Subject: x") + by("Postfix, from userid 33"), owner},
		{"a look-alike further on", record('N', "Subject: x") + by("Postfix, from userid 33"), NoUID},
		{"a look-alike on its own", record('N', "X-Received: by mx (Postfix, from userid 33)"), NoUID},
		{"more on the line", by("Postfix, from userid 33) (x"), NoUID},
		{"too large", by("Postfix, from userid 4294967295"), NoUID},
		{"nothing", "", NoUID},
		{"cut", by("Postfix, from userid 33")[:20], NoUID},
		{"noise", "\x00\x01", NoUID},
	} {
		if got := Submitter([]byte(tt.content), owner); got != tt.want {
			t.Errorf("%s: uid %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestDeferLog(t *testing.T) {
	const entry = "\n<a@b.test>: x\nrecipient=a@b.test\nstatus=4.4.1\naction=delayed\nreason=connect to b.test[192.0.2.1]:25: Connection refused\n\n"
	for _, tt := range []struct{ name, log, want string }{
		{"two", entry + entry, `0 bytes left`},
		{"cut before its end", entry + entry[:len(entry)-1], fmt.Sprintf("%d bytes left", len(entry)-1)},
		{"a reason that plays an entry", "recipient=a@b.test\nreason=x\\nrecipient=root@c.test\n\n", `"a@b.test" status 0.0.0 reason "x\\nrecipient=root@c.test"`},
		{"a recipient that plays another", "<status=5.1.1>: x\nrecipient==status=5.1.1\nstatus=4.0.0\n\n", `"=status=5.1.1" status 4.0.0`},
		{"empty lines", "\n\n\n\n", "4 bytes left"},
		{"noise", "\x00\xff\n\n=\n\n", "7 bytes left"},
	} {
		if got := describeDeferLog([]byte(tt.log)); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestQueueFileNoAllocation(t *testing.T) {
	for name, file := range queueFiles(t) {
		var f QueueFile
		if n := testing.AllocsPerRun(10, func() {
			ParseQueueFile(file, &f)
			Submitter(file[min(int(f.Content), len(file)):], postfixUID)
			NextDeferral(file)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// FuzzQueueFile: whatever stands in the file, what is found is part of it, and
// the same is found in a longer one.
func FuzzQueueFile(f *testing.F) {
	for _, file := range queueFiles(f) {
		f.Add(file[:min(len(file), QueueFileHead)])
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var q, longer QueueFile
		ok := ParseQueueFile(file, &q)
		if q.Size < 0 || q.Content < 0 || q.Recipients < 0 || q.Arrival < 0 {
			t.Errorf("a number below 0: %+v", q)
		}
		for _, part := range [][]byte{q.Account, q.Client, q.LogClient, q.Ident, q.Waiting} {
			if !bytes.Contains(file, part) {
				t.Errorf("%q is not in the file", part)
			}
		}
		if ParseQueueFile(append(file[:len(file):len(file)], 'E', 0), &longer); ok && len(q.Account) > 0 && !bytes.Equal(q.Account, longer.Account) {
			t.Errorf("account %q, in a longer file %q", q.Account, longer.Account)
		}
		Submitter(file, postfixUID)
	})
}

func FuzzDeferLog(f *testing.F) {
	for name, file := range queueFiles(f) {
		if isDeferLog(name) {
			f.Add(file)
		}
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		for rest := log; ; {
			d, after, ok := NextDeferral(rest)
			if !ok {
				if len(after) != len(rest) {
					t.Error("bytes are lost without an entry")
				}
				return
			}
			if len(after) >= len(rest) || bytes.ContainsAny(d.Recipient, "\n") || bytes.ContainsAny(d.Reason, "\n") {
				t.Errorf("%+v, %d of %d bytes left", d, len(after), len(rest))
			}
			rest = after
		}
	})
}

func BenchmarkQueueFile(b *testing.B) {
	file := readFile(b, filepath.Join(queueDir, "sasl"))
	var f QueueFile
	b.ReportAllocs()
	for b.Loop() {
		ParseQueueFile(file, &f)
	}
}
