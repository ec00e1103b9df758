package triage

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another one (-update writes it anew):\n%s", file, got)
	}
}

// testHost keeps passwords everywhere.
func testHost(name string) *Host {
	return &Host{
		Exporter: "postfix_exporter", SystemUser: name, SASLType: "dovecot", Dovecot: true, SubmitUsers: "static:anyone",
		RelayRestrictions: "permit_mynetworks, permit",
		Stores: []Store{
			{Driver: "passwd-file", File: "/etc/dovecot/" + name, Line: 3},
			{Driver: "pam"},
			{
				Driver: "sql", File: "/etc/dovecot/dovecot-sql.conf.ext", SQL: "mysql", DB: "mail",
				Query: "SELECT username AS user, password FROM mailbox WHERE username = '%u' AND active = '1'",
			},
			{Driver: "sql", SQL: "pgsql", DB: "mail", Query: "SELECT email as user, crypt AS password FROM users WHERE email = '%u'"},
			{Driver: "ldap", File: "/etc/dovecot/dovecot-ldap.conf.ext", DB: "ldaps://ldap.example.org", Base: "ou=people,dc=example,dc=org", Query: "(&(mail=%u)(uid=%n))"},
		},
		MyNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Aliases:    []AliasLine{{Type: "hash", File: "/etc/postfix/virtual", First: 7, Last: 8, Text: name + " x@example.net"}, {File: "/home/" + name + "/.forward"}},
	}
}

func testTrail() *Trail {
	seen := func(network, other string) NetworkSeen {
		return NetworkSeen{Network: netip.MustParsePrefix(network), Messages: 3, SharedWith: other}
	}
	return &Trail{
		Servers:  []string{"4711", "4712", "1; reboot"},
		Networks: []NetworkSeen{seen("203.0.113.0/24", ""), seen("2001:db8::/48", ""), seen("198.51.100.0/24", "anna@example.org"), seen("127.0.0.0/24", "")},
	}
}

func principals(name string) []Principal {
	return []Principal{
		{Kind: Account, Name: name},
		{Kind: Local, Name: "33", User: name},
		{Kind: Forward, Name: name},
		{Kind: Network, Name: "203.0.113.0/24"},
		{Kind: Network, Name: name},
		{Kind: Bounces},
	}
}

// TestPlan: the commands for an ordinary name, of each kind.
func TestPlan(t *testing.T) {
	var b strings.Builder
	for _, p := range []Principal{
		{Kind: Account, Name: "emil@example.org"},
		{Kind: Local, Name: "33", User: "www-data"},
		{Kind: Forward, Name: "nicole@example.org"},
		{Kind: Network, Name: "203.0.113.0/24"},
		{Kind: Bounces},
	} {
		fmt.Fprintf(&b, "== %v\n", p)
		for _, s := range Plan(p, testHost("emil"), testTrail()) {
			fmt.Fprintf(&b, "%s\n", s.Title)
			for _, run := range s.Run {
				fmt.Fprintf(&b, "  %s\n", run)
			}
			for _, undo := range s.Undo {
				fmt.Fprintf(&b, "  undo %s\n", undo)
			}
		}
	}
	golden(t, "plan.golden", b.String())
}

// TestPlanIsSafe: whatever a name is, every command is one that bash can read, that
// a terminal shows whole, and that never means the whole queue.
func TestPlanIsSafe(t *testing.T) {
	for _, name := range append(hostile(), "emil@example.org", "ALL") {
		var script strings.Builder
		for _, p := range principals(name) {
			for _, s := range Plan(p, testHost(name), testTrail()) {
				shows(t, s.Title+s.Note)
				for _, command := range append(slices.Clone(s.Run), s.Undo...) {
					shows(t, command)
					script.WriteString(command + "\n")
					if strings.Contains(command, "postsuper") && !strings.HasSuffix(command, "postsuper -h -") && !strings.HasSuffix(command, "postsuper -H -") &&
						!strings.HasSuffix(command, "postsuper -d - hold") {
						t.Errorf("%q: postsuper is given more than a list: %s", name, command)
					}
				}
			}
		}
		if out, err := exec.Command("bash", "-n", "-c", script.String()).CombinedOutput(); err != nil {
			t.Errorf("%q: %v: %s", name, err, out)
		}
	}
}

// TestPlanReachesThePrograms runs the commands with programs that only note what they
// are given: a hostile name must be one argument of those that take it, and nothing
// else must run.
func TestPlanReachesThePrograms(t *testing.T) {
	bin := t.TempDir()
	const note = "#!/bin/bash\nprintf '%q ' \"${0##*/}\" \"$@\" >> \"$NOTES\"\necho >> \"$NOTES\"\n"
	for _, name := range []string{"postfix_exporter", "passwd", "saslpasswd2", "doveadm", "postmap", "postconf", "postfix", "postsuper", "postcat", "postqueue", "nft", "mv", "cp", "sed", "mysql", "psql", "grep", "ldapsearch", "ldapmodify"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(note), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for n, name := range hostile() {
		if name == "" || n%3 == 0 { // each takes a while
			continue
		}
		dir := t.TempDir()
		notes := filepath.Join(dir, "notes")
		quoted := strings.TrimSpace(bash(t, "LC_ALL=C; printf '%q ' "+Quote("--account="+name)))
		for _, s := range Plan(Principal{Kind: Account, Name: name}, testHost(name), testTrail()) {
			for _, command := range append(slices.Clone(s.Run), s.Undo...) {
				cmd := exec.Command("/bin/bash", "-c", command)
				cmd.Dir, cmd.Env = dir, []string{"PATH=" + bin, "NOTES=" + notes, "WORK=" + dir}
				_ = cmd.Run() // the programs do nothing
			}
		}
		said, _ := os.ReadFile(notes)
		if n := strings.Count(string(said), "postfix_exporter triage --queue-ids "+quoted); n < 5 {
			t.Errorf("%q: the exporter was asked %d times for %s:\n%s", name, n, quoted, said)
		}
		if !strings.Contains(string(said), "doveadm kick ") || !strings.Contains(string(said), "passwd -l -- ") {
			t.Errorf("%q: not all programs were reached:\n%s", name, said)
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if !slices.Contains([]string{"notes", "mailq.txt", "ldap.ldif"}, e.Name()) {
				t.Errorf("%q: a command made %q", name, e.Name())
			}
		}
	}
}

// TestBlockLeavesOthersAlone: trusted networks, and those of other accounts.
func TestBlockLeavesOthersAlone(t *testing.T) {
	got := fmt.Sprint(blockable(Principal{Kind: Account, Name: "emil"}, testHost("emil"), testTrail()))
	if got != "[203.0.113.0/24 2001:db8::/48]" {
		t.Error(got)
	}
}
