package triage

import (
	"fmt"
	"net/netip"
)

// Host is what the commands must know of the machine: they are made for what it
// uses. The zero value is a host of which nothing is known.
type Host struct {
	Exporter  string   // how this program is run
	Flags     []string // of its triage command, which name the instance and its log
	ConfigDir string   // of an instance that is not the default one, else ""

	SystemUser    string // the entry of /etc/passwd that the account is, "" for none
	SASLType      string // smtpd_sasl_type
	Dovecot       bool
	DovecotConfig string // where it is not the default one
	Stores        []Store

	SubmitUsers       string // authorized_submit_users
	RelayRestrictions string
	MyNetworks        []netip.Prefix
	Aliases           []AliasLine
	Processes         []Process
}

// Store is where Dovecot keeps passwords.
type Store struct {
	Driver string // pam, passwd, shadow, passwd-file, sql, ldap …
	File   string // of a passwd-file, or the settings of sql and ldap
	Line   int    // the account's in a passwd-file, from 1 on; 0 where it was not found
	Query  string // sql: password_query; ldap: pass_filter
	SQL    string // sql: its driver
	DB     string // sql: its database; ldap: its URI
	Base   string // ldap: where its entries are
}

// AliasLine is where an alias stands in a table's text.
type AliasLine struct {
	Type, File string // of the table, such as hash; "" for a .forward file
	First      int    // lines, from 1 on
	Last       int
	Text       string // of the first line
}

// Process is a process of a local user.
type Process struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`
	Dir     string `json:"dir"`
}

// program gives a Postfix program for the instance that is meant, quoted.
func (h *Host) program(name string) string {
	if h.ConfigDir == "" {
		return name
	}
	return name + " -c " + Quote(h.ConfigDir)
}

// triage gives this program's triage command with arguments, quoted.
func (h *Host) triage(args ...string) string {
	line := Quote(h.Exporter) + " triage"
	for _, word := range append(args, h.Flags...) {
		line += " " + Quote(word)
	}
	return line
}

// Select gives the flags that name a principal.
func (p Principal) Select() string {
	switch p.Kind {
	case Account:
		return "--account=" + p.Name
	case Local:
		return "--local-user=" + p.Name
	case Forward:
		return "--forward=" + p.Name
	case Network:
		return "--network=" + p.Name
	}
	return "--bounces"
}

// postmap gives the commands after which Postfix knows of a table's change.
func (h *Host) postmap(a AliasLine, file string) []string {
	reload := h.program("postfix") + " reload"
	switch a.Type {
	case "":
		return nil
	case "texthash", "inline", "regexp", "pcre":
		return []string{reload}
	}
	return []string{fmt.Sprintf("%s %s", h.program("postmap"), Quote(a.Type+":"+file)), reload}
}
