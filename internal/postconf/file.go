package postconf

import (
	"fmt"
	"maps"
	"path"
	"strconv"
	"strings"

	"postfix_exporter/parser"
)

// documented are the defaults of postconf(5) that are the same everywhere.
const documented = `
alias_maps = hash:/etc/aliases
authorized_submit_users = static:anyone
compatibility_level = 0
default_process_limit = 100
default_transport = smtp
inet_interfaces = all
local_transport = local:$myhostname
mail_owner = postfix
message_size_limit = 10240000
mydestination = $myhostname, localhost.$mydomain, localhost
parent_domain_matches_subdomains = debug_peer_list, fast_flush_domains, mynetworks, permit_mx_backup_networks, qmqpd_authorized_clients, relay_domains, smtpd_access_maps
queue_directory = /var/spool/postfix
queue_minfree = 0
relay_transport = relay
setgid_group = postdrop
smtpd_sasl_type = cyrus
syslog_name = ${multi_instance_name?{$multi_instance_name}:{postfix}}
virtual_alias_domains = $virtual_alias_maps
virtual_mailbox_domains = $virtual_mailbox_maps
virtual_transport = virtual
`

// valuesOfFile reads main.cf over the defaults of postconf(5).
func (i *Instance) valuesOfFile(o Options) (parser.Parameters, error) {
	name := path.Join(i.ConfigDirectory, "main.cf")
	text, err := o.read(name)
	if err != nil {
		return nil, err
	}
	written, err := parser.ParseMainCF(text)
	if err != nil {
		i.problem("%s: %v", name, err)
	}
	defaults := i.defaults(o, written)
	all := maps.Clone(defaults)
	maps.Copy(all, written)
	values := parser.Parameters{}
	for _, parameter := range parameters() {
		value, err := all.Get(parameter)
		if err != nil {
			i.problem("%s: %s: %v, so its default is taken; mend: write it plainly, or install postconf(1) beside the exporter", name, parameter, err)
			i.unsure = true
			all[parameter] = defaults[parameter]
			value, _ = all.Get(parameter)
		}
		values[parameter] = value
	}
	if _, set := written["mynetworks"]; !set {
		values["mynetworks"] = i.ownNetworks(o, values)
	}
	return values, nil
}

// defaults gives the documented defaults, and those that Postfix takes from
// the machine or from the compatibility level that main.cf has written.
func (i *Instance) defaults(o Options, written parser.Parameters) parser.Parameters {
	defaults, _ := parser.ParseMainCF(documented)
	host, err := o.Hostname()
	if err != nil {
		i.problem("host name: %v; mend: set myhostname in main.cf", err)
		host = "localhost"
	}
	if !strings.Contains(host, ".") {
		host += ".$mydomain"
	}
	if own := written["myhostname"]; own != "" {
		host = own
	}
	_, domain, found := strings.Cut(host, ".")
	if !found || strings.Contains(domain, "$") {
		domain = "localdomain"
	}
	defaults["myhostname"], defaults["mydomain"] = host, domain
	defaults["mynetworks_style"], defaults["relay_domains"] = "host", ""
	if !atLeast2(written["compatibility_level"]) {
		defaults["mynetworks_style"], defaults["relay_domains"] = "subnet", "$mydestination"
	}
	return defaults
}

// atLeast2 compares a compatibility_level, as 0, 2 or 3.6, with level 2, at
// which two defaults changed (COMPATIBILITY_README).
func atLeast2(level string) bool {
	major, _, _ := strings.Cut(strings.TrimSpace(level), ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= 2
}

// ownNetworks computes mynetworks from mynetworks_style, as Postfix does.
func (i *Instance) ownNetworks(o Options, values parser.Parameters) string {
	style, interfaces := values["mynetworks_style"], strings.ToLower(values["inet_interfaces"])
	if style != "host" && style != "subnet" || interfaces != "all" && interfaces != "loopback-only" && interfaces != "localhost" {
		i.problem("mynetworks is not set and not known with mynetworks_style = %.20s, inet_interfaces = %.60s; mend: set mynetworks in main.cf",
			style, interfaces)
		i.unsure = true
		return ""
	}
	addresses, err := o.Addresses()
	if err != nil {
		i.problem("addresses of the interfaces: %v; mend: set mynetworks in main.cf", err)
	}
	var list []string
	for _, address := range addresses {
		prefix, ok := interfaceNetwork(address, style == "host")
		if ok && (interfaces == "all" || prefix.Addr().IsLoopback()) {
			list = append(list, fmt.Sprintf("[%s]/%d", prefix.Addr(), prefix.Bits()))
		}
	}
	return strings.Join(list, " ")
}
