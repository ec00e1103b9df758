package parser

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// reference is when the corpus was put together: every stamp without a year in
// it belongs to a year that this time settles.
var reference = time.Date(2026, time.November, 23, 20, 0, 0, 0, time.UTC)

const stamp = "Nov 23 13:41:21 mx "

func newParser() *Parser {
	return New(Options{Reference: reference, Location: time.UTC})
}

// parseOne reads one line with a parser that has seen no other.
func parseOne(line string) *Event {
	ev := new(Event)
	newParser().Parse([]byte(line), ev)
	return ev
}

// corpusFiles lists the log files whose every line has a golden event.
func corpusFiles(tb testing.TB) []string {
	return glob(tb, "../testdata/lines/*.log")
}

// labFiles lists the packed logs of whole days in the lab.
func labFiles(tb testing.TB) []string {
	return glob(tb, "../testdata/logs/*.gz")
}

func glob(tb testing.TB, pattern string) []string {
	tb.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		tb.Fatal(err)
	}
	if len(files) == 0 {
		tb.Fatalf("no file matches %s: the corpus is missing", pattern)
	}
	return files
}

// readLines gives the lines of a log, packed or not, without their line ends.
func readLines(tb testing.TB, name string) [][]byte {
	tb.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	if filepath.Ext(name) == ".gz" {
		unpacked, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		if data, err = io.ReadAll(bufio.NewReader(unpacked)); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
	}
	return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

// corpus gives every line of every corpus file.
func corpus(tb testing.TB) (lines [][]byte) {
	for _, name := range corpusFiles(tb) {
		lines = append(lines, readLines(tb, name)...)
	}
	return lines
}

// anchors are the words by which the grammar finds its way: an attacker writes
// them where he may write anything.
var anchors = []string{
	", relay=x[198.51.100.66]:25", ">: Relay access denied; from=<x> to=<y> proto=ESMTP helo=<z>", "status=sent (250 ok",
	"; from=<a> to=<b> proto=SMTP helo=<c>", ", sasl_username=root", " from localhost[127.0.0.1]: ", "queued as 4F978A2E999",
	"]: ", ", delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (", "; from=<x> to=<y> proto=SMTP helo=<z>: ", " (queue active)",
	")) (in reply to RCPT TO command)", ">: ", "blocked using ",
}

// hostileLines are lines of 1.9 kB, filled with anchors wherever a stranger's
// text may stand.
func hostileLines() (lines [][]byte) {
	const size = 1900
	for i := range anchors {
		fill := func(head, tail string, quote bool) {
			text := make([]byte, 0, size)
			for j := i; len(text) < size-len(stamp)-len(head)-len(tail); j++ {
				text = append(text, anchors[j%len(anchors)]...)
			}
			text = text[:size-len(stamp)-len(head)-len(tail)]
			if quote {
				text = bytes.ReplaceAll(text, []byte(`"`), []byte(`'`))
			}
			lines = append(lines, append(append([]byte(stamp+head), text...), tail...))
		}
		fill(`postfix/smtp[9]: 4F978A2E954: to=<"`, `"@dead.test>, relay=none, delay=0, delays=0/0/0/0, dsn=4.4.1, status=deferred (x)`, true)
		fill("postfix/smtp[9]: 4F978A2E954: to=<u@dead.test>, relay=mx.dead.test[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, "+
			"status=bounced (host mx.dead.test[192.0.2.9] said: 550 5.7.1 ", " (in reply to RCPT TO command))", false)
		fill("postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <",
			">: Relay access denied; from=<a@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test>", false)
		fill(`postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <v@gmail.test>: Relay access denied; from=<"`,
			`"@b.test> to=<v@gmail.test> proto=ESMTP helo=<h.test>`, true)
		fill("postfix/smtpd[9]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=", "", false)
		fill("postfix/smtpd[9]: warning: non-SMTP command from unknown[203.0.113.9]: ", "", false)
		fill(`postfix/qmgr[9]: 4F978A2E954: from=<"`, `"@b.test>, size=322, nrcpt=1 (queue active)`, true)
		fill("postfix/cleanup[9]: 4F978A2E954: message-id=<", ">", false)
		fill("postfix/cleanup[9]: 4F978A2E954: warning: header Subject: ",
			" from unknown[203.0.113.9]; from=<a@b.test> to=<bob@example.test> proto=ESMTP helo=<h.test>", false)
		fill("dovecot: imap-login: Aborted login (auth failed, 3 attempts in 12 secs): user=<",
			">, method=PLAIN, rip=203.0.113.9, lip=192.0.2.1, session=<abc>", false)
		fill("dovecot: auth: passwd-file(", ",203.0.113.9): Password mismatch", false)
	}
	return lines
}
