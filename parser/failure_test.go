package parser

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func newTestClassifier(t testing.TB) *Classifier {
	t.Helper()
	c, err := NewClassifier(Tables{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func said4(reply string) string { return "host mx.example.test[192.0.2.1] said: " + reply }

func TestFailureReason(t *testing.T) {
	for _, tt := range []struct {
		text string
		want FailureReason
	}{
		// Postfix's own words.
		{"connect to mx.example.test[192.0.2.1]:25: Connection timed out", FailureTimeout},
		{"connect to mx.example.test[192.0.2.1]:25: Connection refused", FailureRefused},
		{"connect to mx.example.test[2001:db8::1]:25: No route to host", FailureNetwork},
		{"connect to mx.example.test[2001:db8::1]:25: Network is unreachable", FailureNetwork},
		{"connect to mail.example.test[private/dovecot-lmtp]: Connection refused", FailureRefused},
		{"connect to mx.example.test", FailureNetwork},
		{"delivery temporarily suspended: connect to mx.example.test[192.0.2.1]:25: Connection refused", FailureSuspended},
		{"delivery temporarily suspended: host a[192.0.2.1] refused to talk to me: 421 blocked using zen.spamhaus.org", FailureSuspended},
		{"Host or domain name not found. Name service error for name=dead.test type=MX: Host not found, try again", FailureDNS},
		{"Domain example.test does not accept mail (nullMX)", FailureDNS},
		{"unable to look up host mx.example.test: Name or service not known", FailureDNS},
		{"conversation with mx.example.test[192.0.2.1] timed out while receiving the initial server greeting", FailureTimeout},
		{"lost connection with mx.example.test[192.0.2.1] while sending RCPT TO", FailureNetwork},
		{"mail for example.test loops back to myself", FailureLoop},
		{"mail forwarding loop for a@example.test", FailureLoop},
		{"TLS is required, but was not offered by host mx.example.test[192.0.2.1]", FailureTLS},
		{"Cannot start TLS: handshake failure", FailureTLS},
		{"Server certificate not verified", FailureTLS},
		{`unknown user: "carol"`, FailureUserUnknown},
		{"maildir delivery failed: error writing message: Disk quota exceeded", FailureMailboxFull},
		{"Command time limit exceeded: \"/usr/bin/filter\"", FailureTimeout},
		{"mail transport unavailable", FailureOther},
		{"", FailureOther},

		// What the remote host says.
		{said4("421 4.7.0 [TSS04] Messages from 198.51.100.1 temporarily deferred due to unexpected volume or user complaints (in reply to RCPT TO command)"), FailureReputation},
		{said4("550-5.7.1 [198.51.100.1] Our system has detected that this message is 550 5.7.1 likely unsolicited mail. (in reply to end of DATA command)"), FailureReputation},
		{said4("550 5.7.1 Unfortunately, messages from [198.51.100.1] weren't sent. Please contact your provider since part of their network is on our block list (S3150)."), FailureReputation},
		{said4("554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using zen.spamhaus.org"), FailureReputation},
		{said4("550 5.7.606 Access denied, banned sending IP [198.51.100.1]"), FailureReputation},
		{"host a.test[192.0.2.1] refused to talk to me: 554-mx.example.test 554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.", FailureReputation},
		{said4("421-4.7.28 Gmail has detected an unusual rate of mail originating from your SPF domain"), FailureRateLimit},
		{said4("451 4.7.500 Server busy. Please try again later from [198.51.100.1]."), FailureRateLimit},
		{said4("450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered."), FailureRateLimit},
		{said4("452 4.5.3 Error: too many recipients"), FailureRateLimit},
		{said4("450 4.2.0 <a@b.test>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/b.test.html"), FailureGreylist},
		{said4("451 4.7.1 Greylisting in action, please come back later"), FailureGreylist},
		{said4("450 4.7.1 Try again later"), FailureGreylist},
		{said4("552-5.2.2 The email account that you tried to reach is over quota."), FailureMailboxFull},
		{said4("552 mailbox exceeds"), FailureMailboxFull},
		{said4("550-5.1.1 The email account that you tried to reach does not exist."), FailureUserUnknown},
		{said4("550 No such user here"), FailureUserUnknown},
		{said4("550 5.4.1 Recipient address rejected: Access denied. AS(201806281)"), FailureUserUnknown},
		{said4("550 Requested action not taken: mailbox unavailable"), FailureUserUnknown},
		{said4("550-5.7.26 This mail has been blocked because the sender is unauthenticated."), FailurePolicy},
		{said4("554 5.7.1 <a@b.test>: Relay access denied"), FailurePolicy},
		{said4("554 5.7.9 Message not accepted for policy reasons."), FailurePolicy},
		{said4("550 5.7.99 Words of no meaning"), FailurePolicy},
		{said4("450 4.7.1 <mail.example.test>: Helo command rejected: Host not found"), FailurePolicy},
		{said4("552 5.3.4 Message size exceeds fixed limit"), FailurePolicy},
		{said4("530 5.7.0 Must issue a STARTTLS command first"), FailureTLS},
		{said4("554 5.4.14 Hop count exceeded - possible mail loop ATTR34"), FailureLoop},
		{said4("554 5.4.0 Error: too many hops"), FailureLoop},
		{said4("421 4.4.2 mx.example.test Error: timeout exceeded"), FailureTimeout},
		{said4("451 Temporary local problem - please try later"), FailureOther},
		{said4("554 Transaction failed"), FailureOther},

		// What strangers choose must not decide.
		{"connect to connection-timed-out.evil.test[192.0.2.1]:25: Connection refused", FailureRefused},
		{"connect to Connection timed out[192.0.2.1]:25: Connection refused", FailureRefused},
		{"host greylisted.spamhaus.evil.test[192.0.2.1] said: 550 5.1.1 User unknown", FailureUserUnknown},
		{"host spamhaus.evil.test[192.0.2.1] said: 554 Transaction failed", FailureOther},
		{said4("550 <greylisted.spamhaus@b.test>: User unknown"), FailureUserUnknown},
		{said4(`550 <"a> greylisted by spamhaus"@b.test>: User unknown`), FailureUserUnknown},
		{said4("550 <" + strings.Repeat("x", 300) + "@b.test>: User unknown"), FailureUserUnknown},
		{said4("554 " + strings.Repeat("x ", 200) + "spamhaus"), FailureOther},
	} {
		c := newTestClassifier(t)
		if got := c.Reason(0, DSN{}, []byte(tt.text)); got != tt.want {
			t.Errorf("%q:\n got %v, want %v", tt.text, got, tt.want)
		}
	}
}

// The log gives code and status apart; the text may then be the bare reply.
func TestFailureReasonWithCodes(t *testing.T) {
	c := newTestClassifier(t)
	for _, tt := range []struct {
		code uint16
		dsn  DSN
		text string
		want FailureReason
	}{
		{550, DSN{5, 1, 1}, "Blocked using spamhaus", FailureUserUnknown},
		{450, DSN{4, 1, 1}, "Greylisted", FailureGreylist},
		{450, DSN{4, 1, 1}, "", FailureUserUnknown},
		{552, DSN{5, 2, 2}, "", FailureMailboxFull},
		{0, DSN{4, 4, 1}, "Connection refused", FailureRefused},
		{0, DSN{4, 4, 1}, "", FailureNetwork},
		{0, DSN{5, 4, 6}, "anything", FailureLoop},
		{530, DSN{}, "", FailureTLS},
		{421, DSN{9, 999, 999}, "", FailureOther},
	} {
		if got := c.Reason(tt.code, tt.dsn, []byte(tt.text)); got != tt.want {
			t.Errorf("%d %v %q: got %v, want %v", tt.code, tt.dsn, tt.text, got, tt.want)
		}
	}
}

func TestFailurePhraseFaults(t *testing.T) {
	for _, list := range []string{"nonsense\tword", "timeout word", "timeout\t", "timeout\tUpper", "timeout\t" + strings.Repeat("x", 300)} {
		if _, err := newPhraseTable(list); err == nil {
			t.Errorf("%q: no error", list)
		}
	}
	for _, list := range []string{"nonsense\ta.test", "google", "google\t", "google\ttest", "google\tA.test", "google\ta.b.c.d.test", "google\t" + strings.Repeat("x", 64) + ".test"} {
		if _, err := newProviders("# one\n" + list); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", list, err)
		}
	}
}

// An admin's line goes before the built-in ones, also for the same phrase.
func TestOwnTables(t *testing.T) {
	c, err := NewClassifier(Tables{
		Reasons:   "# ours\nrate_limit\tblocked using\r\nreputation\tgo away\n",
		Providers: "google\tmx.example.co.uk\nother\tgmail.com\nyahoo\tprotection.outlook.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]FailureReason{
		"554 Client host blocked using x": FailureRateLimit, "554 go away": FailureReputation, "550 spamhaus": FailureReputation,
	} {
		if got := c.Reason(0, DSN{}, []byte(said4(text))); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	for host, want := range map[string]Provider{
		"a.mx.example.co.uk": ProviderGoogle, "mx.example.co.uk": ProviderGoogle, "example.co.uk": ProviderOther, "amx.example.co.uk": ProviderOther,
		"mx.gmail.com": ProviderOther, "x.mail.protection.outlook.com": ProviderYahoo, "x.outlook.com": ProviderMicrosoft,
	} {
		if got := c.Provider([]byte(host)); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}

func TestBuiltinTablesHaveNoLineTwice(t *testing.T) {
	builtin := BuiltinTables()
	for _, table := range []string{builtin.Reasons, builtin.Providers} {
		seen := map[string]bool{}
		if err := tableLines(table, func(_, pattern string) error {
			if seen[pattern] {
				return fmt.Errorf("%q stands twice", pattern)
			}
			seen[pattern] = true
			return nil
		}); err != nil || len(seen) == 0 {
			t.Error(err)
		}
	}
}

// The table must find what a plain search finds: here with phrases of few
// letters, so that they overlap in every way.
func TestPhraseTableAgainstSearch(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	word := func(letters string, longest int) string {
		b := make([]byte, 1+random.IntN(longest))
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		return string(b)
	}
	for range 300 {
		var phrases []string
		var list strings.Builder
		for len(phrases) < 1+random.IntN(NumFailureReasons-1) {
			if p := word("ab-", 5); !slices.Contains(phrases, p) {
				fmt.Fprintf(&list, "%v\t%s\n", FailureReason(len(phrases)), p)
				phrases = append(phrases, p)
			}
		}
		table, err := newPhraseTable(list.String())
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			text := word("abAB-x", 12)
			want := slices.IndexFunc(phrases, func(p string) bool { return strings.Contains(strings.ToLower(text), p) })
			got, ok := table.find([]byte(text), maxReplyScan)
			if ok != (want >= 0) || (ok && int(got) != want) {
				t.Fatalf("%q in %q: got %d %v, want %d", text, phrases, got, ok, want)
			}
		}
	}
}

func TestClassifierDoesNotAllocate(t *testing.T) {
	c := newTestClassifier(t)
	texts := [][]byte{
		[]byte(said4("550-5.7.1 [198.51.100.1] Our system has detected <a@b> that")), hostileReply(), []byte("connect to a[1.2.3.4]:25: x"),
	}
	host := []byte("ALT1.ASPMX.L.GOOGLE.COM")
	if n := testing.AllocsPerRun(100, func() {
		for _, text := range texts {
			c.Reason(0, DSN{}, text)
		}
		c.Provider(host)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func hostileReply() []byte {
	return []byte(said4("450 " + strings.Repeat("blocked usin greylis spamhau ", 64)))
}

func BenchmarkFailureReason(b *testing.B) {
	c := newTestClassifier(b)
	for name, text := range map[string][]byte{
		"suspended": []byte("delivery temporarily suspended: connect to mx.example.test[192.0.2.1]:25: Connection refused"),
		"connect":   []byte("connect to mx.example.test[192.0.2.1]:25: Connection timed out"),
		"reply":     []byte(said4("450 4.2.0 <a@b.test>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/b.test.html")),
		"cap":       hostileReply()[:len(said4(""))+maxReplyScan],
		"hostile":   hostileReply(),
		"angles":    append([]byte(said4("450 ")), bytes.Repeat([]byte("<>"), 950)...),
		"open":      append([]byte(said4("450 ")), bytes.Repeat([]byte("<"), 1900)...),
		"quotes":    append([]byte(said4("450 ")), bytes.Repeat([]byte(`<"">`), 480)...),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Reason(0, DSN{}, text)
			}
		})
	}
}
