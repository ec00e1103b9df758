//go:build live

package dashboards

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// account is the one that is stolen, as Dovecot calls it.
const account = "emil@lab.test"

// TestRunbookCommands runs every block of the runbooks that is marked sh, on a
// private Postfix that a stolen account has filled, each file's in its order.
// After them the account has nothing queued, and other people's mail is there.
func TestRunbookCommands(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	ordinary, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	l.Ordinary(ordinary, 30*time.Millisecond)
	if err := l.Attack(t.Context(), lab.Attack{Account: "emil", Messages: 40, Connections: 10}); err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	work := t.TempDir()
	queue := &incident{log: l.Postfix.LogFile, config: l.Postfix.ConfigDir, work: work}
	mine, others := queue.owners(t, account)
	for deadline := time.Now().Add(20 * time.Second); len(mine) < 20 || len(others) < 2; mine, others = queue.owners(t, account) {
		if time.Now().After(deadline) {
			t.Fatalf("%d messages of the account are queued, and %d of others", len(mine), len(others))
		}
		time.Sleep(200 * time.Millisecond)
	}
	queue.id = mine[0]

	// The queue is cleaned last: the others look at it.
	files := append(markdown(t, "runbooks/*.md"), markdown(t, "runbooks/steps/*.md")...)
	const clean = "runbooks/steps/clean-queue.md"
	files = append(slices.DeleteFunc(files, func(f string) bool { return f == clean }), clean)
	ran := 0
	for _, file := range files {
		for _, m := range regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```").FindAllStringSubmatch(read(t, file), -1) {
			ran++
			queue.run(t, file, m[1])
		}
	}
	if ran < 20 {
		t.Errorf("only %d blocks were run", ran)
	}
	left, kept := queue.owners(t, account)
	if len(left) > 0 {
		t.Errorf("%d messages of the account are still queued", len(left))
	}
	for _, id := range others {
		if regexp.MustCompile(`/postsuper\[\d+\]: ` + id + `: removed`).MatchString(read(t, l.Postfix.LogFile)) {
			t.Errorf("message %s of others was deleted", id)
		}
	}
	t.Logf("%d blocks; %d messages deleted, %d of others queued before and %d after", ran, len(mine), len(others), len(kept))
}

// incident is what the runbooks' variables stand for.
type incident struct{ log, config, work, id string }

func (q *incident) run(t *testing.T, file, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -eu\n"+script)
	cmd.Env = append(os.Environ(), "MAIL_CONFIG="+q.config, "LOG="+q.log, "WORK="+q.work, "QUEUE_ID="+q.id,
		"ACCOUNT="+account, "LOCAL_USER=www-data", "NETWORK=127.99.0.0/24", "ALIAS=nicole@lab.test", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s\n%s", file, err, script, out)
	}
	return string(out)
}

// owners lists the queued messages of the account, and those of other people.
func (q *incident) owners(t *testing.T, account string) (mine, others []string) {
	t.Helper()
	list := q.run(t, "the queue", `postqueue -j | jq -r 'select(.sender != "MAILER-DAEMON") | .queue_id'`)
	for id := range strings.FieldsSeq(list) {
		envelope := q.run(t, "the queue", "postcat -eq "+id+" 2>/dev/null || true")
		switch {
		case strings.Contains(envelope, "sasl_username="+account+"\n"):
			mine = append(mine, id)
		case envelope != "":
			others = append(others, id)
		}
	}
	return mine, others
}
