package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What classes prints is a file that --classes.* takes, and its lines decide.
func TestClasses(t *testing.T) {
	dir := t.TempDir()
	reasons, _, err := command(t, "", "classes", "reasons")
	if err != nil || !strings.Contains(reasons, "reputation\tspamhaus\n") {
		t.Fatalf("%v: %.200s", err, reasons)
	}
	providers, _, err := command(t, "", "classes", "providers")
	if err != nil || !strings.Contains(providers, "google\tgoogle.com\n") {
		t.Fatalf("%v: %.200s", err, providers)
	}
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	const line = "Nov 23 13:41:22 mx postfix/smtp[13]: 4F978A2E954: to=<a@b.test>, relay=mx.example.test[192.0.2.1]:25, delay=1, delays=0/0/1/0, " +
		"dsn=4.0.0, status=deferred (host mx.example.test[192.0.2.1] said: 450 the moon is full (in reply to RCPT TO command))\n"
	log := write("mail.log", line)
	stdout, _, err := command(t, "", "replay", "--log.timezone=UTC", "--classes.reasons="+write("r", "greylist\tthe moon is full\n"+reasons),
		"--classes.providers="+write("p", providers+"google\texample.test\n"), log)
	if want := `postfix_delivery_failures_total{provider="google",reason="greylist",status="deferred"} 1`; err != nil || !strings.Contains(stdout, want) {
		t.Errorf("%v: no %s", err, want)
	}

	_, _, err = command(t, "", "replay", "--classes.reasons="+write("bad", "# ours\nmoon\tthe moon is full\n"), log)
	if err == nil || !strings.Contains(err.Error(), `line 2: no reason "moon"`) {
		t.Errorf("%v", err)
	}
	_, _, err = command(t, "", "replay", "--classes.providers="+filepath.Join(dir, "none"), log)
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
}
