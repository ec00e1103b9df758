package parser

import (
	"maps"
	"strings"
	"testing"
)

func TestParseMainCF(t *testing.T) {
	tests := []struct {
		name, text string
		want       Parameters
		fault      string // part of the error; "" = none
	}{
		{"plain", "queue_directory = /var/spool/postfix\nmail_owner=postfix\n", Parameters{"queue_directory": "/var/spool/postfix", "mail_owner": "postfix"}, ""},
		{"continued", "mynetworks = 127.0.0.0/8\n  10.0.0.0/8\n\t[::1]/128\nx = y", Parameters{"mynetworks": "127.0.0.0/8 10.0.0.0/8 [::1]/128", "x": "y"}, ""},
		{"comment within a continuation", "a = 1\n# note\n  # another\n\n  2\n", Parameters{"a": "1 2"}, ""},
		{"hash within a value", "a = 1 # 2\n", Parameters{"a": "1 # 2"}, ""},
		{"later wins", "a = 1\na = 2\n", Parameters{"a": "2"}, ""},
		{"empty value, as postconf prints it", "relay_domains =\nmaillog_file = \n", Parameters{"relay_domains": "", "maillog_file": ""}, ""},
		{"equals in the value", "a = b = c\n", Parameters{"a": "b = c"}, ""},
		{"DOS line ends", "a = 1\r\nb = 2\r\n", Parameters{"a": "1", "b": "2"}, ""},
		{"no end of line", "a = 1", Parameters{"a": "1"}, ""},
		{"no equals", "a = 1\nnonsense\nb = 2\n", Parameters{"a": "1", "b": "2"}, "line 2: no \"=\""},
		{"bad names", "a b = 1\n= 2\nc = 3\n", Parameters{"c": "3"}, "line 1: \"a b\" is no parameter name; mend: write name = value (and 1 more)"},
		{"begins with white space", "  a = 1\nb = 2\n", Parameters{"b": "2"}, "line 1: white space"},
		{"nothing", "\n# only a comment\n", Parameters{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseMainCF(test.text)
			if !maps.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
				t.Errorf("error %v, want %q", err, test.fault)
			}
		})
	}
}

func TestExpand(t *testing.T) {
	params := Parameters{
		"myhostname": "mx.example.test", "mydomain": "example.test", "empty": "", "multi_instance_name": "postfix-out",
		"syslog_name":   "${multi_instance_name?{$multi_instance_name}:{postfix}}",
		"mydestination": "$myhostname, localhost.$mydomain, localhost",
		"loop":          "$pool", "pool": "a $loop",
		"compared": "${{$compatibility_level} <level {2} ? {subnet} : {host}}",
	}
	tests := []struct{ value, want, fault string }{
		{"plain", "plain", ""},
		{"$myhostname", "mx.example.test", ""},
		{"a${mydomain}b$(mydomain)c", "aexample.testbexample.testc", ""},
		{"$mydestination", "mx.example.test, localhost.example.test, localhost", ""},
		{"$syslog_name", "postfix-out", ""},
		{"$nosuch.", ".", ""},
		{"${empty?yes}${mydomain?yes}", "yes", ""},
		{"${empty:none}${mydomain:none}", "none", ""},
		{"${empty:{none}}", "none", ""},
		{"${empty?{a}:{b}}-${mydomain?{a}:{b}}", "b-a", ""},
		{"${mydomain ? {$mydomain} : {b}}", "example.test", ""},
		{"${mydomain?{x{y}z}}", "x{y}z", ""},
		{"a$$b", "a$b", ""},
		{"$loop", "", "in a loop"},
		{"$compared", "", "not understood"},
		{"${mydomain", "", "not closed"},
		{"cost: $", "", "lone $"},
		{"$-", "", "no name"},
	}
	for _, test := range tests {
		got, err := params.Expand(test.value)
		if got != test.want {
			t.Errorf("%q: got %q, want %q", test.value, got, test.want)
		}
		if (err == nil) != (test.fault == "") || err != nil && !strings.Contains(err.Error(), test.fault) {
			t.Errorf("%q: error %v, want %q", test.value, err, test.fault)
		}
	}
}

// A few short lines must not grow without end, in bytes or in steps.
func TestExpandIsBounded(t *testing.T) {
	params := Parameters{"a": "x", "long": strings.Repeat("x", 1000), "none": ""}
	for _, seed := range []string{"long", "none"} {
		before := seed
		for _, name := range strings.Split("b c d e f g h i j k l m n o p q r s t u v w", " ") {
			params[name] = "$" + before + "$" + before
			before = name
		}
		if _, err := params.Get("w"); err == nil {
			t.Errorf("2^22 times %s was expanded", seed)
		}
	}
}

func TestSplitList(t *testing.T) {
	got := SplitList("a, b,,c\td inline:{x=y, z=w} e")
	if strings.Join(got, "|") != "a|b|c|d|inline:{x=y, z=w}|e" {
		t.Errorf("got %q", got)
	}
}

func FuzzParseMainCF(f *testing.F) {
	f.Add("a = 1\n  2\n# c\nb = $a ${a?{x}:{y}}\n")
	f.Add("a = ${b\nb = $a$a\n")
	f.Add(" x\n= y\n$(a) = $$\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		params, _ := ParseMainCF(text)
		var again strings.Builder
		for name, value := range params {
			again.WriteString(name + " = " + value + "\n")
			if expanded, err := params.Get(name); err == nil && len(expanded) > maxExpandBytes {
				t.Fatalf("%d bytes", len(expanded))
			}
			SplitList(value)
		}
		if got, err := ParseMainCF(again.String()); err != nil || !maps.Equal(got, params) {
			t.Fatalf("printed and parsed again: got %q (%v), want %q", got, err, params)
		}
	})
}
