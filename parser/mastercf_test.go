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
				{"smtp", "inet", 100, "smtpd", ""},
				{"pickup", "unix", 1, "pickup", ""},
				{"defer", "unix", 0, "bounce", ""},
				{"tlsmgr", "unix", 1, "tlsmgr", ""},
				{"postlog", "unix-dgram", 1, "postlogd", ""},
				{"smtpd", "pass", 20, "smtpd", ""},
				{"old", "fifo", 1, "qmgr", ""},
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
`,
			[]Service{
				{"127.0.0.1:submission", "inet", 5, "smtpd", "postfix/submission"},
				{"relay", "unix", 100, "smtp", "postfix/$service_name"},
				{"a", "unix", 100, "smtp", "glued"},
				{"b", "unix", 100, "smtp", "last"},
				{"c", "unix", 100, "pipe", ""},
				{"d", "unix", 100, "smtp", ""},
			},
			"",
		},
		{
			"faults are left out", "smtp inet n - y - -\nok unix - - y - 7 smtp\nx udp - - y - - smtp\ny unix - - y - -1 smtp\nz unix - - y - 99999999999 smtp\n\x01 unix - - y - - smtp\nl\xff unix - - y - - smtp\n",
			[]Service{{"ok", "unix", 7, "smtp", ""}},
			"line 1: 7 of 8 columns; mend: see master(5) (and 5 more)",
		},
		{"begins with white space", " a unix - - y - 7 smtp\nb unix - - y - 7 smtp", []Service{{"b", "unix", 7, "smtp", ""}}, "line 1: white space"},
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
			for _, word := range []string{s.Name, s.Type, s.Command, s.SyslogName} {
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
