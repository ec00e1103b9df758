package triage

import (
	"fmt"
	"testing"
)

func TestParseDovecot(t *testing.T) {
	for text, want := range map[string]string{
		"auth_mechanisms = plain\npassdb {\n  args = scheme=PLAIN username_format=%u /etc/dovecot/users\n  driver = passwd-file\n}\nuserdb {\n  driver = static\n}\npassdb {\n  driver = pam\n}\n": "[{passwd-file /etc/dovecot/users 0    } {pam  0    }]",
		"passdb passwd-file {\n  passwd_file_path = /etc/dovecot/passwd\n  nested {\n    driver = no\n  }\n}\n":                                                                                    "[{passwd-file /etc/dovecot/passwd 0    }]",
		"passdb sql {\n  query = SELECT 1\n":    "[{sql  0 SELECT 1   }]",
		"}\n}\n}\npassdb {\n  driver = ldap\n}": "[]", // not what doveconf prints
	} {
		if got := fmt.Sprint(ParseDovecot(text)); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
		}
	}
	var s Store
	s.SetSQL("driver = mysql\nconnect = host=/run/mysqld/mysqld.sock dbname=mail user=dovecot password=secret\npassword_query = SELECT username AS user, password \\\n  FROM mailbox WHERE username = '%u'\n")
	if s.SQL != "mysql" || s.DB != "mail" || s.Query != "SELECT username AS user, password    FROM mailbox WHERE username = '%u'" {
		t.Errorf("%+v", s)
	}
	s = Store{}
	s.SetLDAP("# comment\nhosts = other.example.org\nuris = ldap://ldap.example.org ldap://second.example.org\nbase = ou=people,dc=example,dc=org\ndn = cn=dovecot\ndnpass = secret\n")
	if s.DB != "ldap://ldap.example.org" || s.Base != "ou=people,dc=example,dc=org" || s.Query != "(&(objectClass=posixAccount)(uid=%u))" {
		t.Errorf("%+v", s)
	}
}

func TestPasswdLine(t *testing.T) {
	const text = "#emil@example.org:x\nanna:y\nemil@example.org:{PLAIN}z\n"
	for account, want := range map[string]int{"emil@example.org": 3, "anna": 2, "anna@example.org": 2, "": 0, "emil": 0, "@": 0} {
		if got := PasswdLine(text, account); got != want {
			t.Errorf("%q: line %d, want %d", account, got, want)
		}
	}
}

func TestFindAlias(t *testing.T) {
	const text = "# nicole@example.org x\n\nanna@example.org  a@b.test\nnicole@example.org\tn@aol.test,\n   n2@aol.test\nsupport: s@b.test\n"
	for _, one := range []struct {
		alias       string
		local       bool
		first, last int
	}{{"nicole@example.org", false, 4, 5}, {"Anna@Example.org", false, 3, 3}, {"support@example.org", true, 6, 6}, {"support@example.org", false, 0, 0}, {"none@x", false, 0, 0}} {
		a, ok := FindAlias(text, one.alias, one.local)
		if a.First != one.first || a.Last != one.last || ok != (one.first > 0) {
			t.Errorf("%+v: %+v, %v", one, a, ok)
		}
	}
}

func TestDomains(t *testing.T) {
	d := testDomains()
	for domain, want := range map[string]bool{"example.org": true, "mail.example.org": false, "mail.example.net": true, "example.net": false, "": false, "org": false} {
		if d.has(domain) != want {
			t.Errorf("%q: %v", domain, !want)
		}
	}
	if d.elsewhere([]byte("local-part-only")) || !d.elsewhere([]byte("a@b.test")) || (Domains{}).elsewhere([]byte("a@b.test")) {
		t.Error("elsewhere")
	}
}
