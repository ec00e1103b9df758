//go:build live

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postfix_exporter/lab"
)

// TestTriageStopsEach is a full queue of everybody's: for a stolen account, a local
// user and a forward, the commands of triage are run as it prints them. They must hold
// and delete what is his, nearly all of it, and nothing else.
func TestTriageStopsEach(t *testing.T) {
	l := startLab(t, append([]string{"defer_transports = smtp"}, lab.NoRetries()...)...)
	ordinary(t, l, 4*time.Second)
	if err := l.Attack(t.Context(), lab.Attack{Account: "emil", Messages: 60, Connections: 10}); err != nil {
		t.Fatal(err)
	}
	if err := l.Postfix.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	site := newTriageSite(t, l)
	forward := site.busiestAlias()
	for _, who := range []struct{ flag, owner string }{
		{"", "account emil@" + lab.LocalDomain}, // by the ranking
		{"--local-user=www-data", "uid 33"},
		{"--forward=" + forward, "alias " + forward},
	} {
		before := site.owners()
		his := slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(id string) bool { return before[id] != who.owner })
		if len(his) < 2 || len(before)-len(his) < 10 {
			t.Fatalf("%s: %d messages of his and %d of others are no test", who.owner, len(his), len(before)-len(his))
		}
		site.ran = nil
		for _, step := range site.steps(who.flag) {
			for _, command := range step.Run {
				site.run(command)
			}
		}
		touched := site.touched()
		spared := 0
		for _, id := range his {
			if !touched[id] {
				spared++
			}
		}
		if spared*100 > len(his) {
			t.Errorf("%s: %d of his %d messages are left", who.owner, spared, len(his))
		}
		left := site.owners()
		bounces := 0
		for id := range touched {
			if before[id] == "bounce" && who.owner != "alias "+forward { // the last step's
				bounces++
			} else if before[id] != who.owner {
				t.Errorf("%s: a message of %q was touched: %s", who.owner, before[id], id)
			}
			if left[id] != "" {
				t.Errorf("%s: %s is still queued", who.owner, id)
			}
		}
		t.Logf("%s: %d messages of his and %d bounces deleted, %d of others left; %d commands", who.owner, len(his), bounces, len(left), len(site.ran))
	}
}

// triageSite runs what triage prints, on a lab's Postfix and Dovecot.
type triageSite struct {
	*testing.T
	lab  *lab.Lab
	args []string
	bin  string // programs that must not do here what they do
	read int    // of the log
	ran  []string
}

func newTriageSite(t *testing.T, l *lab.Lab) *triageSite {
	t.Helper()
	s := &triageSite{T: t, lab: l, bin: t.TempDir()}
	s.args = []string{
		nobody, "--postfix.config-directory=" + l.Postfix.ConfigDir,
		"--dovecot.config=" + filepath.Join(filepath.Dir(l.Dovecot.LogFile), "dovecot.conf"),
	}
	// The firewall and the host's users are not the lab's.
	for name, script := range map[string]string{
		"nft":    "#!/bin/bash\necho \"$*\" >> " + s.bin + "/rules\nexec /usr/sbin/nft -c -f " + s.bin + "/rules\n",
		"passwd": "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(s.bin, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

type triageStep struct{ Run, Undo []string }

func (s *triageSite) steps(flags ...string) []triageStep {
	s.Helper()
	args := append([]string{"triage", "--json"}, s.args...)
	for _, flag := range flags {
		if flag != "" {
			args = append(args, flag)
		}
	}
	stdout, stderr, code := ran(s.T, args...)
	if code != 0 {
		s.Fatalf("triage: %d %s", code, stderr)
	}
	var r struct{ Steps []triageStep }
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		s.Fatal(err)
	}
	return r.Steps
}

// run runs a command as an admin who pastes it into a root shell; WORK stays set.
func (s *triageSite) run(command string) {
	s.Helper()
	if strings.Contains(command, " --watch") {
		return // it takes five minutes
	}
	s.ran = append(s.ran, command)
	work := filepath.Join(s.bin, "work")
	cmd := exec.CommandContext(s.Context(), "bash", "-c", "set -u; [ -e "+work+" ] && . "+work+"\n"+command+"\nstatus=$?; echo \"WORK=${WORK-}\" > "+work+"; exit $status")
	cmd.Env = append(os.Environ(), "PATH="+s.bin+":"+os.Getenv("PATH"), "TMPDIR="+s.bin)
	out, err := cmd.CombinedOutput()
	if err != nil && !strings.HasPrefix(command, "doveadm ") { // the lab's Dovecot serves logins only
		s.Errorf("%v\n%s\n%s", err, command, out)
	}
}

// touched gives the queue ids that postsuper(1) has had to do with since the last call.
func (s *triageSite) touched() map[string]bool {
	s.Helper()
	log := readText(s.T, s.lab.Postfix.LogFile)
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`/postsuper\[\d+\]: (\w+): (?:placed on hold|removed)`).FindAllStringSubmatch(log[s.read:], -1) {
		ids[m[1]] = true
	}
	s.read = len(log)
	return ids
}

// owners says whose each queued message is, by what postcat(1) says: another witness
// than the exporter's own reading.
func (s *triageSite) owners() map[string]string {
	s.Helper()
	owners := map[string]string{}
	for _, queue := range []string{"incoming", "active", "deferred", "hold"} {
		files, _ := filepath.Glob(filepath.Join(s.lab.Postfix.QueueDir, queue, "*"))
		deeper, _ := filepath.Glob(filepath.Join(s.lab.Postfix.QueueDir, queue, "?", "*"))
		for _, file := range append(files, deeper...) {
			if id := filepath.Base(file); len(id) > 1 {
				owners[id] = s.owner(file)
			}
		}
	}
	return owners
}

// busiestAlias is the alias for which most messages wait.
func (s *triageSite) busiestAlias() (most string) {
	n := map[string]int{}
	for _, owner := range s.owners() {
		if alias, ok := strings.CutPrefix(owner, "alias "); ok {
			if n[alias]++; n[alias] > n[most] {
				most = alias
			}
		}
	}
	return most
}

func (s *triageSite) owner(file string) string {
	out, err := exec.CommandContext(s.Context(), "postcat", "-c", s.lab.Postfix.ConfigDir, file).Output()
	if err != nil {
		return "" // gone meanwhile
	}
	text := string(out)
	find := func(pattern string) string {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(text); m != nil {
			return m[1]
		}
		return ""
	}
	account, client := find(`(?m)^named_attribute: sasl_username=(.*)$`), find(`(?m)^named_attribute: client_address=(.*)$`)
	alias := find(`(?m)^original_recipient: (.*)$`)
	switch {
	case account != "" && client != "":
		return "account " + account
	case strings.Contains(text, "\nnamed_attribute: log_message_origin=local\n") && client == "":
		return "bounce"
	case alias != "" && alias != find(`(?m)^recipient: (.*)$`):
		return "alias " + alias
	case client == "":
		return "uid " + find(`\*\*\* MESSAGE CONTENTS .* \*\*\*\nReceived: by \S+ \(Postfix, from userid (\d+)\)`)
	}
	return fmt.Sprintf("client %s to %s", client, find(`(?m)^recipient: (.*)$`))
}
