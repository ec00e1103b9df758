package triage

import (
	"fmt"
	"strings"
)

// SetLDAP takes in the settings file of an ldap store, as dovecot-ldap.conf.ext.
func (s *Store) SetLDAP(text string) {
	s.Query = "(&(objectClass=posixAccount)(uid=%u))" // Dovecot's default
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.TrimSpace(value)
		words := strings.Fields(value)
		switch name = strings.TrimSpace(name); {
		case name == "base":
			s.Base = value
		case name == "pass_filter":
			s.Query = value
		case name == "uris" && len(words) > 0:
			s.DB = words[0]
		case name == "hosts" && len(words) > 0 && s.DB == "":
			s.DB = "ldap://" + words[0]
		}
	}
}

// lockLDAP gives the entry that Dovecot's own filter finds a password that matches
// nothing. It says false where the filter is of another form, or the name could be more
// than a name there. WORK is the folder of the first step, which only root may read.
func lockLDAP(account string, s Store) (Step, bool) {
	local, domain, _ := strings.Cut(account, "@")
	expand := strings.NewReplacer("%u", account, "%n", local, "%d", domain, "%{user}", account, "%{username}", local, "%{domain}", domain)
	filter, base := expand.Replace(s.Query), expand.Replace(s.Base)
	if !sqlSafe.MatchString(account) || s.DB == "" || base == "" || strings.Contains(filter+base, "%") {
		return Step{}, false
	}
	suffix := base
	if i := strings.Index(strings.ToLower(base), "dc="); i >= 0 {
		suffix = base[i:]
	}
	as := `-x -W -D "$LDAP_ADMIN" -H ` + Quote(s.DB)
	modify := " | ldapmodify " + as
	return Step{
		Title: "Lock its entry in the directory",
		Note:  "An example, made from " + Plain(s.File) + ": LDAP_ADMIN is who may change entries. Where yours has an attribute for it, lock by that.",
		Run: []string{
			"LDAP_ADMIN=" + Quote("cn=admin,"+suffix),
			fmt.Sprintf(`ldapsearch -LLL -o ldif-wrap=no %s -b %s %s userPassword > "$WORK/ldap.ldif" && cat "$WORK/ldap.ldif"`, as, Quote(base), Quote(filter)),
			`{ grep '^dn:' "$WORK/ldap.ldif"; printf '%s\n' 'changetype: modify' 'replace: userPassword' 'userPassword: {CRYPT}!'; }` + modify,
		},
		Undo: []string{`sed '/^dn:/a changetype: modify\nreplace: userPassword' "$WORK/ldap.ldif"` + modify},
	}, true
}
