package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// restarting is an exporter that is stopped and started on the same state.
type restarting struct {
	t      *testing.T
	config string
	log    string
	state  string
	running
}

func newRestarting(t *testing.T) *restarting {
	config, log := instanceDir(t, "")
	r := &restarting{t: t, config: config, log: log, state: filepath.Join(config, "lib", "state")}
	r.start()
	return r
}

func (r *restarting) start() {
	r.t.Helper()
	r.running = start(r.t, "--postfix.config-directory="+r.config, "--state.file="+r.state)
	eventually(r.t, "ready", func() bool { status, _ := r.get(r.t, "/-/ready"); return status == http.StatusOK })
}

func (r *restarting) end() {
	r.t.Helper()
	if err := r.stop(); err != nil {
		r.t.Error(err)
	}
}

// wants wants lines in /metrics, as soon as the log is read.
func (r *restarting) wants(lines ...string) {
	r.t.Helper()
	for _, line := range lines {
		eventually(r.t, line, func() bool {
			_, metrics := r.get(r.t, "/metrics")
			return strings.Contains(metrics, "\n"+line+"\n")
		})
	}
}

func (r *restarting) parsed(n string) string {
	return `postfix_log_lines_total{outcome="parsed",source="` + r.log + `"} ` + n
}

// What is written while the exporter is down counts, and nothing counts twice,
// though the log was rotated twice meanwhile.
func TestRestart(t *testing.T) {
	defer goleak.VerifyNone(t)
	r := newRestarting(t)
	appendLog(t, r.log, someMail)
	r.wants(r.parsed("4"), `postfix_messages_total{origin="sasl"} 1`)
	r.end()

	appendLog(t, r.log, strings.ReplaceAll(someMail, "4F978A2E954", "5F978A2E954"))
	for _, id := range []string{"6F978A2E954", "7F978A2E954"} {
		_ = os.Rename(r.log+".1", r.log+".2")
		if err := os.Rename(r.log, r.log+".1"); err != nil {
			t.Fatal(err)
		}
		appendLog(t, r.log, strings.ReplaceAll(someMail, "4F978A2E954", id))
	}
	r.start()
	r.wants(r.parsed("16"), `postfix_messages_total{origin="sasl"} 4`, `postfix_log_rotations_total{source="`+r.log+`"} 2`)
	r.end()
	r.start()
	r.wants(r.parsed("16"), `postfix_log_rotations_total{source="`+r.log+`"} 2`, "postfix_state_save_failures_total 0")
	r.end()
}

// A state that can't be used is set aside, and the log is read from its beginning.
func TestRestartWithoutItsState(t *testing.T) {
	for cause, spoil := range map[string]func(t *testing.T, r *restarting){
		"damaged": func(t *testing.T, r *restarting) {
			if err := os.Truncate(r.state, 100); err != nil {
				t.Fatal(err)
			}
		},
		"foreign": func(t *testing.T, r *restarting) { // another instance, whose log is the same
			config, _ := instanceDir(t, "")
			if err := os.Rename(r.log, filepath.Join(config, "mail.log")); err != nil {
				t.Fatal(err)
			}
			r.config, r.log = config, filepath.Join(config, "mail.log")
		},
		"unreadable": func(t *testing.T, r *restarting) { // even to root
			if err := os.Remove(r.state); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(r.state, 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(cause, func(t *testing.T) {
			r := newRestarting(t)
			appendLog(t, r.log, someMail)
			r.wants(r.parsed("4"))
			r.end()
			spoil(t, r)
			r.start()
			r.wants(r.parsed("4"), `postfix_state_discarded_total{cause="`+cause+`"} 1`)
			if said := r.running.log.String(); !strings.Contains(said, "level=warn") || !strings.Contains(said, r.state+".unusable-1") {
				t.Errorf("it says %s", said)
			}
			r.end()
			r.start()
			r.wants(r.parsed("4"), `postfix_state_discarded_total{cause="`+cause+`"} 0`)
		})
	}
}

// Where the state can't be written, the exporter counts in memory, says so once,
// and saves as soon as it can.
func TestStateThatCanNotBeWritten(t *testing.T) {
	config, log := instanceDir(t, "")
	appendLog(t, log, someMail)
	lib := filepath.Join(config, "lib")
	appendLog(t, lib, "a file in the folder's place stops root too")
	r := &restarting{t: t, config: config, log: log, state: filepath.Join(lib, "state")}
	r.start()
	r.wants(r.parsed("4"))
	eventually(t, "a warning", func() bool { return strings.Contains(r.running.log.String(), "the state can't be saved") })
	if err := os.Remove(lib); err != nil {
		t.Fatal(err)
	}
	r.end()
	r.start()
	r.wants(r.parsed("4"))
	if said := r.running.log.String(); !strings.Contains(said, "goes on") {
		t.Errorf("it was not saved: %s", said)
	}
}

func TestTwoExportersOneState(t *testing.T) {
	r := newRestarting(t)
	config, _ := instanceDir(t, "")
	second := &restarting{t: t, config: config, log: filepath.Join(config, "mail.log"), state: r.state}
	second.start()
	if said := second.running.log.String(); !strings.Contains(said, "give each one a --state.file of its own") {
		t.Errorf("it says %s", said)
	}
}

func TestLogFromEnd(t *testing.T) {
	config, log := instanceDir(t, "")
	appendLog(t, log, someMail)
	r := start(t, "--postfix.config-directory="+config, "--log.from=end")
	eventually(t, "ready", func() bool { status, _ := r.get(t, "/-/ready"); return status == http.StatusOK })
	appendLog(t, log, strings.ReplaceAll(someMail, "4F978A2E954", "5F978A2E954"))
	eventually(t, "the new lines", func() bool {
		_, metrics := r.get(t, "/metrics")
		return strings.Contains(metrics, `postfix_messages_total{origin="sasl"} 1`) && strings.Contains(metrics, `outcome="parsed",source="`+log+`"} 4`)
	})
}
