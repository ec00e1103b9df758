// Package triage answers the page: whose doing it is, by which facts, what of the
// queue belongs to it, and which commands stop it and no other mail. It ranks and
// never judges: it knows no threshold. It runs no command.
package triage

import (
	"bytes"
	"net/netip"
	"strings"
)

// Kind is what sort of principal is meant.
type Kind string

// The kinds.
const (
	Account Kind = "account"    // Name is the sasl_username
	Local   Kind = "local_user" // Name is the uid, in digits
	Forward Kind = "forward"    // Name is the alias, or its domain alone where only that is known
	Network Kind = "network"    // Name is the client network of mail without a login
	Bounces Kind = "bounces"    // what this server wrote itself
)

// Principal is who is responsible for mail. Name may be a stranger's text.
type Principal struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"`
	User string `json:"user,omitempty"` // name of a local user
}

// String names it in one line, harmless on a terminal.
func (p Principal) String() string {
	switch {
	case p.Kind == Bounces:
		return "bounces of this server"
	case p.Kind == Local && p.User != "":
		return "local user " + Plain(p.User) + " (uid " + Plain(p.Name) + ")"
	case p.Kind == Local:
		return "local user " + Plain(p.Name)
	}
	return string(p.Kind) + " " + Plain(p.Name)
}

// Queued is what selects a queued message, by its queue file. Its texts live no
// longer than the call that they are given to.
type Queued struct {
	Instance string // configuration directory, "" where there is one only
	Queue    string
	ID       []byte
	Origin   string // the words of the origin label
	Account  []byte
	UID      string
	Client   netip.Addr
	Waiting  []byte // the first waiting recipient
	Original []byte // the alias that it was
	Alike    bool   // all waiting recipients were that alias
	Ident    []byte // queue id of its first pass
	Arrival  int64  // seconds since the epoch
	Script   []byte // X-PHP-Originating-Script
	Whole    bool
}

// Owns says whether a queued message is the principal's: by what Postfix wrote into
// its file and never by a sender, which anybody can forge. ours tells the domains
// that the server takes mail for; trail, which may be nil, what the log links.
func (p Principal) Owns(q *Queued, ours Domains, trail *Trail) bool {
	switch p.Kind {
	case Account:
		return q.Origin == "sasl" && string(q.Account) == p.Name || q.Origin != "sasl" && q.Origin != "local" && trail.links(q)
	case Local:
		return q.Origin == "local" && q.UID == p.Name || q.Origin == "unknown" && trail.links(q)
	case Forward:
		return q.Alike && p.isAlias(string(q.Original)) && !bytes.EqualFold(q.Original, q.Waiting)
	case Network:
		prefix, err := netip.ParsePrefix(p.Name)
		return err == nil && (q.Origin == "inbound" || q.Origin == "network") && prefix.Contains(q.Client) && ours.elsewhere(q.Waiting)
	case Bounces:
		return q.Origin == "bounce" && ours.elsewhere(q.Waiting)
	}
	return false
}

// isAlias says whether an alias is the one that is meant, or of the domain.
func (p Principal) isAlias(alias string) bool {
	return strings.EqualFold(alias, p.Name) || !strings.Contains(p.Name, "@") && strings.EqualFold(DomainOf(alias), p.Name)
}

// DomainOf gives the domain of an address in lower case, "" where it has none.
func DomainOf(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return strings.ToLower(address[i+1:])
	}
	return ""
}
