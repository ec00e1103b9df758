package parser

import (
	"slices"
	"strings"
	"testing"
)

func TestParseMasterCF(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Service
		fault      string
	}{
		{
			"the usual", `
# service type  private unpriv  chroot  wakeup  maxproc command + args
smtp      inet  n       -       y       -       -       smtpd
pickup    unix  n       -       y       60      1       pickup
defer     unix  -       -       y       -       0       bounce
tlsmgr    unix  -       -       y       1000?   1       tlsmgr
postlog   unix-dgram n  -       n       -       1       postlogd
smtpd     pass  -       -       y       -       20      smtpd
old       fifo  n       -       n       -       1       qmgr
`,
			[]Service{
				{Name: "smtp", Type: "inet", ProcessLimit: 100, Command: "smtpd"},
				{Name: "pickup", Type: "unix", ProcessLimit: 1, Command: "pickup"},
				{Name: "defer", Type: "unix", ProcessLimit: 0, Command: "bounce"},
				{Name: "tlsmgr", Type: "unix", ProcessLimit: 1, Command: "tlsmgr"},
				{Name: "postlog", Type: "unix-dgram", ProcessLimit: 1, Command: "postlogd"},
				{Name: "smtpd", Type: "pass", ProcessLimit: 20, Command: "smtpd"},
				{Name: "old", Type: "fifo", ProcessLimit: 1, Command: "qmgr"},
			},
			"",
		},
		{
			"options in every form", `
127.0.0.1:submission inet n - y - 5 smtpd
  -o syslog_name=postfix/submission
#  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
relay unix - - y - - smtp -v -o { syslog_name = postfix/$service_name }
a unix - - y - - smtp -osyslog_name=glued
b unix - - y - - smtp -o syslog_name=first -o syslog_name=last
c unix - n n - - pipe flags=R user=x argv=/bin/x -o syslog_name=argument
d unix - - y - - smtp -o smtpd_recipient_restrictions={syslog_name=no} -o
e inet n - y - - smtpd -o content_filter=scan:dummy -o smtpd_authorized_xforward_hosts=127.0.0.0/8
f unix - n n - - pipe flags=R argv=/bin/x user=argument
`,
			[]Service{
				{Name: "127.0.0.1:submission", Type: "inet", ProcessLimit: 5, Command: "smtpd", SyslogName: "postfix/submission"},
				{Name: "relay", Type: "unix", ProcessLimit: 100, Command: "smtp", SyslogName: "postfix/$service_name"},
				{Name: "a", Type: "unix", ProcessLimit: 100, Command: "smtp", SyslogName: "glued"},
				{Name: "b", Type: "unix", ProcessLimit: 100, Command: "smtp", SyslogName: "last"},
				{Name: "c", Type: "unix", ProcessLimit: 100, Command: "pipe", User: "x"},
				{Name: "d", Type: "unix", ProcessLimit: 100, Command: "smtp"},
				{Name: "e", Type: "inet", ProcessLimit: 100, Command: "smtpd", ContentFilter: "scan:dummy", XForwardHosts: "127.0.0.0/8"},
				{Name: "f", Type: "unix", ProcessLimit: 100, Command: "pipe"},
			},
			"",
		},
		{
			"faults are left out", "smtp inet n - y - -\nok unix - - y - 7 smtp\nx udp - - y - - smtp\ny unix - - y - -1 smtp\nz unix - - y - 99999999999 smtp\n\x01 unix - - y - - smtp\nl\xff unix - - y - - smtp\n",
			[]Service{{Name: "ok", Type: "unix", ProcessLimit: 7, Command: "smtp"}},
			"line 1: 7 of 8 columns; mend: see master(5) (and 5 more)",
		},
		{"begins with white space", " a unix - - y - 7 smtp\nb unix - - y - 7 smtp", []Service{{Name: "b", Type: "unix", ProcessLimit: 7, Command: "smtp"}}, "line 1: white space"},
		{"nothing", "", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseMasterCF(test.text, 100)
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			if (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("error %v, want %q", err, test.fault)
			}
		})
	}
}

func FuzzParseMasterCF(f *testing.F) {
	f.Add("smtp inet n - y - - smtpd\n  -o syslog_name=postfix/x\n")
	f.Add("a unix - - - - 0 smtp -o { b = c }\n# x\n\t-o {")
	f.Fuzz(func(t *testing.T, text string) {
		services, _ := ParseMasterCF(text, 100)
		for _, s := range services {
			for _, word := range []string{s.Name, s.Type, s.Command, s.SyslogName, s.ContentFilter, s.XForwardHosts, s.User} {
				if !printableText(word) {
					t.Fatalf("%q is not printable", word)
				}
			}
			if s.Name == "" || s.Command == "" || !serviceType(s.Type) || s.ProcessLimit < 0 {
				t.Fatalf("%+v", s)
			}
		}
	})
}
