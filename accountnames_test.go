package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"

	"postfix_exporter/collector"
	"postfix_exporter/internal/ledger"
	"postfix_exporter/internal/statefile"
	"postfix_exporter/parser"
)

const twoAccounts = "Nov  3 09:01:01 mx postfix/smtpd[1]: 4F978A2E954: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=anna@example.test\n" +
	"Nov  3 09:01:01 mx postfix/qmgr[2]: 4F978A2E954: from=<anna@example.test>, size=1234, nrcpt=3 (queue active)\n" +
	"Nov  3 09:01:02 mx postfix/smtpd[1]: 762B4A2E872: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=bob, sasl_username=anna\n" +
	"Nov  3 09:01:02 mx postfix/qmgr[2]: 762B4A2E872: from=<bob@example.test>, size=1234, nrcpt=2 (queue active)\n"

// accountLabels gives the labels of accounts in a replay of two accounts.
func accountLabels(t *testing.T, args ...string) map[string]float64 {
	t.Helper()
	stdout, _, err := command(t, twoAccounts, append([]string{"replay", "--log.timezone=UTC"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for series, n := range exposition(t, stdout) {
		if label, ok := strings.CutPrefix(series, `postfix_account_recipients_total{sasl_username="`); ok {
			got[strings.TrimSuffix(label, `"}`)] = n
		}
	}
	return got
}

func TestAccountLabels(t *testing.T) {
	if got := accountLabels(t); len(got) != 3 || got["anna@example.test"] != 3 || got["bob, sasl_username=anna"] != 2 || got["_other"] != 0 {
		t.Errorf("plain: %v", got)
	}
	if got := accountLabels(t, "--account.labels=none"); len(got) != 1 || got["_other"] != 5 {
		t.Errorf("none: %v", got)
	}
}

func TestHashedLabelsAndWhois(t *testing.T) {
	dir := t.TempDir()
	key, logFile := filepath.Join(dir, "key"), filepath.Join(dir, "mail.log")
	if err := os.WriteFile(logFile, []byte(twoAccounts), 0o600); err != nil {
		t.Fatal(err)
	}
	got := accountLabels(t, "--account.labels=hash", "--account.key-file="+key)
	if info, err := os.Stat(key); err != nil || info.Mode() != 0o600 || info.Size() != keyLength {
		t.Fatalf("the key: %v %v", info, err)
	}
	names := map[float64]string{3: "anna@example.test", 2: "bob, sasl_username=anna"}
	for hash, n := range got {
		if hash == ledger.Other {
			continue
		}
		if !isHash(hash) {
			t.Errorf("label %q", hash)
		}
		stdout, _, err := command(t, "", "whois", "--account.key-file="+key, "--state.file="+dir+"/none", "--log.file="+logFile, hash)
		if err != nil || stdout != names[n]+"\n" {
			t.Errorf("%s: %q, %v", hash, stdout, err)
		}
	}
	if again := accountLabels(t, "--account.labels=hash", "--account.key-file="+key); len(again) != 3 || len(got) != 3 {
		t.Errorf("%v, and again %v", got, again)
	} else {
		for hash := range got {
			if again[hash] != got[hash] {
				t.Errorf("the same key makes other labels: %v, %v", got, again)
			}
		}
	}
}

// The saved state knows accounts that have left the log.
func TestWhoisState(t *testing.T) {
	book, err := ledger.New(ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	book.Fold(book.NewSource("x", parser.New(parser.Options{Reference: time.Date(2026, 11, 3, 9, 2, 0, 0, time.UTC), Location: time.UTC})),
		[]byte(twoAccounts))
	dir := t.TempDir()
	state, err := statefile.Open(dir+"/state", "anybody's")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }() // whois does not mind that it is in use
	if err := state.Save(book.Snapshot(nil)); err != nil {
		t.Fatal(err)
	}
	key, err := makeKey(dir + "/key")
	if err != nil {
		t.Fatal(err)
	}
	hash := collector.HashedNames(key)("bob, sasl_username=anna")
	stdout, _, err := command(t, "", "whois", "--account.key-file="+dir+"/key", "--state.file="+dir+"/state", "--log.file=/dev/null", hash)
	if err != nil || stdout != "bob, sasl_username=anna\n" {
		t.Errorf("%q, %v", stdout, err)
	}
}

func TestWhoisRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	log, key, short := write("mail.log", twoAccounts), write("key", strings.Repeat("k", keyLength)), write("short", "k")
	for _, test := range []struct{ key, hash, want string }{
		{key, "0123456789abcdef", "no account in the saved state or in the log"},
		{key, "anna@example.test", "is no hash of an account"},
		{short, "0123456789abcdef", "holds no key"},
		{filepath.Join(dir, "none"), "0123456789abcdef", "no such file"},
	} {
		stdout, _, err := command(t, "", "whois", "--account.key-file="+test.key, "--state.file="+dir+"/none", "--log.file="+log, test.hash)
		if err == nil || !strings.Contains(err.Error(), test.want) || stdout != "" {
			t.Errorf("%s with %s: %q, %v", test.hash, test.key, stdout, err)
		}
	}
	_, _, err := command(t, twoAccounts, "replay", "--account.labels=hash", "--account.key-file="+filepath.Join(dir, "no", "key"))
	if err == nil || !strings.Contains(err.Error(), "mend: make its folder") {
		t.Errorf("%v", err)
	}
}

// A break-in is told once, and its account under the name that the metrics give it.
func TestBreakInsAreTold(t *testing.T) {
	const lines = "Nov  3 09:01:00 mx postfix/smtpd[1]: warning: unknown[198.51.100.8]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=anna\n" +
		"Nov  3 09:01:01 mx postfix/smtpd[1]: 4F978A2E954: client=unknown[198.51.100.8], sasl_method=LOGIN, sasl_username=anna\n"
	for name, names := range map[string]func(string) string{"anna": collector.PlainNames, "_other": nil, "hidden": func(string) string { return "hidden" }} {
		book, err := ledger.New(ledger.Config{})
		if err != nil {
			t.Fatal(err)
		}
		book.Fold(book.NewSource("x", parser.New(parser.Options{Reference: time.Date(2026, 11, 3, 9, 2, 0, 0, time.UTC), Location: time.UTC})), []byte(lines))
		var said strings.Builder
		h := house{logger: log.NewLogfmtLogger(&said), ledger: book, names: collector.Names{Account: names}}
		h.logBreakIns()
		h.logBreakIns()
		if want := "account=" + name + " client=198.51.100.0/24 failures=1 at=2026-11-03T09:01:01Z\n"; !strings.HasSuffix(said.String(), want) ||
			strings.Count(said.String(), "\n") != 1 {
			t.Errorf("said %q, want %q", said.String(), want)
		}
	}
}

func TestUserNames(t *testing.T) {
	name := userNames()
	for range 2 {
		if got := name("0"); got != "root" {
			t.Errorf("uid 0 is %q", got)
		}
		if got := name("4000000000"); got != "" {
			t.Errorf("nobody is %q", got)
		}
	}
}
