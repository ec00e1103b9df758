package spool

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"postfix_exporter/parser"
)

// listed describes all entries, sorted.
func listed(t *testing.T, q testQueue) (all []string) {
	t.Helper()
	err := List(t.Context(), q.dir, testSite(), func(e *Entry) {
		uid := ""
		if e.Origin == OriginLocal {
			uid = strconv.FormatUint(uint64(e.UID), 10)
		}
		all = append(all, strings.Join(strings.Fields(fmt.Sprintf("%v %s %v %s %s %s %s alike=%v whole=%v %s", e.Queue, e.ID, e.Origin,
			e.File.Account, uid, e.File.Client, e.File.Original, e.File.Alike, e.Whole, parser.Header(e.Content, "subject"))), " "))
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func TestList(t *testing.T) {
	q := newTestQueueDir(t)
	q.write("active/A1B2C3D4E5F", mail{account: "emil@example.org", client: "192.0.2.1", sender: "forged@example.net", to: []string{"a@x.test"}}.file())
	q.write("deferred/7/762B4A2E872", mail{uid: 33, sender: "www@example.org", to: []string{"b@x.test"}}.file())
	q.write("hold/3F0A1B2C4D5", mail{notice: true, to: []string{"c@x.test"}}.file())
	q.write("incoming/0123456A", mail{account: "ben@example.org", client: "192.0.2.2", to: []string{"a@x.test", "b@x.test"}}.file())
	if err := os.Chmod(q.path("incoming/0123456A"), 0o600); err != nil { // still being received
		t.Fatal(err)
	}
	q.write("maildrop/9F0A1B2C4D5", "what a local user likes to write: A sasl_username=ben@example.org")
	if os.Geteuid() == 0 {
		if err := os.Chown(q.path("maildrop/9F0A1B2C4D5"), 33, 33); err != nil {
			t.Fatal(err)
		}
	}
	q.write("deferred/8/862B4A2E872", "no queue file")
	q.write("corrupt/C62B4A2E872", mail{account: "emil@example.org", client: "192.0.2.1"}.file()) // no queue of postsuper's
	if err := os.Symlink("../active/A1B2C3D4E5F", q.path("hold/B1B2C3D4E5F")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"active A1B2C3D4E5F sasl emil@example.org 192.0.2.1 a@x.test alike=true whole=true",
		"deferred 762B4A2E872 local 33 b@x.test alike=true whole=true x",
		"deferred 862B4A2E872 unknown alike=false whole=true",
		"hold 3F0A1B2C4D5 bounce c@x.test alike=true whole=true",
		"incoming 0123456A sasl ben@example.org 192.0.2.2 a@x.test alike=false whole=false",
		"maildrop 9F0A1B2C4D5 local 33 alike=false whole=true",
	}
	if os.Geteuid() != 0 { // then the file is the mail owner's, and Postfix's own
		want[5] = "maildrop 9F0A1B2C4D5 unknown alike=false whole=true"
	}
	if got := listed(t, q); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What can't be listed is told, and does not keep the rest from being given.
func TestListTellsWhatIsMissing(t *testing.T) {
	q := newTestQueueDir(t)
	q.write("active/A1B2C3D4E5F", mail{account: "emil@example.org", client: "192.0.2.1"}.file())
	q.remove("hold")
	n := 0
	err := List(t.Context(), q.dir, testSite(), func(*Entry) { n++ })
	if n != 1 || err == nil || !strings.Contains(err.Error(), "queue hold") || !strings.Contains(err.Error(), "postfix check") {
		t.Errorf("%d entries, %v", n, err)
	}
	if err := List(t.Context(), q.dir+"/none", testSite(), func(*Entry) {}); err == nil || !strings.Contains(err.Error(), "config directory") {
		t.Errorf("no queue directory: %v", err)
	}
}
