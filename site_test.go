package main

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-kit/log"

	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/parser"
)

// A change of main.cf reaches the ledger while it runs.
func TestConfigureAnew(t *testing.T) {
	root := fstest.MapFS{"etc/postfix/main.cf": {Data: []byte("mynetworks = 10.0.0.0/8\n")}, "etc/postfix/master.cf": {}}
	options := postconf.Options{FS: root}
	found, err := postconf.Discover(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	book, err := ledger.New(ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h := house{logger: log.NewNopLogger(), ledger: book, instances: []*instance{{watch: postconf.NewWatch(found, options)}}}
	src := book.NewSource("log", parser.New(parser.Options{Location: time.UTC, Reference: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}))
	accepted := func(id string) {
		book.Fold(src, []byte("Nov 23 13:41:21 mx postfix/smtpd[1]: "+id+": client=x.example[10.1.2.3]\n"+
			"Nov 23 13:41:21 mx postfix/qmgr[2]: "+id+": from=<a@b.example>, size=1, nrcpt=1 (queue active)\n"))
	}
	last := h.configure(t.Context(), nil)
	accepted("4F978A2E954")
	if !slices.Equal(h.configure(t.Context(), last), last) {
		t.Error("nothing has changed, and it is read anew")
	}
	root["etc/postfix/main.cf"] = &fstest.MapFile{Data: []byte("mynetworks = 192.0.2.0/24\n"), ModTime: time.Unix(1, 0)}
	if slices.Equal(h.configure(t.Context(), last), last) {
		t.Error("a change is not seen")
	}
	accepted("762B4A2E872")
	book.Read(func(s *ledger.State) {
		if s.Origins[ledger.OriginNetwork].Messages != 1 || s.Origins[ledger.OriginInbound].Messages != 1 {
			t.Errorf("%+v", s.Origins)
		}
	})
}
