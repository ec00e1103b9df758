package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// command runs the program as from a shell.
func command(t *testing.T, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(context.Background(), args, streams{in: strings.NewReader(stdin), out: &out, err: &errs})
	return out.String(), errs.String(), err
}

func TestParse(t *testing.T) {
	const lines = "Nov 23 13:41:21 mx postfix/qmgr[12]: 4F978A2E954: from=<a@b.test>, size=322, nrcpt=2 (queue active)\n" +
		"Nov 23 13:41:22 mx sshd[13]: something else\n" +
		"Nov 23 13:41:23 mx postfix/smtpd[14]: a shape <x@y> that 17 nobody \x1b[31mknows\n"
	stdout, stderr, err := command(t, lines, "parse", "--log.timezone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	var objects []map[string]any
	for line := range strings.Lines(stdout) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		objects = append(objects, object)
	}
	if len(objects) != 3 {
		t.Fatalf("%d objects for 3 lines", len(objects))
	}
	for key, want := range map[string]any{
		"outcome": "parsed", "kind": "queue_active", "daemon": "qmgr", "syslog_name": "postfix", "queue_id": "4F978A2E954",
		"from": "a@b.test", "size": 322.0, "nrcpt": 2.0,
	} {
		if objects[0][key] != want {
			t.Errorf("%s is %v, want %v", key, objects[0][key], want)
		}
	}
	for _, want := range []string{
		"3 lines: 1 parsed 0 ignored 1 unknown 0 malformed 1 foreign\n",
		`1 "smtpd: a shape <.> that N nobody \x1b[.]`,
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("standard error lacks %q: %s", want, stderr)
		}
	}
	if strings.Contains(stdout+stderr, "\x1b") {
		t.Error("an escape of the log reached the terminal")
	}
}

func TestParseCountsTenShapesAndTheRestStaysBounded(t *testing.T) {
	var lines strings.Builder
	for i := range maxShapes + 500 {
		fmt.Fprintf(&lines, "Nov 23 13:41:23 mx postfix/smtpd[14]: %s\n", shapeWord(i))
	}
	_, stderr, err := command(t, lines.String(), "parse")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(stderr, "\n"); n != 13 {
		t.Errorf("%d lines of summary, want the sum, a heading, ten shapes and the rest:\n%s", n, stderr)
	}
}

// shapeWord spells i without digits, which shapes make equal.
func shapeWord(i int) string {
	return strings.Map(func(r rune) rune { return r - '0' + 'a' }, strconv.Itoa(i))
}

// TestUsage: a wrong command line is an error that names the flag.
func TestUsage(t *testing.T) {
	for flag, args := range map[string][]string{
		"--no-such-flag":  {"--no-such-flag"},
		"--log.timezone":  {"parse", "--log.timezone=Mars/Olympus"},
		"--account.limit": {"replay", "--account.limit=many", "x.log"},
		"--log.level":     {"--log.format=json", "--log.level=loud"},
		"limit":           {"replay", "--account.limit=-1"},
	} {
		_, _, err := command(t, "", args...)
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), flag) {
			t.Errorf("%v: %v, want a usage error about %s", args, err, flag)
		}
	}
}

func TestHelpTeaches(t *testing.T) {
	stdout, stderr, err := command(t, "", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"127.0.0.1:9154", "--postfix.config-directory", "--log.file", "--web.config.file", "--[no-]collector.queue", "parse", "replay",
		"postdrop",
	} {
		if !strings.Contains(stdout+stderr, want) {
			t.Errorf("--help lacks %q", want)
		}
	}
}

func TestParseNamesAMissingFile(t *testing.T) {
	_, _, err := command(t, "", "parse", t.TempDir()+"/none")
	if err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("error %v doesn't name the file", err)
	}
}
