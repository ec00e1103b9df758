package triage

import (
	"net/netip"
	"strings"
)

// maxBlocked is how many networks one command names; against more, blocking is no use.
const maxBlocked = 64

// blockable gives the networks to block: those that the principal's mail came from,
// but for trusted ones and those that other accounts were used from too.
func blockable(p Principal, h *Host, t *Trail) (out []netip.Prefix) {
	if p.Kind == Network {
		prefix, err := netip.ParsePrefix(p.Name)
		if err != nil || trusted(prefix, h.MyNetworks) {
			return nil
		}
		return []netip.Prefix{prefix}
	}
	if p.Kind != Account || t == nil {
		return nil
	}
	for _, n := range t.Networks {
		if n.SharedWith == "" && !trusted(n.Network, h.MyNetworks) && len(out) < maxBlocked {
			out = append(out, n.Network)
		}
	}
	return out
}

func trusted(network netip.Prefix, mine []netip.Prefix) bool {
	for _, own := range mine {
		if own.Overlaps(network) {
			return true
		}
	}
	return false
}

// Block gives the step that blocks networks.
func block(networks []netip.Prefix) Step {
	var v4, v6 []string
	for _, n := range networks {
		if n.Addr().Is4() {
			v4 = append(v4, n.String()+" timeout 1d")
		} else {
			v6 = append(v6, n.String()+" timeout 1d")
		}
	}
	lines := []string{
		"nft 'add table inet mail_block'",
		"nft 'add set inet mail_block sources4 { type ipv4_addr; flags interval, timeout; }'",
		"nft 'add set inet mail_block sources6 { type ipv6_addr; flags interval, timeout; }'",
		"nft 'add chain inet mail_block input { type filter hook input priority -10; }'",
		"nft 'flush chain inet mail_block input'",
		"nft 'add rule inet mail_block input ip saddr @sources4 tcp dport { 25, 110, 143, 465, 587, 993, 995 } drop'",
		"nft 'add rule inet mail_block input ip6 saddr @sources6 tcp dport { 25, 110, 143, 465, 587, 993, 995 } drop'",
	}
	if len(v4) > 0 {
		lines = append(lines, "nft 'add element inet mail_block sources4 { "+strings.Join(v4, ", ")+" }'")
	}
	if len(v6) > 0 {
		lines = append(lines, "nft 'add element inet mail_block sources6 { "+strings.Join(v6, ", ")+" }'")
	}
	return Step{
		Title: "Block its networks for a day",
		Note:  "A stop-gap. Its owner may be among them; networks that other accounts use, and trusted ones, are left out. A botnet has others.",
		Run:   lines,
		Undo:  []string{"nft delete table inet mail_block"},
	}
}
