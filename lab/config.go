package lab

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
)

// Names of the lab's own mail domains.
const (
	LocalDomain   = "lab.test"     // local(8): people, and aliases
	ShopDomain    = "shop.test"    // virtual(8)
	PartnerDomain = "partner.test" // relayed to a partner, who knows the users
	CircleDomain  = "circle.test"  // its route leads back to the lab's own server
)

// files is the configuration directory. Tables are texthash: plain text that
// needs no postmap.
func (p *Postfix) files(world *World, options Options) map[string]string {
	return map[string]string{
		"main.cf":       p.mainCF(options),
		"master.cf":     p.masterCF(options.Filter),
		"transport":     world.transport() + CircleDomain + " smtp:" + bracketed(p.SMTP) + "\n",
		"aliases":       p.aliases(),
		"virtual":       virtual(),
		"mailboxes":     "orders@" + ShopDomain + " shop/orders/\nhelp@" + ShopDomain + " shop/help/\n",
		"filter":        pipeScript(p.filter),
		"header_checks": "/^Subject:.*cheap pills/ REJECT no pills here\n",
	}
}

// bracketed is an address as Postfix wants it, so that no MX is looked for.
func bracketed(address string) string {
	host, port, _ := net.SplitHostPort(address)
	return "[" + host + "]:" + port
}

func (p *Postfix) mainCF(options Options) string {
	const text = `# A private Postfix on loopback.
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {dir}/data
maillog_file = {log}
maillog_file_prefixes = {dir}/log
myhostname = mx.{local}
mydomain = {local}
myorigin = {local}
mydestination = {local}, localhost
inet_interfaces = 127.0.0.1
inet_protocols = all

# Few addresses are trusted, so that the others on loopback are strangers.
mynetworks = 127.0.0.0/30

# These may say that they are a client from elsewhere.
smtpd_authorized_xclient_hosts = 127.0.0.9

# Nothing leaves the machine: no DNS, and no way out but the transport table.
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
transport_maps = texthash:{etc}/transport
default_transport = error:5.1.2 this domain is not in the lab
relay_domains = {partner}

local_recipient_maps = texthash:{etc}/aliases
alias_maps = texthash:{etc}/aliases
alias_database =
default_privs = nobody
virtual_alias_maps = texthash:{etc}/virtual
virtual_alias_domains =
virtual_mailbox_domains = {shop}
virtual_mailbox_maps = texthash:{etc}/mailboxes
virtual_mailbox_base = {mail}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534

smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_helo_required = yes
smtpd_helo_restrictions = permit_mynetworks, reject_invalid_helo_hostname
smtpd_sender_restrictions = reject_non_fqdn_sender
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
header_checks = regexp:{etc}/header_checks
message_size_limit = 1000000

# Quick to give up and quick to try again: what takes a server hours is to be
# seen in a minute.
smtpd_error_sleep_time = 0
smtp_connect_timeout = 5s
queue_run_delay = 10s
anvil_status_update_time = 15s
minimal_backoff_time = 20s
maximal_backoff_time = 60s
`
	whole := strings.NewReplacer(
		"{dir}", p.dir, "{etc}", p.ConfigDir, "{queue}", p.QueueDir, "{log}", p.LogFile, "{mail}", p.mailDir(),
		"{local}", LocalDomain, "{shop}", ShopDomain, "{partner}", PartnerDomain,
	).Replace(text)
	whole += options.Filter.mainCF(p.filter)
	if options.OpenRelay {
		// smtpd(8) doesn't run with a plain "permit" before its reject.
		whole = override(whole, []string{"smtpd_relay_restrictions = check_client_access static:ok, reject_unauth_destination"})
	}
	return override(whole, options.MainCF)
}

// override puts lines of main.cf in the place of those that set the same. Adding
// them would not do: every program warns of a parameter that is set twice, and
// postlogd(8) of Postfix 3.7 sends its warning to its own socket before it reads
// from that. With a few lines waiting there, after a reload, it blocks for good,
// and with it whoever logs.
func override(text string, lines []string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(lines, func(own string) bool { return parameter(own) == parameter(line) }) {
			b.WriteString(line)
		}
	}
	for _, own := range lines {
		b.WriteString(own + "\n")
	}
	return b.String()
}

// parameter is the name that a line of main.cf sets.
func parameter(line string) string {
	name, _, _ := strings.Cut(line, "=")
	return strings.TrimSpace(name)
}

func (p *Postfix) masterCF(filter Filter) string {
	_, smtp, _ := net.SplitHostPort(p.SMTP)
	_, submission, _ := net.SplitHostPort(p.Submission)
	return fmt.Sprintf(`# service type  private unpriv  chroot  wakeup  maxproc command
%s         inet  n       -       n       -       -       smtpd
%s%s         inet  n       -       n       -       -       smtpd
  -o syslog_name=postfix/submission
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
%s%spickup     unix  n       -       n       60      1       pickup
cleanup    unix  n       -       n       -       0       cleanup
qmgr       unix  n       -       n       300     1       qmgr
tlsmgr     unix  -       -       n       1000?   1       tlsmgr
rewrite    unix  -       -       n       -       -       trivial-rewrite
bounce     unix  -       -       n       -       0       bounce
defer      unix  -       -       n       -       0       bounce
trace      unix  -       -       n       -       0       bounce
verify     unix  -       -       n       -       1       verify
flush      unix  n       -       n       1000?   0       flush
proxymap   unix  -       -       n       -       -       proxymap
proxywrite unix  -       -       n       -       1       proxymap
smtp       unix  -       -       n       -       -       smtp
relay      unix  -       -       n       -       -       smtp
  -o syslog_name=postfix/$service_name
showq      unix  n       -       n       -       -       showq
error      unix  -       -       n       -       -       error
retry      unix  -       -       n       -       -       error
discard    unix  -       -       n       -       -       discard
local      unix  -       n       n       -       -       local
virtual    unix  -       n       n       -       -       virtual
lmtp       unix  -       -       n       -       -       lmtp
anvil      unix  -       -       n       -       1       anvil
scache     unix  -       -       n       -       1       scache
postlog    unix-dgram n  -       n       -       1       postlogd
`, smtp, filter.entry(p.filter), submission, filter.entry(p.filter), filter.services(p.back, filepath.Join(p.ConfigDir, "filter")))
}
