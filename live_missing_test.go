//go:build live

package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMissing takes away what the exporter wants to read. It says what to do,
// and goes on by itself once there is something. Nobody plays showq unless a
// repair says so: root, who may list the queue, does not need it.
func TestMissing(t *testing.T) {
	nobody := &syscall.Credential{Uid: nobodys, Gid: nobodys}
	queue := func(whole float64) samples {
		return samples{"postfix_queue_snapshot_complete": whole, `postfix_scrape_collector_success{collector="queue"}`: whole}
	}
	down := func(whole float64) samples { // and nothing else fails
		s := queue(whole)
		s["postfix_up"] = 0
		s[`postfix_scrape_collector_success{collector="up"}`] = 1
		s[`postfix_scrape_collector_success{collector="process"}`] = 1
		return s
	}
	read := samples{`postfix_messages_total{origin="sasl"}`: 1}
	for _, test := range []struct {
		name   string
		who    anyone
		spoil  func(t *testing.T, config string) (log string)
		before samples
		mend   string
		repair func(t *testing.T, config string)
		then   samples
	}{
		{
			name: "a log that this user may not read",
			who:  nobody,
			spoil: func(t *testing.T, config string) string {
				appendLog(t, config+"/x.log", someMail)
				mustChmod(t, config+"/x.log", 0o600)
				return "x.log"
			},
			before: down(0), // the queue's access times this user would change
			mend:   "its mode is -rw-------: let a group read it that uid 61234 is in",
			repair: func(t *testing.T, config string) { mustChmod(t, config+"/x.log", 0o644) },
			then:   read,
		},
		{
			name:   "a log in a folder that is missing",
			spoil:  func(*testing.T, string) string { return "none/x.log" },
			before: down(1),
			mend:   "waiting for it; if the log is elsewhere, name that file",
			repair: func(t *testing.T, config string) {
				mustMkdir(t, config+"/none")
				appendLog(t, config+"/none/x.log", someMail)
			},
			then: read,
		},
		{
			name: "a folder in the log's place",
			spoil: func(t *testing.T, config string) string {
				mustMkdir(t, config+"/x.log")
				return "x.log"
			},
			before: down(1),
			mend:   "not a regular file: name the file that the log is written to",
			repair: func(t *testing.T, config string) {
				if err := os.Remove(config + "/x.log"); err != nil {
					t.Error(err)
				}
				appendLog(t, config+"/x.log", someMail)
			},
			then: read,
		},
		{
			name: "a queue directory that is missing",
			spoil: func(t *testing.T, config string) string {
				if err := os.Rename(config+"/queue", config+"/elsewhere"); err != nil {
					t.Error(err)
				}
				return "x.log"
			},
			before: queue(0), // a master that runs on this machine may be its own: postfix_up is either
			mend:   "/queue: no such file or directory; name the right config directory of Postfix",
			repair: func(t *testing.T, config string) {
				if err := os.Rename(config+"/elsewhere", config+"/queue"); err != nil {
					t.Error(err)
				}
			},
			then: queue(1),
		},
		{
			name: "one directory of the queue that is missing",
			spoil: func(t *testing.T, config string) string {
				if err := os.Remove(config + "/queue/hold"); err != nil {
					t.Error(err)
				}
				return "x.log"
			},
			before: down(0),
			mend:   "/queue: no such file or directory; postfix check makes directories that are missing",
			repair: func(t *testing.T, config string) { mustMkdir(t, config+"/queue/hold") },
			then:   queue(1),
		},
		{
			name: "a queue that this user may not list, and no showq",
			who:  nobody,
			spoil: func(t *testing.T, config string) string {
				unlisted(t, config+"/queue")
				return "x.log"
			},
			before: down(0),
			mend:   "Postfix is down; start it, or name the right config directory",
			repair: func(t *testing.T, config string) {
				listenAs(t, config+"/queue", func(c net.Conn) { _, _ = io.WriteString(c, showqMessage) })
			},
			then: queue(1),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config, _ := fakeInstance(t)
			log := test.spoil(t, config)
			e := launch(t, test.who, "--postfix.config-directory="+config, "--log.file="+filepath.Join(config, log), "--log.timezone=UTC")
			within(t, 10*time.Second, func() string {
				s := e.scrape(t, hostileDeadline)
				if !strings.Contains(e.stderr.String(), test.mend) {
					return "nothing says: " + test.mend
				}
				return s.differences(test.before)
			})
			test.repair(t, config)
			within(t, 10*time.Second, func() string {
				return e.scrape(t, hostileDeadline).differences(test.then)
			})
		})
	}
}

func mustMkdir(t *testing.T, name string) {
	t.Helper()
	if err := os.Mkdir(name, 0o755); err != nil {
		t.Fatal(err)
	}
}

func mustChmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}
