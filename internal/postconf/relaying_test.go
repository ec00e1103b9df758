package postconf

import (
	"strings"
	"testing"
)

func TestStrangersTag(t *testing.T) {
	const smtp, relay, named = "smtp unix - - n - - smtp\n", "relay unix - - n - - smtp\n", "relay unix - - n - - smtp -o syslog_name=postfix/$service_name\n"
	for name, tt := range map[string]struct{ main, master, want string }{
		"Debian":               {"", smtp + named, "postfix"},
		"both under one name":  {"", smtp + relay, ""},
		"no relay service":     {"", smtp, "postfix"},
		"transport_maps":       {"transport_maps = hash:/x", smtp + named, ""},
		"no default service":   {"", named, ""},
		"another default":      {"default_transport = out:[mx.example]", smtp + named + "out unix - - n - - smtp -o syslog_name=out\n", "out"},
		"virtual goes by smtp": {"virtual_transport = smtp:[store.example]", smtp + named, ""},
		"relay by smtp":        {"relay_transport = smtp", smtp + named, ""},
		"default is no smtp":   {"default_transport = uucp", "uucp unix - n n - - pipe user=x argv=x\n" + named, ""},
	} {
		if got := instanceOf(t, rootOf(tt.main, tt.master)).StrangersTag; got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// Where mail relayed for strangers can't be told, a problem says why.
func TestRelayJudged(t *testing.T) {
	const named = "smtp unix - - n - - smtp\nrelay unix - - n - - smtp -o syslog_name=postfix/$service_name\n"
	const same = "smtp unix - - n - - smtp\nrelay unix - - n - - smtp\n"
	for name, tt := range map[string]struct{ main, master, problem string }{
		"all is known":         {"mynetworks = 10.0.0.0/8\nrelay_domains = a.example", same, ""},
		"domains in a table":   {"relay_domains = mysql:/x", named, ""},
		"and under one name":   {"relay_domains = mysql:/x", same, "syslog_name"},
		"networks in a table":  {"mynetworks = cidr:/x", named, "who is a stranger"},
		"recipients are added": {"recipient_bcc_maps = hash:/x", named, "recipient_bcc_maps"},
	} {
		instance := instanceOf(t, rootOf(tt.main, tt.master))
		problems := strings.Join(instance.Problems, "\n")
		if instance.RelayJudged != (tt.problem == "") || !strings.Contains(problems, tt.problem) {
			t.Errorf("%s: judged %t, problems %s", name, instance.RelayJudged, problems)
		}
	}
}
