package postconf

import (
	"path"
	"strings"

	"postfix_exporter/parser"
)

// readRelaying finds out how mail that is relayed for strangers shows in the log.
func (i *Instance) readRelaying(values parser.Parameters) {
	i.AlwaysBCC = values["always_bcc"]
	i.StrangersTag = i.strangersTag(values)
	switch {
	case !i.NetworksKnown:
		i.problem("who is a stranger is not known, so nothing is said of mail relayed for strangers; mend: list plain networks in mynetworks")
	case values["recipient_bcc_maps"] != "" || values["sender_bcc_maps"] != "":
		i.problem("recipient_bcc_maps or sender_bcc_maps add recipients, so nothing is said of mail relayed for strangers; mend: none, but for always_bcc")
	case !i.DomainsKnown && i.StrangersTag == "":
		i.problem("not all domains are known, and smtp(8) brings mail to relay domains and to others under one name, so nothing is said of mail " +
			"relayed for strangers; mend: write the domains out, or, without transport_maps, give the relay service of master.cf " +
			"-o syslog_name=postfix/$service_name")
	default:
		i.RelayJudged = true
	}
}

// strangersTag gives the syslog_name under which smtp(8) brings mail only to
// domains that are none of the instance's; "" where it can't be told: then the
// same service, or another of the same name, also brings it to relay domains.
func (i *Instance) strangersTag(values parser.Parameters) string {
	if values["transport_maps"] != "" {
		return "" // it may send any domain any way
	}
	tag := func(parameter string) string {
		transport, _, _ := strings.Cut(values[parameter], ":")
		for _, s := range i.Services {
			if s.Name == transport && s.Type == "unix" && path.Base(s.Command) == "smtp" {
				return s.SyslogName
			}
		}
		return ""
	}
	own := tag("default_transport")
	for _, parameter := range []string{"relay_transport", "local_transport", "virtual_transport", "mailbox_transport"} {
		if tag(parameter) == own {
			return ""
		}
	}
	return own
}
