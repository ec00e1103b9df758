package parser

import (
	"strconv"
	"strings"
)

// Service is one service of master.cf(5).
type Service struct {
	Name         string // as written: smtp, relay, 127.0.0.1:submission
	Type         string // inet, unix, unix-dgram, fifo or pass
	ProcessLimit int    // the most processes at a time; 0 = no limit
	Command      string // the daemon's program, the command's first word
	SyslogName   string // from -o syslog_name=, macros not expanded; "" = main.cf's

	// What tells a content filter; "" where the entry has none of it.
	ContentFilter string `json:",omitempty"` // -o content_filter=
	ProxyFilter   string `json:",omitempty"` // -o smtpd_proxy_filter=
	XForwardHosts string `json:",omitempty"` // -o smtpd_authorized_xforward_hosts=
	User          string `json:",omitempty"` // user=, of pipe(8) and spawn(8)
}

// ParseMasterCF reads the text of master.cf(5). defaultLimit is main.cf's
// default_process_limit, which "-" in the process limit column stands for.
// Entries that can't be understood are left out; the error, a *Faults, says
// which is the first. All text of a Service is printable UTF-8.
func ParseMasterCF(text string, defaultLimit int) ([]Service, error) {
	var services []Service
	var faults Faults
	for number, line := range logicalLines(text) {
		words := configFields(line, "")
		switch {
		case configBlank(line[0]):
			faults.add(number, "white space before the first service; mend: remove it")
			continue
		case len(words) < 8:
			faults.add(number, "%d of 8 columns; mend: see master(5)", len(words))
			continue
		case !printableText(line):
			faults.add(number, "control bytes or text that is not UTF-8; mend: remove them")
			continue
		case !serviceType(words[1]):
			faults.add(number, "%.20q is no service type; mend: use inet, unix, unix-dgram, fifo or pass", words[1])
			continue
		}
		limit := defaultLimit
		if words[6] != "-" {
			n, err := strconv.ParseUint(words[6], 10, 31)
			if err != nil {
				faults.add(number, "%.20q is no process limit; mend: use a number or -", words[6])
				continue
			}
			limit = int(n)
		}
		services = append(services, Service{
			Name: words[0], Type: words[1], ProcessLimit: limit, Command: words[7], SyslogName: serviceOption(words[8:], "syslog_name"),
			ContentFilter: serviceOption(words[8:], "content_filter"), XForwardHosts: serviceOption(words[8:], "smtpd_authorized_xforward_hosts"),
			ProxyFilter: serviceOption(words[8:], "smtpd_proxy_filter"), User: serviceUser(words[8:]),
		})
	}
	return services, faults.err()
}

func serviceType(word string) bool {
	switch word {
	case "inet", "unix", "unix-dgram", "fifo", "pass":
		return true
	}
	return false
}

// serviceOption finds the value that the arguments give a parameter: -o name=value,
// -oname=value or -o { name = value }. The last one counts. The arguments end
// at the first word that is no option, as for getopt(3).
func serviceOption(args []string, name string) string {
	value := ""
	for i := 0; i < len(args) && strings.HasPrefix(args[i], "-"); i++ {
		setting, isOption := strings.CutPrefix(args[i], "-o")
		if !isOption {
			continue
		}
		if setting == "" && i+1 < len(args) {
			i++
			setting = args[i]
		}
		if strings.HasPrefix(setting, "{") {
			setting = strings.TrimSuffix(setting[1:], "}")
		}
		if key, v, found := strings.Cut(setting, "="); found && strings.TrimSpace(key) == name {
			value = strings.TrimSpace(v)
		}
	}
	return value
}

// serviceUser finds user= among the attributes of pipe(8) or spawn(8). What
// follows argv= is another program's.
func serviceUser(args []string) string {
	for _, word := range args {
		if value, ok := strings.CutPrefix(word, "user="); ok {
			return value
		}
		if strings.HasPrefix(word, "argv=") {
			break
		}
	}
	return ""
}
