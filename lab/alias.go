package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// localAlias is a line of alias_maps: local(8) delivers to so many mailboxes, and
// sends a copy elsewhere as a message of its own.
type localAlias struct {
	users     string // whose mailboxes, or "" for one of its own
	mailboxes int
	copy      string
}

// localAliases are the local users who are more than a mailbox.
func localAliases() map[string]localAlias {
	return map[string]localAlias{
		"team":  {users: "anna, ben", mailboxes: 2},
		"moved": {copy: "old.friend@good3.test"},
		"keeps": {mailboxes: 1, copy: "second.home@good4.test"},
		"fired": {copy: "former.colleague@unknown.test"},
	}
}

// virtualAliases are virtual_alias_maps; the queue id stays the same.
func virtualAliases() map[string][]string {
	return map[string][]string{
		local("club"):   club(),
		local("news"):   {"reader@good2.test"},
		local("former"): {"former.member@unknown.test"},
		local("away"):   {"away@busy.test"},
		local("list"):   {"subscriber@good5.test", local("frida"), "lapsed@full.test"},
	}
}

// club are a mailing list's members, of whom one in thirty has left.
func club() (members []string) {
	for n := range 29 {
		members = append(members, fmt.Sprintf("member%d@good%d.test", n, n%goodDomains+1))
	}
	return append(members, "member29@unknown.test")
}

// Users are the people with a mailbox. Each is an account too.
func Users() []string { return []string{"anna", "ben", "cleo", "dora", "emil", "frida"} }

// Accounts are those who may log in: Users, and a crowd.
func Accounts() []string {
	accounts := Users()
	for i := range crowdAccounts {
		accounts = append(accounts, fmt.Sprintf("crowd%02d", i))
	}
	return accounts
}

const crowdAccounts = 40

func mailboxes() []string { return append(Accounts(), "postmaster", "root", "scanner", "www-data") }

// aliases is alias_maps. Each mailbox is a maildir of the lab's own, so that
// local(8) delivers without a real user being touched.
func (p *Postfix) aliases() string {
	var b strings.Builder
	for _, name := range mailboxes() {
		fmt.Fprintf(&b, "%s %s/%s/\n", name, p.mailDir(), name)
	}
	all := localAliases()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		alias := all[name]
		var to []string
		switch {
		case alias.users != "":
			to = append(to, alias.users)
		case alias.mailboxes > 0:
			to = append(to, p.mailDir()+"/"+name+"/")
		}
		if alias.copy != "" {
			to = append(to, alias.copy)
		}
		fmt.Fprintf(&b, "%s %s\n", name, strings.Join(to, ", "))
	}
	return b.String()
}

// virtual is virtual_alias_maps.
func virtual() string {
	var b strings.Builder
	all := virtualAliases()
	for _, alias := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s %s\n", alias, strings.Join(all[alias], ", "))
	}
	return b.String()
}
