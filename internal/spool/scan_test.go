package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"postfix_exporter/parser"
)

func TestScanNames(t *testing.T) {
	q := newTestQueueDir(t)
	for _, name := range []string{
		"maildrop/3F0A1B2C4D5", "incoming/4jY6hS3dgmz1tcWl", "deferred/7/762B4A2E872", "deferred/0123456A",
		"active/A/A1B2C3D4E5F", "hold/A/B/C/ABC2C3D4E5F", // hash_queue_names = active, hold; hash_queue_depth up to 3
		"corrupt/7C3D1A2E872",
		"incoming/123456.789", "defer/7/762B4A2E872", // no messages
	} {
		q.write(name, mail{}.file())
	}
	foreign := []string{
		"hold/A/B/C/D/ABCDC3D4E5F", // too deep: the directory is foreign
		"incoming/A", "maildrop/notes.txt", "maildrop/.hidden1", "maildrop/a b", "maildrop/\xff\xfe\x01id", "maildrop/new\nline",
		"maildrop/..;rm -rf", "maildrop/" + strings.Repeat("A", 200), "maildrop/AB",
	}
	for _, name := range foreign {
		q.write(name, "")
	}
	if err := syscall.Mkfifo(q.path("maildrop/F1F0F1F0F1F"), 0o600); err != nil {
		t.Fatal(err)
	}
	q.mkdir("maildrop/D1D2D3D4D5D")
	// Links to more messages, and to itself, that must not be followed or counted.
	links := map[string]string{"maildrop/4": "../deferred/0", "maildrop/5": ".", "maildrop/762B4A2E872": "/etc/passwd"}
	for link, to := range links {
		if err := os.Symlink(to, q.path(link)); err != nil {
			t.Fatal(err)
		}
	}
	got := look(t, newTestScan(t, q))
	if n := counts(&got); n != [parser.NumQueues]int{1, 1, 1, 2, 1, 1} {
		t.Errorf("messages by queue %v", n)
	}
	n := 0
	for _, queue := range got.Queues {
		n += queue.Foreign
	}
	if want := len(foreign) + len(links) + 2; n != want {
		t.Errorf("%d foreign files, want %d", n, want)
	}
	if !got.Complete() || !got.Listed {
		t.Errorf("known %v, %d unread", got.Known, got.Unread)
	}
}

// A file of every origin, as Postfix wrote it.
func TestScanOrigins(t *testing.T) {
	q := newTestQueueDir(t)
	samples := map[string]Origin{
		"sasl": OriginSASL, "sasl-3.12": OriginSASL, "sasl-requeued": OriginSASL, "local": OriginLocal, "local-requeued": OriginLocal,
		"network": OriginNetwork, "inbound": OriginInbound, "bounce": OriginBounce, "forward": OriginForward, "forward-of-local": OriginForward,
		"forward-of-local-requeued": OriginForward,
	}
	var want [NumOrigins]int
	for i, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range samples {
			if !yield(name) {
				return
			}
		}
	}) {
		text, err := os.ReadFile(filepath.Join("../../testdata/queue", name))
		if err != nil {
			t.Fatal(err)
		}
		q.write(fmt.Sprintf("deferred/A/ABCDE%d", 100+i), string(text))
		want[samples[name]]++
	}
	s := newTestScan(t, q)
	site := Site{MailOwner: 102, MyNetworks: prefixes(t, "127.0.0.0/30")}
	got, err := s.Scan(t.Context(), site)
	if err != nil {
		t.Fatal(err)
	}
	if got.Queues[parser.QueueDeferred].Origins != want {
		t.Errorf("origins %v, want %v", got.Queues[parser.QueueDeferred].Origins, want)
	}
	if got.Accounts.Other != 0 || len(got.Accounts.Largest) != 3 {
		t.Errorf("accounts %v", got.Accounts)
	}
	if users := (Shares[uint32]{Largest: []Share[uint32]{{33, 2}}}); fmt.Sprint(got.Users) != fmt.Sprint(users) {
		t.Errorf("local users %v, want %v", got.Users, users)
	}
}

func TestScanOwners(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       Origin
	}{
		{"a trusted client of a content filter", mail{client: "192.0.2.7"}.file(), OriginNetwork},
		{"a stranger", mail{client: "198.51.100.7"}.file(), OriginInbound},
		{"a client without an address", mail{client: "unknown"}.file(), OriginInbound},
		{"an account in mynetworks", mail{client: "192.0.2.7", account: "anna"}.file(), OriginSASL},
		{"behind a content filter", record('A', "log_client_address=198.51.100.7") + record('A', "client_address=127.0.0.1") + record('R', "a@b.test"), OriginUnknown},
		{"behind a content filter, from mynetworks", record('A', "log_client_address=192.0.2.7") + record('A', "client_address=127.0.0.1") + record('R', "a@b.test"), OriginNetwork},
		{"a bounce without its mark", mail{}.file(), OriginBounce},
		{"postmaster's notice", mail{notice: true, sender: "double-bounce@mx.example.org"}.file(), OriginBounce},
		{"a stranger with a long sender", mail{client: "198.51.100.7", sender: strings.Repeat("a", 6000)}.file(), OriginInbound},
		{"a stranger with a sender without end", mail{client: "198.51.100.7", sender: strings.Repeat("a", 60000)}.file(), OriginUnknown},
		{"root", mail{uid: 1}.file(), OriginLocal},
	} {
		file := tt.file
		if file[0] != 'C' {
			file = record('C', fmt.Sprintf("%15d %15d %15d", 1, 1<<20, 1)) + record('T', "1795467000 1") + file
		}
		q := newTestQueueDir(t)
		q.write("active/A1B2C3D4E5F", file)
		got, err := newTestScan(t, q).Scan(t.Context(), Site{MailOwner: 102, MyNetworks: prefixes(t, "192.0.2.0/24")})
		if err != nil {
			t.Fatal(err)
		}
		for origin, n := range got.Queues[parser.QueueActive].Origins {
			if want := Origin(origin) == tt.want; (n == 1) != want {
				t.Errorf("%s: %d messages of origin %v, want %v", tt.name, n, Origin(origin), tt.want)
			}
		}
	}
}

// In maildrop anybody may have written anything.
func TestScanMaildrop(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("not root: all files are mail_owner's")
	}
	q := newTestQueueDir(t)
	forged := mail{account: "root", client: "192.0.2.1"}.file()
	q.write("maildrop/A1B2C3D4E5F", forged)
	site := Site{MailOwner: uint32(os.Geteuid()) + 1} // so that the file is another user's
	got, err := newTestScan(t, q).Scan(t.Context(), site)
	if err != nil {
		t.Fatal(err)
	}
	maildrop := got.Queues[parser.QueueMaildrop]
	if maildrop.Origins[OriginLocal] != 1 || len(got.Accounts.Largest) != 0 || maildrop.Bytes != int64(len(forged)) {
		t.Errorf("%+v, accounts %v", maildrop, got.Accounts)
	}
	if len(got.Users.Largest) != 1 || got.Users.Largest[0].Key != uint32(os.Geteuid()) {
		t.Errorf("local users %v", got.Users)
	}
	// What postsuper(1) put back is Postfix's own.
	got, err = newTestScan(t, q).Scan(t.Context(), testSite())
	if err != nil || got.Queues[parser.QueueMaildrop].Origins[OriginSASL] != 1 {
		t.Errorf("requeued: %+v, %v", got.Queues[parser.QueueMaildrop], err)
	}
}

func TestScanFollowsMessages(t *testing.T) {
	q := newTestQueueDir(t)
	s := newTestScan(t, q)
	anna := mail{account: "anna", client: "198.51.100.7", sender: "anna@example.org", size: 1000, arrival: testNow.Add(-2 * time.Hour), to: []string{"x@D.test"}}
	step := func(what string, want [parser.NumQueues]int, origins int) Snapshot {
		t.Helper()
		got := look(t, s)
		if n := counts(&got); n != want {
			t.Errorf("%s: %v, want %v", what, n, want)
		}
		if n := got.Accounts; origins > 0 && (len(n.Largest) != 1 || n.Largest[0] != (Share[string]{"anna", origins})) {
			t.Errorf("%s: accounts %v, want anna with %d", what, n, origins)
		}
		if !got.Complete() {
			t.Errorf("%s: %d unread", what, got.Unread)
		}
		return got
	}
	step("empty", [parser.NumQueues]int{}, 0)

	// Still being received: counted, and read again when it is whole.
	q.write("incoming/A1B2C3D4E5F", strings.Replace(anna.file(), fmt.Sprintf("%15d", 1000), strings.Repeat(" ", 15), 1))
	if err := os.Chmod(q.path("incoming/A1B2C3D4E5F"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := step("being received", [parser.NumQueues]int{parser.QueueIncoming: 1}, 1)
	if got.Queues[parser.QueueIncoming].Bytes == 1000 {
		t.Error("its size is known")
	}
	q.write("incoming/A1B2C3D4E5F", anna.file())
	if err := os.Chmod(q.path("incoming/A1B2C3D4E5F"), 0o700); err != nil {
		t.Fatal(err)
	}
	q.age()
	got = step("whole", [parser.NumQueues]int{parser.QueueIncoming: 1}, 1)
	incoming := got.Queues[parser.QueueIncoming]
	if incoming.Bytes != 1000 || incoming.Oldest != anna.arrival.Unix() || incoming.Older != [NumAges]int{1, 1} || got.Domains != 1 || got.Busiest[0] != 1 {
		t.Errorf("%+v, %d domains", incoming, got.Domains)
	}

	q.rename("incoming/A1B2C3D4E5F", "active/A1B2C3D4E5F")
	step("active", [parser.NumQueues]int{parser.QueueActive: 1}, 1)

	q.write("defer/A/A1B2C3D4E5F", deferLog(refused, refused, timedOut))
	q.rename("active/A1B2C3D4E5F", "deferred/A/A1B2C3D4E5F")
	q.due("deferred/A/A1B2C3D4E5F", testNow.Add(time.Hour))
	got = step("deferred", [parser.NumQueues]int{parser.QueueDeferred: 1}, 1)
	if got.DeferredRecipients[parser.FailureRefused] != 2 || got.DeferredRecipients[parser.FailureTimeout] != 1 || got.Overdue[Late0s] != 0 {
		t.Errorf("reasons %v, overdue %v", got.DeferredRecipients, got.Overdue)
	}

	// A new attempt: while it lasts nobody waits, then the reason is another.
	q.rename("deferred/A/A1B2C3D4E5F", "active/A1B2C3D4E5F")
	if got = step("active again", [parser.NumQueues]int{parser.QueueActive: 1}, 1); got.DeferredRecipients != [parser.NumFailureReasons]int{} {
		t.Errorf("reasons %v", got.DeferredRecipients)
	}
	q.write("defer/A/A1B2C3D4E5F", deferLog(noHost))
	q.rename("active/A1B2C3D4E5F", "deferred/A/A1B2C3D4E5F")
	q.due("deferred/A/A1B2C3D4E5F", testNow.Add(-6*time.Minute))
	got = step("deferred again", [parser.NumQueues]int{parser.QueueDeferred: 1}, 1)
	if got.DeferredRecipients[parser.FailureDNS] != 1 || got.DeferredRecipients[parser.FailureRefused] != 0 || got.Overdue != [NumLatenesses]int{1, 1, 0} {
		t.Errorf("reasons %v, overdue %v", got.DeferredRecipients, got.Overdue)
	}

	q.rename("deferred/A/A1B2C3D4E5F", "hold/A1B2C3D4E5F")
	if got = step("held", [parser.NumQueues]int{parser.QueueHold: 1}, 1); got.DeferredRecipients[parser.FailureDNS] != 1 || got.Overdue[Late0s] != 0 {
		t.Errorf("reasons %v, overdue %v", got.DeferredRecipients, got.Overdue)
	}
	q.remove("hold/A1B2C3D4E5F")
	step("deleted", [parser.NumQueues]int{}, 0)
	if s.messages.n != 0 || s.unread != 0 || s.growing != 0 || len(s.accounts.index) != 0 {
		t.Errorf("left behind: %d messages, %d unread, %d growing, %d accounts", s.messages.n, s.unread, s.growing, len(s.accounts.index))
	}
}

// A message that is tried and deferred again between two looks never leaves its
// directory, as far as they see.
func TestScanSeesAttemptsBetweenLooks(t *testing.T) {
	q := newTestQueueDir(t)
	now := testNow
	s := NewScan(q.dir, newTestClassifier(t), func() time.Time { return now })
	q.write("deferred/A/A1B2C3D4E5F", mail{}.file())
	q.write("defer/A/A1B2C3D4E5F", deferLog(refused))
	q.due("deferred/A/A1B2C3D4E5F", now.Add(time.Minute))
	if got := look(t, s); got.DeferredRecipients[parser.FailureRefused] != 1 {
		t.Fatalf("reasons %v", got.DeferredRecipients)
	}
	now = now.Add(2 * time.Minute)
	q.write("defer/A/A1B2C3D4E5F", deferLog(timedOut))
	q.due("deferred/A/A1B2C3D4E5F", now.Add(time.Minute))
	q.age("deferred/A")
	if got := look(t, s); got.Overdue[Late0s] != 0 || got.DeferredRecipients[parser.FailureTimeout] != 1 {
		t.Errorf("reasons %v, overdue %v", got.DeferredRecipients, got.Overdue)
	}
}

func TestScanSkipsWhatHasNotChanged(t *testing.T) {
	q := newTestQueueDir(t)
	q.write("deferred/A/A1B2C3D4E5F", mail{}.file())
	q.age()
	s := newTestScan(t, q)
	look(t, s)
	// A file that comes without a change of its directory's time stamp can't be.
	q.write("deferred/A/A1B2C3D4E60", mail{}.file())
	modified := testNow.Add(-time.Hour)
	for i := range s.tree.dirs {
		if d := &s.tree.dirs[i]; d.name == "A" {
			modified = time.Unix(d.modified.Unix())
		}
	}
	if err := os.Chtimes(q.path("deferred/A"), modified, modified); err != nil {
		t.Fatal(err)
	}
	if got := look(t, s); got.Queues[parser.QueueDeferred].Messages != 1 {
		t.Error("a directory that has not changed was listed again")
	}
	// Where the time stamp is too young, it is listed again, whatever it says.
	young := testNow.Add(-time.Second)
	if err := os.Chtimes(q.path("deferred/A"), young, young); err != nil {
		t.Fatal(err)
	}
	look(t, s)
	q.write("deferred/A/A1B2C3D4E61", mail{}.file())
	if err := os.Chtimes(q.path("deferred/A"), young, young); err != nil {
		t.Fatal(err)
	}
	if got := look(t, s); got.Queues[parser.QueueDeferred].Messages != 3 {
		t.Error("a young time stamp was trusted")
	}
}

// As time goes by, ages change without a change of the queue.
func TestScanAges(t *testing.T) {
	q := newTestQueueDir(t)
	now := testNow
	s := NewScan(q.dir, newTestClassifier(t), func() time.Time { return now })
	q.write("deferred/A/A1B2C3D4E5F", mail{arrival: testNow}.file())
	q.due("deferred/A/A1B2C3D4E5F", testNow.Add(10*time.Minute))
	q.age()
	for _, tt := range []struct {
		after   time.Duration
		older   [NumAges]int
		overdue [NumLatenesses]int
	}{
		{0, [NumAges]int{}, [NumLatenesses]int{}},
		{6 * time.Minute, [NumAges]int{1}, [NumLatenesses]int{}},
		{11 * time.Minute, [NumAges]int{1}, [NumLatenesses]int{1}},
		{16 * time.Minute, [NumAges]int{1}, [NumLatenesses]int{1, 1}},
		{2 * time.Hour, [NumAges]int{1, 1}, [NumLatenesses]int{1, 1, 1}},
		{7 * time.Hour, [NumAges]int{1, 1, 1}, [NumLatenesses]int{1, 1, 1}},
		{25 * time.Hour, [NumAges]int{1, 1, 1, 1}, [NumLatenesses]int{1, 1, 1}},
		{121 * time.Hour, [NumAges]int{1, 1, 1, 1, 1}, [NumLatenesses]int{1, 1, 1}},
		{1000 * time.Hour, [NumAges]int{1, 1, 1, 1, 1}, [NumLatenesses]int{1, 1, 1}},
	} {
		now = testNow.Add(tt.after)
		got := look(t, s)
		if queue := got.Queues[parser.QueueDeferred]; queue.Older != tt.older || got.Overdue != tt.overdue || queue.Oldest != testNow.Unix() {
			t.Errorf("after %v: %+v, overdue %v", tt.after, queue, got.Overdue)
		}
	}
}

func TestScanBudget(t *testing.T) {
	q := newTestQueueDir(t)
	const n = 1000
	for i := range n {
		q.write(fmt.Sprintf("deferred/%X/%X0000%03X", i%16, i%16, i), mail{account: "anna", client: "192.0.2.1"}.file())
	}
	q.age()
	now := testNow
	s := NewScan(q.dir, newTestClassifier(t), func() time.Time { now = now.Add(readTime / 4); return now })
	before := n
	for looks := 1; ; looks++ {
		got := look(t, s)
		deferred := got.Queues[parser.QueueDeferred]
		if deferred.Messages != n || deferred.Origins[OriginUnknown] != got.Unread || deferred.Origins[OriginSASL] != n-got.Unread {
			t.Fatalf("%+v, %d unread", deferred, got.Unread)
		}
		if got.Complete() {
			if looks < 3 {
				t.Errorf("done after %d looks", looks)
			}
			return
		}
		if got.Unread >= before || !got.Reading {
			t.Fatalf("look %d went on nowhere: %d unread, %d before", looks, got.Unread, before)
		}
		before = got.Unread
	}
}

func TestScanIsBounded(t *testing.T) {
	q := newTestQueueDir(t)
	for i := range 30 {
		q.write(fmt.Sprintf("active/AAAAA%03X", i), mail{account: fmt.Sprintf("user%d", i), client: "192.0.2.1"}.file())
	}
	s := newTestScan(t, q)
	s.messages.limit, s.accounts.limit = 20, 5
	got := look(t, s)
	active := got.Queues[parser.QueueActive]
	if active.Messages != 30 || active.Origins[OriginSASL] != 20 || active.Origins[OriginUnknown] != 10 || got.Unread != 10 || got.Complete() || got.Reading {
		t.Errorf("%+v, %d unread", active, got.Unread)
	}
	if len(got.Accounts.Largest) != 5 || got.Accounts.Other != 15 {
		t.Errorf("accounts %v", got.Accounts)
	}
}

func TestScanBadFiles(t *testing.T) {
	q := newTestQueueDir(t)
	many := make([]string, 100_000)
	for i := range many {
		many[i] = fmt.Sprintf("r%d@d%d.test", i, i)
	}
	q.write("active/AAAAA001", "")
	q.write("active/AAAAA002", "\x00\x01\x02 noise")
	q.write("active/AAAAA003", "From: somebody\n\nhello\n")
	q.write("active/AAAAA004", mail{uid: 33, to: many, size: 5}.file())
	q.write("active/AAAAA005", mail{account: "\x1b[31mroot\n", client: "192.0.2.1"}.file())
	q.write("active/AAAAA006", mail{account: "_other", client: "192.0.2.1"}.file())
	q.write("active/AAAAA007", mail{account: strings.Repeat("x", 5000), client: "192.0.2.1"}.file())
	q.write("active/AAAAA008", record('C', fmt.Sprintf("%15d %15d %15d", 1, 1<<40, 1))+record('T', "99999999999 1"))
	q.write("active/AAAAA009", mail{client: strings.Repeat("9", 900)}.file()[:900])
	got := look(t, newTestScan(t, q))
	active := got.Queues[parser.QueueActive]
	want := [NumOrigins]int{OriginUnknown: 5, OriginSASL: 3, OriginLocal: 1}
	if active.Messages != 9 || active.Origins != want || got.Faults != (Faults{Malformed: 2}) || !got.Complete() {
		t.Errorf("%+v, faults %+v, want origins %v", active, got.Faults, want)
	}
	if fmt.Sprint(got.Users.Largest) != "[{33 1}]" || got.Accounts.Other != 3 {
		t.Errorf("users %v, accounts %v", got.Users, got.Accounts)
	}
	if active.Oldest > testNow.Unix() || active.Oldest == 0 {
		t.Errorf("oldest %d", active.Oldest)
	}
}

func TestScanDeferLogs(t *testing.T) {
	var many []string
	for i := range 4000 {
		many = append(many, []string{refused, timedOut}[i%2])
	}
	for _, tt := range []struct {
		name, log string
		want      map[parser.FailureReason]int
	}{
		{"none", "", nil},
		{"noise", "\x00\xff\n\n=\n\n\n", nil},
		{"one without end", "recipient=a@b.test\nreason=" + refused, nil},
		{"of no end", strings.Repeat("x", 200_000) + deferLog(refused), map[parser.FailureReason]int{parser.FailureRefused: 1}},
		{"many recipients", deferLog(many...), map[parser.FailureReason]int{parser.FailureRefused: 2000, parser.FailureTimeout: 2000}},
		{"many reasons", deferLog(refused, refused, refused, timedOut, timedOut, noHost, "mail for d.test loops back to myself"), map[parser.FailureReason]int{
			parser.FailureRefused: 3, parser.FailureTimeout: 2, parser.FailureOther: 2,
		}},
	} {
		for _, place := range []string{"defer/AAAAA001", "defer/A/AAAAA001", "defer/A/A/AAAAA001"} { // hash_queue_depth
			q := newTestQueueDir(t)
			q.write("deferred/A/AAAAA001", mail{}.file())
			q.write(place, tt.log)
			got := look(t, newTestScan(t, q))
			var want [parser.NumFailureReasons]int
			for reason, n := range tt.want {
				want[reason] = n
			}
			if got.DeferredRecipients != want {
				t.Errorf("%s in %s: %v, want %v", tt.name, place, got.DeferredRecipients, want)
			}
		}
	}
}

func TestScanWithoutQueue(t *testing.T) {
	q := newTestQueueDir(t)
	_, err := NewScan(q.path("nowhere"), newTestClassifier(t), func() time.Time { return testNow }).Scan(t.Context(), testSite())
	if !errors.Is(err, os.ErrNotExist) || errors.Is(err, errUnlisted) || !strings.Contains(err.Error(), "config directory") {
		t.Errorf("no queue directory: %v", err)
	}
	// An empty directory, as where a mount has gone.
	empty := t.TempDir()
	_, err = NewScan(empty, newTestClassifier(t), func() time.Time { return testNow }).Scan(t.Context(), testSite())
	if !errors.Is(err, os.ErrNotExist) || !errors.Is(err, errUnlisted) {
		t.Errorf("an empty queue directory: %v", err)
	}

	q.write("deferred/A/AAAAA001", mail{}.file())
	q.write("hold/AAAAA002", mail{}.file())
	s := newTestScan(t, q)
	look(t, s)
	q.rename("hold", "elsewhere")
	// A link in the place of a queue is not that queue.
	q.remove("active")
	if err := os.Symlink("deferred", q.path("active")); err != nil {
		t.Fatal(err)
	}
	got, err := s.Scan(t.Context(), testSite())
	known := [parser.NumQueues]bool{true, true, false, true, false, true}
	if err == nil || !strings.Contains(err.Error(), "queue active") || !strings.Contains(err.Error(), "links are not followed") || got.Known != known || got.Complete() {
		t.Errorf("%v, %v", got.Known, err)
	}
	if n := counts(&got); n != [parser.NumQueues]int{parser.QueueDeferred: 1} {
		t.Errorf("messages %v", n)
	}
	q.rename("elsewhere", "hold")
	got, _ = s.Scan(t.Context(), testSite())
	if n := counts(&got); n != [parser.NumQueues]int{parser.QueueDeferred: 1, parser.QueueHold: 1} {
		t.Errorf("once it is back: %v", n)
	}
}

func TestScanUnlisted(t *testing.T) {
	q := newTestQueueDir(t)
	q.write("deferred/A/AAAAA001", mail{}.file())
	q.write("hold/A/AAAAA002", mail{}.file())
	for _, dir := range []string{"hold/A", "maildrop", "incoming", "active", "hold", "corrupt"} {
		if err := os.Chmod(q.path(dir), 0); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(q.path("hold"), 0o700) // so that it can be removed
	s := newTestScan(t, q)
	for _, dir := range []string{"deferred", "deferred/A"} {
		if err := os.Chmod(q.path(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for dir := q.dir; dir != "/tmp" && dir != "/"; dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755)
	}
	asNobody(t, func() {
		_, err := s.Scan(t.Context(), testSite())
		// Nobody may list these, and the one that all may list is not nobody's.
		if os.Geteuid() == 0 && !errors.Is(err, errUnlisted) {
			t.Errorf("error %v", err)
		}
		if os.Geteuid() == 0 && !errors.Is(err, errAccessTime) {
			t.Errorf("error %v, want one that says what to do about access times", err)
		}
	})
}

// Who may list nothing hears what right is missing, not that Postfix is elsewhere.
func TestScanWithoutRights(t *testing.T) {
	q := newTestQueueDir(t)
	for dir := q.dir; dir != "/tmp" && dir != "/"; dir = filepath.Dir(dir) {
		_ = os.Chmod(dir, 0o755)
	}
	for queue := range parser.Queue(parser.NumQueues) {
		if err := os.Chmod(q.path(queue.String()), 0); err != nil {
			t.Fatal(err)
		}
	}
	asNobody(t, func() {
		_, err := newTestScan(t, q).Scan(t.Context(), testSite())
		if !errors.Is(err, errUnlisted) || !strings.Contains(err.Error(), mendRights) {
			t.Errorf("the queue's directories: %v", err)
		}
	})
	if err := os.Chmod(q.dir, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(q.dir, 0o700) // so that it can be removed
	asNobody(t, func() {
		s := NewScan(q.path("beneath"), newTestClassifier(t), func() time.Time { return testNow })
		_, err := s.Scan(t.Context(), testSite())
		if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), mendRights) {
			t.Errorf("a directory above: %v", err)
		}
	})
}

// No look may change what it looks at.
func TestScanChangesNothing(t *testing.T) {
	q := newTestQueueDir(t)
	q.write("deferred/A/AAAAA001", mail{uid: 33}.file())
	q.write("defer/A/AAAAA001", deferLog(refused))
	q.age()
	old := testNow.Add(-3 * 24 * time.Hour) // relatime would change it
	names := []string{".", "deferred", "deferred/A", "deferred/A/AAAAA001", "defer", "defer/A", "defer/A/AAAAA001", "maildrop"}
	for _, name := range names {
		if err := os.Chtimes(q.path(name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if got := look(t, newTestScan(t, q)); got.DeferredRecipients[parser.FailureRefused] != 1 {
		t.Fatalf("%v", got.DeferredRecipients)
	}
	for _, name := range names {
		var stat unix.Stat_t
		if err := unix.Stat(q.path(name), &stat); err != nil {
			t.Fatal(err)
		}
		if stat.Atim.Sec != old.Unix() || stat.Mtim.Sec != old.Unix() {
			t.Errorf("%s: a look changed its time stamps", name)
		}
	}
}

func TestScanStops(t *testing.T) {
	q := newTestQueueDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newTestScan(t, q).Scan(ctx, testSite()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Listing what is known takes no memory.
func TestListingDoesNotAllocate(t *testing.T) {
	q := newTestQueueDir(t)
	for i := range 100 {
		q.write(fmt.Sprintf("deferred/A/AAAAA%03X", i), mail{}.file())
	}
	s := newTestScan(t, q)
	look(t, s)
	fd, err := unix.Open(q.path("deferred/A"), unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var dir uint16
	for i := range s.tree.dirs {
		if s.tree.dirs[i].name == "A" {
			dir = uint16(i)
		}
	}
	if n := testing.AllocsPerRun(20, func() {
		s.previous = 0
		_, _ = unix.Seek(fd, 0, 0)
		if err := s.tree.list(fd, dir, s.see); err != nil {
			t.Fatal(err)
		}
		s.forget(testNow.Unix())
		s.count()
	}); n > 12 {
		t.Errorf("%v allocations", n)
	}
}
