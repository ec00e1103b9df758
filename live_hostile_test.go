//go:build live

package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fakeInstance is the configuration and the queue of a Postfix that the test
// plays itself.
func fakeInstance(t *testing.T) (config, queue string) {
	t.Helper()
	config, _ = instanceDir(t, "")
	for dir := config; dir != "/tmp"; dir = filepath.Dir(dir) { // for other users
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// postconf(1) waits 2 s for a main.cf that is just being written.
	if err := os.Chtimes(filepath.Join(config, "main.cf"), time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	return config, filepath.Join(config, "queue")
}

// unlisted takes away every other user's right to list the queue's directories.
func unlisted(t *testing.T, queue string) {
	t.Helper()
	for _, dir := range []string{"maildrop", "incoming", "active", "deferred", "hold", "corrupt"} {
		mustChmod(t, filepath.Join(queue, dir), 0)
	}
}

// hostileDeadline is what Prometheus gives these scrapes.
const hostileDeadline = time.Second

// escape is what would colour a terminal, by one byte and by two.
const escape = "\x1b[31m\u009b31m\x7f"

const goodLine = "Nov 23 13:41:21 mx postfix/smtpd[12]: connect from phone.example.test[203.0.113.9]\n"

// TestHostileLogs follows what no log should be. Whatever it is, good lines
// after it count.
func TestHostileLogs(t *testing.T) {
	exporterItself := readText(t, binary)
	for _, test := range []struct {
		name, text string
		outcome    string // of which there are some
		least      float64
	}{
		{"NULs", strings.Repeat("\x00", 5000) + "\n" + strings.ReplaceAll(goodLine, "phone", "ph\x00ne"), "malformed", 1},
		{"invalid UTF-8", strings.ReplaceAll(someMail, "bob@", "b\xff\xfeb@") + strings.ReplaceAll(goodLine, "postfix/", "post\xfffix/"), "parsed", 4},
		{"10 MB without a newline", strings.Repeat("x", 10<<20), "truncated", 1},
		{"10 MB of one Postfix line", strings.TrimSpace(goodLine) + strings.Repeat("\xc2", 10<<20), "truncated", 1},
		{"a binary file", exporterItself[:min(len(exporterItself), 8<<20)], "malformed", 1000},
		{"escape sequences", strings.ReplaceAll(goodLine, "connect", escape) + strings.ReplaceAll(someMail, "bob@", "bob"+escape+"@") +
			strings.ReplaceAll(goodLine, "postfix/", escape+"/"), "parsed", 4},
		{"no log at all but noise", noise(1 << 20), "malformed", 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config, _ := fakeInstance(t)
			log := filepath.Join(config, "mail.log")
			appendLog(t, log, test.text)
			e := launch(t, nil, "--postfix.config-directory="+config, "--log.timezone=UTC")
			before := 0.0
			within(t, 20*time.Second, func() string {
				s := e.scrape(t, hostileDeadline)
				before = s.sum("postfix_smtpd_connects_total", `syslog_name="postfix"`)
				if lag := s.sum("postfix_log_lag_bytes"); lag > 0 {
					return fmt.Sprintf("%v bytes are not read", lag)
				}
				return ""
			})
			appendLog(t, log, "\n"+strings.Repeat(goodLine, 3))
			within(t, 20*time.Second, func() string {
				s := e.scrape(t, hostileDeadline)
				if n := s.sum("postfix_smtpd_connects_total", `syslog_name="postfix"`); n < before+3 {
					return fmt.Sprintf("%v connects, want %v", n, before+3)
				}
				if n := s.sum("postfix_log_lines_total", fmt.Sprintf("outcome=%q", test.outcome)); n < test.least {
					t.Errorf("%v lines are %s, want %v at least", n, test.outcome, test.least)
				}
				return ""
			})
			for _, command := range []string{"parse", "replay"} {
				if stdout, stderr, code := ran(t, command, "--log.timezone=UTC", log); code != 0 || stdout == "" || strings.ContainsAny(stdout, "\x1b\x00") {
					t.Errorf("%s: exit code %d: %.500s", command, code, stderr)
				}
			}
		})
	}
}

// noise is the same at each run.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return string(b)
}

// showqMessage is a whole answer of showq(8) with one message.
const showqMessage = "protocol\x00mail_queue_list_protocol\x00\x00" +
	"queue_name\x00deferred\x00queue_id\x004F978A2E954\x00time\x001795441281\x00size\x00322\x00forced_expire\x000\x00sender\x00\x00" +
	"recipient\x00a@b.test\x00reason\x00connect to b.test[192.0.2.1]:25: Connection refused\x00\x00\x00"

// TestHostileShowq puts something else in showq's place, for a user who may read
// nothing else of the queue. Once showq is itself again, it is read.
func TestHostileShowq(t *testing.T) {
	for _, test := range []struct {
		name string
		says func(net.Conn)
		mend string
	}{
		{"hangs", hang, "the look at the queue is not over yet"},
		{"hangs in the middle", func(c net.Conn) { _, _ = io.WriteString(c, showqMessage[:100]); hang(c) }, "the look at the queue is not over yet"},
		{"closes at once", func(net.Conn) {}, "see the mail log for why showq stopped"},
		{"closes early", func(c net.Conn) { _, _ = io.WriteString(c, showqMessage[:len(showqMessage)-1]) }, "see the mail log for why showq stopped"},
		{"answers garbage", func(c net.Conn) { _, _ = io.WriteString(c, noise(100_000)) }, "showq"},
		{"answers escape sequences", func(c net.Conn) { _, _ = io.WriteString(c, strings.Repeat(escape+"\x00"+escape+"\x00", 1000)) }, "showq"},
		{"answers text", func(c net.Conn) {
			_, _ = io.WriteString(c, "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n"+escape)
		}, "3.1 or newer is needed"},
		{"never ends", func(c net.Conn) {
			message := []byte(strings.TrimSuffix(showqMessage, "\x00"))
			for whole := bytes.Repeat(message, 100); ; {
				if _, err := c.Write(whole); err != nil {
					return
				}
			}
		}, "showq"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config, queue := fakeInstance(t)
			unlisted(t, queue)
			hostile := listenAs(t, queue, test.says)
			e := launch(t, &syscall.Credential{Uid: nobodys, Gid: nobodys}, "--postfix.config-directory="+config)
			within(t, 10*time.Second, func() string {
				s := e.scrape(t, hostileDeadline)
				if names := s.failed(); names != `"queue"` && names != `"process""queue"` && names != `"queue""process"` {
					return names + ` failed, want "queue"`
				}
				if !strings.Contains(e.stderr.String(), test.mend) {
					return "nothing says: " + test.mend
				}
				return s.differences(samples{"postfix_up": 1, "postfix_queue_snapshot_complete": 0})
			})
			if strings.HasPrefix(test.name, "hangs") || test.name == "never ends" {
				return // the scan goes on for up to 30 s; the unit tests have its end
			}
			hostile()
			listenAs(t, queue, func(c net.Conn) { _, _ = io.WriteString(c, showqMessage) })
			within(t, 15*time.Second, func() string {
				return e.scrape(t, hostileDeadline).differences(samples{
					"postfix_queue_snapshot_complete": 1, `postfix_queue_origin_messages{origin="bounce",queue="deferred"}`: 1,
					`postfix_queue_deferred_recipients{reason="refused"}`: 1,
				})
			})
		})
	}
}

// hang answers nothing until the other side goes.
func hang(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }

// listenAs answers in showq's place until stop or the test's end.
func listenAs(t *testing.T, queue string, says func(net.Conn)) (stop func()) {
	t.Helper()
	name := filepath.Join(queue, "public", "showq")
	_ = os.Remove(name)
	l, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o666); err != nil { // as Postfix's is
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				says(c)
				_ = c.Close()
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return func() { _ = l.Close() }
}
