package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// flood is a log in which strangers do what they can, and honest accounts send
// their mail meanwhile.
type flood struct {
	failures int // failed logins, each with another name from another address
	senders  int // messages of strangers, each with another sender
	honest   int // messages of honest accounts
}

// honestNames are accounts that exist; the last ones have a strange name.
func honestNames() []string {
	var names []string
	for i := range 17 {
		names = append(names, fmt.Sprintf("user%d@example.test", i))
	}
	return append(names, `o"quote'`, "bob, sasl_username=eve@example.test", "päivi@example.test")
}

// write writes the log: all of it, or only the lines of honest accounts.
func (f flood) write(w io.Writer, strangers bool) error {
	out := bufio.NewWriterSize(w, 1<<16)
	names := honestNames()
	base := time.Date(2026, time.November, 3, 9, 0, 0, 0, time.UTC)
	steps, sent := max(f.failures, f.senders, f.honest), 0
	for i := range steps {
		stamp := base.Add(time.Duration(i) * 20 * time.Minute / time.Duration(steps)).Format(time.Stamp)
		line := func(format string, args ...any) { fmt.Fprintf(out, stamp+" mx postfix/"+format+"\n", args...) }
		if every(i, steps, f.honest) {
			name := names[sent%len(names)]
			sent++
			id := fmt.Sprintf("1%05X%06X", i%0xfffff, i)
			line("submission/smtpd[1]: %s: client=home[203.0.113.%d], sasl_method=PLAIN, sasl_username=%s", id, i%200, name)
			line("qmgr[2]: %s: from=<%s>, size=1000, nrcpt=2 (queue active)", id, "x@example.test")
			line("smtp[3]: %s: to=<a@sink.test>, relay=sink.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)", id)
			line("smtp[3]: %s: to=<b@sink.test>, relay=sink.test[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host "+
				"sink.test[192.0.2.1] said: 550 5.1.1 no, status=sent (250 ok))", id)
			line("qmgr[2]: %s: removed", id)
		}
		if strangers && every(i, steps, f.failures) {
			address := fmt.Sprintf("%d.%d.%d.%d", 20+i>>18, i>>10&255, i>>2&255, i&3)
			line("submission/smtpd[4]: connect from unknown[%s]", address)
			line("submission/smtpd[4]: warning: unknown[%s]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=%s", address, hostileName(i))
			line("submission/smtpd[4]: lost connection after AUTH from unknown[%s]", address)
			line("submission/smtpd[4]: disconnect from unknown[%s] ehlo=1 auth=0/1 commands=1/2", address)
		}
		if strangers && every(i, steps, f.senders) {
			id := fmt.Sprintf("2%05X%06X", i%0xfffff, i)
			line("smtpd[5]: %s: client=x[198.51.%d.%d]", id, i>>8&255, i&255)
			line("cleanup[6]: %s: message-id=<a b> sasl_username=user0@example.test, status=sent (x)", id)
			line(`qmgr[2]: %s: from=<"%s"@b.test>, size=322, nrcpt=1 (queue active)`, id, strings.ReplaceAll(hostileName(i), `"`, `\"`))
			line(`local[7]: %s: to=<user0@example.test>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)`, id)
			line("qmgr[2]: %s: removed", id)
		}
	}
	fmt.Fprintf(out, "%s mx cron[8]: the end\n", base.Add(20*time.Minute).Format(time.Stamp))
	return out.Flush()
}

// every spreads n of something over so many steps.
func every(i, steps, n int) bool { return i*n/steps != (i+1)*n/steps }

// hostileName is what strangers call themselves, another one for each i.
func hostileName(i int) string {
	switch i % 8 {
	case 0:
		return fmt.Sprintf("user%d@example.test", i%17) + strings.Repeat(" ", i/8%100) + strconv.Itoa(i)
	case 1:
		return fmt.Sprintf(`x%d, sasl_username=user%d@example.test`, i, i%17)
	case 2:
		return fmt.Sprintf(`"quoted,%d" {a="b"} \n`, i)
	case 3:
		return fmt.Sprintf("пользователь-%d\u202e", i)
	case 4:
		return fmt.Sprintf("a>, status=sent (250), client=%d[1.2.3.4]", i)
	case 5:
		if i%800 == 5 {
			return strconv.Itoa(i) + strings.Repeat("long", 2500)
		}
	}
	return fmt.Sprintf("info%d@example%d.test", i, i%100)
}

// holds checks a replay of the whole log against one of the honest lines alone.
func (f flood) holds(t *testing.T, honest, whole map[string]float64) {
	t.Helper()
	if n := len(whole); n > 2000 {
		t.Errorf("%d series", n)
	}
	compared := 0
	for series, n := range honest {
		if !strings.Contains(series, "sasl_username=") {
			continue
		}
		compared++
		if whole[series] != n {
			t.Errorf("%s %v, without the strangers %v", series, whole[series], n)
		}
	}
	if compared < 300 {
		t.Errorf("only %d series of accounts", compared)
	}
	for series := range whole {
		if _, ok := honest[series]; !ok && strings.Contains(series, "sasl_username=") {
			t.Errorf("strangers made %s", series)
		}
	}
	for series, want := range map[string]int{
		`postfix_messages_total{origin="sasl"}`:    f.honest,
		`postfix_messages_total{origin="inbound"}`: f.senders,
		`postfix_messages_total{origin="unknown"}`: 0,
		`postfix_smtpd_sasl_authentication_failures_total{syslog_name="postfix/submission",method="LOGIN",reason="credentials"}`: f.failures,
		`postfix_log_lines_total{source="stdin",outcome="parsed"}`:                                                               5*f.honest + 4*f.failures + 5*f.senders,
	} {
		if got := find(whole, series); got != float64(want) {
			t.Errorf("%s %v, want %d", series, got, want)
		}
	}
	users := find(whole, `postfix_auth_failure_window_users{window="1h"}`)
	if n := float64(f.failures); users < 0.9*n || users > 1.1*n {
		t.Errorf("%v user names, in truth %v", users, n)
	}
}

// find finds a series whatever the order of its labels.
func find(all map[string]float64, series string) float64 {
	sorted := func(series string) string {
		name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
		return name + strings.Join(slices.Sorted(slices.Values(strings.Split(labels, ","))), ",")
	}
	for each, n := range all {
		if sorted(each) == sorted(series) {
			return n
		}
	}
	return -1
}

// exposition reads samples.
func exposition(t *testing.T, text string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		var n float64
		if at := strings.LastIndexByte(line, ' '); !strings.HasPrefix(line, "#") {
			if _, err := fmt.Sscan(line[at+1:], &n); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			all[line[:at]] = n
		}
	}
	return all
}

// TestFlood replays a small flood; the live tests have one of a million.
func TestFlood(t *testing.T) {
	f := flood{failures: 20_000, senders: 2000, honest: 400}
	var replays [2]map[string]float64
	for i, strangers := range []bool{false, true} {
		var log bytes.Buffer
		if err := f.write(&log, strangers); err != nil {
			t.Fatal(err)
		}
		stdout, _, err := command(t, log.String(), "replay", "--log.timezone=UTC")
		if err != nil {
			t.Fatal(err)
		}
		replays[i] = exposition(t, stdout)
	}
	f.holds(t, replays[0], replays[1])
	if t.Failed() {
		for _, series := range slices.Sorted(maps.Keys(replays[1])) {
			if strings.Contains(series, "window") {
				t.Log(series, replays[1][series])
			}
		}
	}
}

// BenchmarkFlood is BenchmarkReplay with the log of a flood.
//
//	go test . -pgo default.pgo -run '^$' -bench Flood -benchtime 9x
func BenchmarkFlood(b *testing.B) {
	name := filepath.Join(b.TempDir(), "mail.log")
	file, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	f := flood{failures: 200_000, senders: 20_000, honest: 2000}
	if err := f.write(file, true); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	compareWithSplitter(b, name, float64(5*f.honest+4*f.failures+5*f.senders))
}
