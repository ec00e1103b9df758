package traffic

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// byHand are the shapes that no real log of testdata holds, and why they are
// true all the same.
func byHand() map[string]string {
	const (
		busy = "only a service on a public address that has all its processes busy says so; master_avail.c, testdata/lines/anvil-scache-master.log"
		late = "smtpd_delay_reject, the default, moves the refusal from MAIL to RCPT; the lab's log has it at MAIL, and other refusals at both"
		rate = "anvil(8) counts no client of the loopback network, so that the lab never sees it; smtpd.c, testdata/lines/smtpd-3.1.log"
		name = "the lab's DNS has no forged names; smtpd_peer.c, testdata/lines/smtpd-3.1.log"
	)
	return map[string]string{
		`master: warning: service "smtp" (N) has reached its process limit "N": new clients may experience noticeable delays`:                busy,
		`master: warning: to avoid this condition, increase the process count in master.cf or reduce the service time per client`:            busy,
		`master: warning: see PATH for examples of stress-adapting configuration settings`:                                                   busy,
		`smtpd: NOQUEUE: reject: RCPT from CLIENT: N N <A>: Sender address rejected: Domain not found; from=<A> to=<A> proto=ESMTP helo=<A>`: late,
		`smtpd: warning: Connection rate limit exceeded: N from CLIENT for service smtp`:                                                     rate,
		`smtpd: warning: hostname NAME does not resolve to address ADDRESS: Name or service not known`:                                       name,
	}
}

// postfixShapes holds that Postfix writes such lines: reduced to its shape, each
// must occur among those that a real Postfix wrote.
func postfixShapes(t *testing.T, lines [][]byte) {
	known, hand := shapes(realLines(t)), byHand()
	made := shapes(lines)
	for s, line := range made {
		if known[s] == "" && hand[s] == "" {
			t.Errorf("no Postfix wrote such a line:\n%s\n%s", s, line)
		}
	}
	for s := range hand {
		if known[s] != "" || made[s] == "" {
			t.Errorf("needless in the list: %s", s)
		}
	}
}

// realLines are those that testdata/README.md calls real.
func realLines(t *testing.T) (lines [][]byte) {
	t.Helper()
	names := []string{"../../testdata/lines/postfix-3.7.log", "../../testdata/lines/postfix-3.12.log"}
	packed, err := filepath.Glob("../../testdata/*/*.gz")
	if err != nil || len(packed) == 0 {
		t.Fatalf("no packed logs: %v", err)
	}
	for _, name := range slices.Concat(names, packed) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".gz" {
			zip, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if text, err = io.ReadAll(zip); err != nil {
				t.Fatal(err)
			}
		}
		lines = slices.AppendSeq(lines, bytes.Lines(text))
	}
	return lines
}

// A mask hides what differs between lines of one shape: stamps, names, addresses,
// ids, numbers, what a stranger chose (replies of servers, user names), the
// service's prefix of a tag, and fields that any line of their kind may lack.
type mask struct {
	what *regexp.Regexp
	with string
}

func masks() []mask {
	var list []mask
	for _, m := range [][2]string{
		{`^.*? mx postfix\S*?([^/]+)\[\d+\]: `, "$1: "},
		{`^(\w+: )([0-9A-F]{6,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{12,30}): `, "${1}QID: "},
		{`(forwarded as|notification:) \w{6,}`, "$1 QID"},
		{` said: .*( \(in reply to .* command\)\))`, " said: TEXT$1"},
		{`\(250 .*\)`, "(250 TEXT)"},
		{`message-id=<.*>`, "message-id=<ID>"},
		{`, sasl_method=\w+`, ", sasl_method=M"},
		{`SASL \w+ authentication`, "SASL M authentication"},
		{`sasl_username=.*`, "sasl_username=U"},
		{`, (orig_to=<[^>]*>|conn_use=\d+)`, ""},
		{`<[^>]*>`, "<A>"},
		{`from (\S+\]) (\w+=\S+ )*commands=.*`, "from $1 COMMANDS"},
		{`[\w.-]+\[[0-9a-f.:]+\](:\d+)?`, "CLIENT"},
		{`\[[0-9a-f.:]+\]:\d+`, "ENDPOINT"},
		{`\[[0-9a-f.:]+\]`, "[ADDRESS]"},
		{`(after \S+ from ENDPOINT|non-SMTP command from CLIENT): .*`, "$1: TEXT"},
		{`name=\S+`, "name=NAME"},
		{`hostname \S+ does not resolve to address \S+:`, "hostname NAME does not resolve to address ADDRESS:"},
		{` (private/|https?://|/)\S+`, " PATH"},
		{`\d+(\.\d+)*`, "N"},
	} {
		list = append(list, mask{regexp.MustCompile(m[0]), m[1]})
	}
	return list
}

func shape(masks []mask, line []byte) string {
	for _, m := range masks {
		line = m.what.ReplaceAll(line, []byte(m.with))
	}
	return string(line)
}

// shapes gives a line of each shape. Most lines are like one before but for what
// stands in brackets and words with digits: the slow masks need not see them.
func shapes(lines [][]byte) map[string]string {
	found, seen, list := map[string]string{}, map[string]bool{}, masks()
	var key []byte
	for _, line := range lines {
		line = bytes.TrimRight(line, "\n")
		key = rough(key[:0], line)
		if !seen[string(key)] {
			seen[string(key)] = true
			found[shape(list, line)] = string(line)
		}
	}
	return found
}

// rough gives the words of a line that have no digit, without what is in brackets.
func rough(key, line []byte) []byte {
	word, digits := 0, false // where the word begins in key, and whether it has a digit
	end := func() {
		if digits {
			key = append(key[:word], '9')
		}
		key = append(key, ' ')
		word, digits = len(key), false
	}
	var closing byte
	for _, c := range line {
		switch {
		case closing != 0:
			if c == closing {
				closing = 0
			}
		case c == '<':
			closing = '>'
		case c == '[':
			closing = ']'
		case c == ' ':
			end()
		default:
			digits = digits || c >= '0' && c <= '9'
			key = append(key, c)
		}
	}
	end()
	return key
}
