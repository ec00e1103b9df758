//go:build live

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postfix_exporter/lab"
)

// triageSite runs what triage prints, on a lab's Postfix and Dovecot.
type triageSite struct {
	*testing.T
	lab  *lab.Lab
	args []string
	bin  string // programs that must not do here what they do
	read int    // of the log
	ran  []string

	bySender bool // a sender tells who it is: here alone nobody forges another's
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

// tables are what the commands change, but for the queue.
func (s *triageSite) tables() string {
	s.Helper()
	out, err := exec.CommandContext(s.Context(), "postconf", "-c", s.lab.Postfix.ConfigDir, "-h", "authorized_submit_users", "smtpd_relay_restrictions").Output()
	if err != nil {
		s.Fatal(err)
	}
	return string(out) + readText(s.T, filepath.Join(s.lab.Postfix.ConfigDir, "aliases")) + readText(s.T, filepath.Join(s.lab.Postfix.ConfigDir, "virtual")) +
		readText(s.T, filepath.Join(filepath.Dir(s.lab.Dovecot.LogFile), "passwd"))
}

// mayLogin tries the account's own password.
func (s *triageSite) mayLogin(account string) bool {
	s.Helper()
	c, err := lab.Connect(s.Context(), "127.81.5.10", s.lab.Postfix.Submission, "laptop")
	if err != nil {
		s.Fatal(err)
	}
	defer c.Quit()
	return c.Login(lab.Login{Username: account, Password: lab.Password, Mechanism: "PLAIN"}) == nil
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
	for _, file := range s.files() {
		owners[filepath.Base(file)] = s.owner(file)
	}
	return owners
}

// files are those of the queued messages.
func (s *triageSite) files() (files []string) {
	for _, queue := range []string{"incoming", "active", "deferred", "hold"} {
		for _, pattern := range []string{"*", "?/*"} {
			found, _ := filepath.Glob(filepath.Join(s.lab.Postfix.QueueDir, queue, pattern))
			files = append(files, found...)
		}
	}
	return slices.DeleteFunc(files, func(file string) bool { return len(filepath.Base(file)) < 2 }) // a directory
}

// postcat wants a line in so many of the queued messages, as another witness.
func (s *triageSite) postcat(line string, want int) {
	s.Helper()
	n := 0
	for _, file := range s.files() {
		if out, err := exec.CommandContext(s.Context(), "postcat", "-c", s.lab.Postfix.ConfigDir, file).Output(); err == nil && strings.Contains(string(out), "\n"+line+"\n") {
			n++
		}
	}
	if n != want {
		s.Errorf("postcat finds %q in %d messages", line, n)
	}
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
	if sender := find(`(?m)^sender: (.*)$`); s.bySender && sender != "" {
		if strings.Contains(sender, "@forged") {
			sender = "emil@" + lab.LocalDomain
		}
		return "account " + sender
	}
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
