package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// In a container the log comes on standard input.
func TestLogFromStandardInput(t *testing.T) {
	defer goleak.VerifyNone(t)
	config, _ := instanceDir(t, "")
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	r := startWith(t, out, "--postfix.config-directory="+config, "--log.stdin")
	if _, err := io.WriteString(in, someMail); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its lines count", func() bool {
		_, metrics := r.get(t, "/metrics")
		return strings.Contains(metrics, `postfix_messages_total{origin="sasl"} 1`) && strings.Contains(metrics, `postfix_log_lines_total{outcome="parsed",source="stdin"} 4`)
	})
	_ = in.Close()
	eventually(t, "its end is told", func() bool { return strings.Contains(r.log.String(), "standard input has ended") })
	if status, _ := r.get(t, "/-/healthy"); status != http.StatusOK {
		t.Error("it does not serve any more")
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

// Docker's and the CRI's logs are unwrapped, and lines that were cut joined. A
// restart in the middle loses none.
func TestWrappedLogs(t *testing.T) {
	for name, wrap := range map[string]func(line string, more bool) string{
		"docker": func(line string, more bool) string {
			if !more {
				line += "\n"
			}
			text, _ := json.Marshal(line)
			return fmt.Sprintf("{\"log\":%s,\"stream\":\"stdout\",\"time\":\"2026-11-23T13:41:21.1Z\"}\n", text)
		},
		"cri": func(line string, more bool) string {
			return fmt.Sprintf("2026-11-23T13:41:21.186234000Z stdout %s %s\n", map[bool]string{true: "P", false: "F"}[more], line)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRestarting(t)
			lines := strings.Split(strings.TrimSpace(someMail), "\n")
			for _, line := range lines[:3] {
				appendLog(t, r.log, wrap(line[:20], true)+wrap(line[20:], false))
			}
			appendLog(t, r.log, wrap(lines[3][:30], true))
			r.wants(r.parsed("3"))
			r.end()
			r.start()
			r.wants(r.parsed("3"))
			appendLog(t, r.log, wrap(lines[3][30:], false))
			r.wants(r.parsed("4"), `postfix_messages_total{origin="sasl"} 1`)
		})
	}
}
