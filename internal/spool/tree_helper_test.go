package spool

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postfix_exporter/parser"
)

// A testQueue is a queue on disk that a test fills as Postfix would.
type testQueue struct {
	testing.TB
	dir string
}

func newTestQueueDir(t testing.TB) testQueue {
	t.Helper()
	q := testQueue{t, t.TempDir()}
	for queue := range parser.Queue(parser.NumQueues) {
		q.mkdir(queue.String())
	}
	return q
}

func (q testQueue) path(name string) string { return filepath.Join(q.dir, name) }

func (q testQueue) mkdir(name string) {
	q.Helper()
	if err := os.MkdirAll(q.path(name), 0o700); err != nil {
		q.Fatal(err)
	}
}

// write makes a file as it is when Postfix has written it to its end.
func (q testQueue) write(name, text string) {
	q.Helper()
	q.mkdir(filepath.Dir(name))
	if err := os.WriteFile(q.path(name), []byte(text), 0o700); err != nil {
		q.Fatal(err)
	}
}

func (q testQueue) rename(from, to string) {
	q.Helper()
	q.mkdir(filepath.Dir(to))
	if err := os.Rename(q.path(from), q.path(to)); err != nil {
		q.Fatal(err)
	}
}

func (q testQueue) remove(name string) {
	q.Helper()
	if err := os.Remove(q.path(name)); err != nil {
		q.Fatal(err)
	}
}

// age sets the time stamp of a directory back, so that it counts as settled;
// without a name, of all directories.
func (q testQueue) age(names ...string) {
	q.Helper()
	if len(names) == 0 {
		_ = filepath.WalkDir(q.dir, func(path string, entry os.DirEntry, _ error) error {
			if entry.IsDir() {
				names = append(names, strings.TrimPrefix(path, q.dir))
			}
			return nil
		})
	}
	for i, name := range names {
		old := testNow.Add(-time.Hour + time.Duration(i)*time.Millisecond)
		if err := os.Chtimes(q.path(name), old, old); err != nil {
			q.Fatal(err)
		}
	}
}

// due sets when a deferred message is tried next.
func (q testQueue) due(name string, at time.Time) {
	q.Helper()
	if err := os.Chtimes(q.path(name), at, at); err != nil {
		q.Fatal(err)
	}
}

// record writes one record of a queue file.
func record(kind byte, data string) string {
	length := []byte{}
	n := len(data)
	for ; n >= 0x80; n >>= 7 {
		length = append(length, byte(n)|0x80)
	}
	return string(kind) + string(append(length, byte(n))) + data
}

// mail is a message as a test wants it.
type mail struct {
	account, client, sender string
	uid                     int // where it is not 0: of a local user
	notice                  bool
	arrival                 time.Time
	size                    int
	to                      []string
}

// file writes the message's queue file, as cleanup(8) does.
func (m mail) file() string {
	if m.arrival.IsZero() {
		m.arrival = testNow.Add(-time.Minute)
	}
	envelope := record('T', fmt.Sprintf("%d 5", m.arrival.Unix()))
	if m.client != "" {
		envelope += record('A', "log_ident=x")
	}
	if m.account != "" {
		envelope += record('A', "sasl_method=PLAIN") + record('A', "sasl_username="+m.account)
	}
	if m.notice {
		envelope += record('A', "log_message_origin=local")
	}
	envelope += record('S', m.sender)
	if m.client != "" {
		envelope += record('A', "log_client_address="+m.client) + record('A', "client_address="+m.client)
	}
	var recipients strings.Builder
	for _, to := range m.to {
		recipients.WriteString(record('O', to) + record('R', to))
	}
	envelope += recipients.String()
	size := func(offset int) string {
		return record('C', fmt.Sprintf("%15d %15d %15d %15d %15d %15d", m.size, offset, len(m.to), 0, m.size, 0))
	}
	content := record('M', "")
	if m.uid != 0 {
		content += record('N', fmt.Sprintf("Received: by mx.example.org (Postfix, from userid %d)", m.uid))
	}
	return size(len(size(0))+len(envelope)) + envelope + content + record('N', "Subject: x") + record('X', "") + record('E', "")
}

// deferLog writes a defer log as bounce(8) does.
func deferLog(reasons ...string) string {
	var b strings.Builder
	for i, reason := range reasons {
		fmt.Fprintf(&b, "\n<r%d@d.test>: %s\nrecipient=r%[1]d@d.test\nstatus=4.0.0\naction=delayed\nreason=%[2]s\n\n", i, reason)
	}
	return b.String()
}

const (
	refused  = "connect to d.test[192.0.2.1]:25: Connection refused"
	timedOut = "connect to d.test[192.0.2.1]:25: Connection timed out"
	noHost   = "Host or domain name not found. Name service error for name=d.test type=MX: Host not found"
)

// testOwner is mail_owner's uid in these tests: the user that runs them, whose
// the files are.
func testSite() Site { return Site{MailOwner: uint32(os.Geteuid())} }

func newTestScan(t testing.TB, q testQueue) *Scan {
	t.Helper()
	return NewScan(q.dir, newTestClassifier(t), func() time.Time { return testNow })
}

func newTestClassifier(t testing.TB) *parser.Classifier {
	t.Helper()
	classifier, err := parser.NewClassifier(parser.Tables{})
	if err != nil {
		t.Fatal(err)
	}
	return classifier
}

// look scans without an error.
func look(t testing.TB, s *Scan) Snapshot {
	t.Helper()
	snapshot, err := s.Scan(t.Context(), testSite())
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func counts(s *Snapshot) (n [parser.NumQueues]int) {
	for q := range n {
		n[q] = s.Queues[q].Messages
	}
	return n
}
