package lab

import (
	"slices"
	"strings"
)

// fate is what becomes of a recipient.
type fate uint8

const (
	fateSent     fate = iota
	fateDeferred      // at every try
	fateGrey          // deferred at the first try, sent at the second
	fateBounced
)

// attempt is a line of the log, at the first try: what became of one recipient
// of a message, as the last alias named it.
type attempt struct {
	fate      fate
	domain    string
	forwarded string // the domain of ours whose alias sent it elsewhere
}

// delivery is what becomes of one recipient that a client names.
type delivery struct {
	expanded int // recipients after virtual aliases
	attempts []attempt
	copies   []attempt // messages of one recipient that local(8) makes
}

// deliveryOf tells it by the address, as the aliases, the routes and the remote
// servers make it.
func deliveryOf(recipient string) delivery {
	targets, virtual := virtualAliases()[recipient]
	if !virtual {
		targets = []string{recipient}
	}
	d := delivery{expanded: len(targets)}
	for _, target := range targets {
		user, domain, _ := strings.Cut(target, "@")
		alias, aliased := localAliases()[user]
		if domain != LocalDomain || !aliased {
			a := attempt{fate: fateOf(target), domain: domain}
			if virtual && !ours(domain) {
				a.forwarded = LocalDomain
			}
			d.attempts = append(d.attempts, a)
			continue
		}
		for range alias.mailboxes {
			d.attempts = append(d.attempts, attempt{domain: domain})
		}
		if alias.copy != "" {
			_, elsewhere, _ := strings.Cut(alias.copy, "@")
			d.attempts = append(d.attempts, attempt{domain: domain})
			d.copies = append(d.copies, attempt{fate: fateOf(alias.copy), domain: elsewhere, forwarded: LocalDomain})
		}
	}
	return d
}

// ours says whether a domain's mail ends here.
func ours(domain string) bool { return domain == LocalDomain || domain == ShopDomain }

// relayed says whether mail to a domain leaves for a host that we don't relay
// for.
func (a attempt) relayed() bool {
	return a.forwarded == "" && !ours(a.domain) && a.domain != PartnerDomain
}

// fateOf tells the fate of an address that is no alias.
func fateOf(address string) fate {
	user, domain, _ := strings.Cut(address, "@")
	switch strings.TrimRight(strings.TrimSuffix(domain, ".test"), "0123456789") {
	case "good", "shop":
		return fateSent
	case "lab":
		if slices.Contains(mailboxes(), user) {
			return fateSent
		}
	case "partner":
		if partnerUsers(address) == "" {
			return fateSent
		}
	case "busy", "refused", "timeout", "forged":
		return fateDeferred
	case "grey":
		return fateGrey
	}
	return fateBounced
}
