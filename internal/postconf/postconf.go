// Package postconf finds out which Postfix instance there is, where its queue
// and its log are, and what its networks, domains and process limits are. It
// asks postconf(1) where there is one and reads main.cf and master.cf itself
// where there is none, as in a container that sees only the files.
package postconf

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"unicode"

	"postfix_exporter/parser"
)

// Instance is one Postfix instance as its configuration describes it. Postfix
// itself takes changes in at "postfix reload", which may be later.
type Instance struct {
	Name string // multi_instance_name; "" for the default instance
	// Enabled says that "postfix start" starts it where it is one of several
	// (multi_instance_enable), MultiInstanceDirectories are the configuration
	// directories of the others that the first one lists.
	Enabled                  bool
	MultiInstanceDirectories []string

	ConfigDirectory string
	QueueDirectory  string
	DaemonDirectory string // "" = not known
	Version         string // mail_version; "" = not known
	MailOwner       string
	MailOwnerUID    int // -1 = not known
	SetgidGroup     string
	SyslogName      string
	MaillogFile     string // "" = Postfix logs to syslog

	// MyNetworks are the trusted clients (mynetworks), IPv4 ones unmapped.
	MyNetworks    []netip.Prefix
	NetworksKnown bool // they are all

	// MyDestination, VirtualDomains (alias and mailbox) and RelayDomains are
	// the domains that Postfix takes mail for, in lower case. Those that stand
	// in files and tables are read from the text of these, where there is one.
	// A relay domain that begins with a dot stands for its subdomains alone.
	MyDestination, VirtualDomains, RelayDomains []string

	DomainsKnown    bool   // they are all
	RelaySubdomains bool   // a relay domain stands for its subdomains, too
	StrangersTag    string // syslog_name of smtp(8) for none of these domains; "" = it is for others, too
	AlwaysBCC       string // always_bcc
	RelayJudged     bool   // mail relayed for strangers can be told from others'

	Filters       []Filter
	FilterClients []netip.Prefix // from which they may bring mail back, besides this host
	// HandsBack says whether anything is configured that brings mail back: a content
	// filter, a before-queue one, or clients that may use XFORWARD.
	HandsBack bool

	// SpaceNeeded is how much must be free on the queue's file system, in bytes,
	// for smtpd(8) to take mail (smtpd_check_size); 0 = no such limit.
	SpaceNeeded int64

	DefaultProcessLimit int
	Services            []parser.Service // master.cf, SyslogName expanded and never empty

	LongQueueIDs bool // enable_long_queue_ids

	// What an admin changes to stop an abuse, as it stands: alias_maps and
	// virtual_alias_maps in one list, smtpd_sasl_type, authorized_submit_users,
	// smtpd_relay_restrictions.
	AliasMaps                                []string
	SASLType, SubmitUsers, RelayRestrictions string

	// Problems are what could not be found out, one line each with the mend.
	Problems []string

	asked  bool        // by postconf(1), not from the files alone
	tables []tableFile // whose text was read

	unsure bool // of networks or domains, because a parameter is not understood
}

// parameters are all that Discover wants to know.
func parameters() []string {
	return []string{
		"alias_maps", "always_bcc", "authorized_submit_users", "compatibility_level", "content_filter", "daemon_directory", "default_process_limit", "default_transport",
		"enable_long_queue_ids",
		"inet_interfaces", "local_transport", "mail_owner", "mail_version", "mailbox_transport", "maillog_file", "message_size_limit",
		"multi_instance_directories", "multi_instance_enable", "multi_instance_name",
		"mydestination", "mynetworks", "mynetworks_style", "parent_domain_matches_subdomains", "queue_directory", "queue_minfree", "recipient_bcc_maps",
		"relay_domains", "relay_transport", "sender_bcc_maps", "setgid_group", "smtpd_authorized_xforward_hosts",
		"smtpd_proxy_filter", "smtpd_relay_restrictions", "smtpd_sasl_type", "syslog_name", "transport_maps", "virtual_alias_domains", "virtual_alias_maps", "virtual_mailbox_domains", "virtual_transport",
	}
}

// Discover finds and reads an instance. What it can't find out it lists under
// Problems; its error, one line with the mend, means that there is no instance
// to be found or that its main.cf can't be read. It ends when ctx does.
func Discover(ctx context.Context, options Options) (*Instance, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	dir, err := o.configDirectory(ctx)
	if err != nil {
		return nil, err
	}
	i := &Instance{ConfigDirectory: dir, MailOwnerUID: -1}
	values, err := i.values(ctx, o)
	if err != nil {
		return nil, err
	}
	i.fill(o, values)
	i.MailOwnerUID = o.mailOwnerUID(i)
	if i.MailOwnerUID < 0 {
		i.problem("mail_owner %.40q has no entry in /etc/passwd; mend: show the exporter the host's /etc/passwd or its queue directory", i.MailOwner)
	}
	i.readServices(o, values)
	i.readFilters(o, values)
	i.readRelaying(values)
	return i, nil
}

// values gives the parameters with their macros expanded.
func (i *Instance) values(ctx context.Context, o Options) (parser.Parameters, error) {
	if o.Postconf != "" {
		text, err := o.ask(ctx, append([]string{"-c", i.ConfigDirectory, "-x"}, parameters()...)...)
		if err == nil {
			values, _ := parser.ParseMainCF(text)
			i.asked = true
			return values, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w; mend: see why postconf -c %s takes so long", err, i.ConfigDirectory)
		}
		i.problem("%v, so main.cf was read without it; mend: run postconf -c %s and see to what it says", err, i.ConfigDirectory)
	}
	return i.valuesOfFile(o)
}

// fill takes in what stands in the parameters, and in the tables that they name.
func (i *Instance) fill(o Options, values parser.Parameters) {
	i.Name = values["multi_instance_name"]
	i.Enabled = values["multi_instance_enable"] == "yes"
	i.MultiInstanceDirectories = strings.FieldsFunc(values["multi_instance_directories"], func(r rune) bool {
		return unicode.IsSpace(r) || r == ','
	})
	i.QueueDirectory = values["queue_directory"]
	i.DaemonDirectory = values["daemon_directory"]
	i.Version = values["mail_version"]
	i.MailOwner = values["mail_owner"]
	i.SetgidGroup = values["setgid_group"]
	i.SyslogName = values["syslog_name"]
	i.MaillogFile = values["maillog_file"]
	i.LongQueueIDs = values["enable_long_queue_ids"] == "yes"
	i.AliasMaps = append(parser.SplitList(values["virtual_alias_maps"]), parser.SplitList(values["alias_maps"])...)
	i.SASLType, i.SubmitUsers, i.RelayRestrictions = values["smtpd_sasl_type"], values["authorized_submit_users"], values["smtpd_relay_restrictions"]
	i.MyNetworks, i.NetworksKnown = i.networks(o, "mynetworks", values["mynetworks"])
	i.readDomains(o, values)
	if i.unsure {
		i.NetworksKnown, i.DomainsKnown = false, false
	}
	i.SpaceNeeded = max(i.bytes(values, "message_size_limit")*3/2, i.bytes(values, "queue_minfree"))
	limit, err := strconv.Atoi(values["default_process_limit"])
	if err != nil || limit < 0 {
		i.problem("default_process_limit: %.40q is no number, 100 is taken; mend: set it in main.cf", values["default_process_limit"])
		limit = 100
	}
	i.DefaultProcessLimit = limit
}

// bytes reads a size, such as "10240000"; where it is none, 0 is taken.
func (i *Instance) bytes(values parser.Parameters, name string) int64 {
	n, err := strconv.ParseInt(values[name], 10, 61)
	if values[name] != "" && (err != nil || n < 0) {
		i.problem("%s: %.40q is no number, so no space is needed; mend: set it in main.cf", name, values[name])
		return 0
	}
	return max(n, 0)
}

// readServices reads master.cf; values are for the macros in its options.
func (i *Instance) readServices(o Options, values parser.Parameters) {
	name := path.Join(i.ConfigDirectory, "master.cf")
	text, err := o.read(name)
	if err != nil {
		i.problem("%v, so no service is known; mend: make it readable for the exporter", err)
		return
	}
	services, err := parser.ParseMasterCF(text, i.DefaultProcessLimit)
	var faults *parser.Faults
	if errors.As(err, &faults) {
		i.problem("%s: %v", name, faults)
	}
	for n := range services {
		services[n].SyslogName = i.syslogName(services[n], values)
	}
	i.Services = services
}

// syslogName expands what a service's -o syslog_name= says, often
// postfix/$service_name.
func (i *Instance) syslogName(s parser.Service, values parser.Parameters) string {
	if s.SyslogName == "" {
		return i.SyslogName
	}
	values["service_name"] = s.Name
	expanded, err := values.Expand(s.SyslogName)
	if err != nil {
		i.problem("master.cf, service %.40q, syslog_name: %v; mend: write it plainly", s.Name, err)
		return s.SyslogName
	}
	return expanded
}

// maxProblems bounds Problems; an instance with more needs other help.
const maxProblems = 20

func (i *Instance) problem(format string, args ...any) {
	if len(i.Problems) < maxProblems {
		i.Problems = append(i.Problems, fmt.Sprintf(format, args...))
	}
}

// LogValues sums the instance up in key-value pairs for the logger.
func (i *Instance) LogValues() []any {
	how := "main.cf"
	if i.asked {
		how = "postconf"
	}
	return []any{
		"config_directory", i.ConfigDirectory, "read_by", how, "multi_instance_name", i.Name, "mail_version", i.Version,
		"queue_directory", i.QueueDirectory, "mail_owner", i.MailOwner, "uid", i.MailOwnerUID, "syslog_name", i.SyslogName,
		"services", len(i.Services), "default_process_limit", i.DefaultProcessLimit, "mynetworks", summary(i.MyNetworks),
		"problems", len(i.Problems),
	}
}

// summary writes the first few networks and how many there are.
func summary(networks []netip.Prefix) string {
	const shown = 4
	var b strings.Builder
	for n, prefix := range networks {
		if n == shown {
			fmt.Fprintf(&b, " and %d more", len(networks)-shown)
			break
		}
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(prefix.String())
	}
	return b.String()
}
