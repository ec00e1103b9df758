package triage

import (
	"fmt"
	"regexp"
	"strings"
)

// lockAccount gives what keeps an account out, for each place that passwords are
// kept in on this host, and the way that needs none of them.
func lockAccount(account string, h *Host) (steps []Step) {
	system := false
	for _, store := range h.Stores {
		switch {
		case store.Driver == "pam" || store.Driver == "passwd" || store.Driver == "shadow" || store.Driver == "bsdauth":
			system = true
		case store.Driver == "passwd-file" && store.Line > 0:
			steps = append(steps, lockPasswdFile(store))
		case store.Driver == "sql":
			if s, ok := lockSQL(account, store); ok {
				steps = append(steps, s)
			}
		case store.Driver == "ldap":
			if s, ok := lockLDAP(account, store); ok {
				steps = append(steps, s)
			}
		}
	}
	if h.SystemUser != "" && (system || len(h.Stores) == 0) {
		steps = append(steps, Step{
			Title: "Lock the system user",
			Note:  "Keys and sessions of ssh stay: usermod --expiredate 1 ends these too.",
			Run:   []string{"passwd -l -- " + Quote(h.SystemUser)},
			Undo:  []string{"passwd -u -- " + Quote(h.SystemUser)},
		})
	}
	if h.SASLType == "cyrus" && len(steps) == 0 {
		steps = append(steps, Step{
			Title: "Delete its password in sasldb, if it is there",
			Note:  "Where saslauthd asks another source, lock it there. To undo it, set a new password.",
			Run:   []string{"saslpasswd2 -d -- " + Quote(account)},
			Undo:  []string{"saslpasswd2 -c -- " + Quote(account)},
		})
	}
	if s, ok := refuse(account, h); ok {
		if len(steps) > 0 {
			s.Title = "Or, where the password is out of your hands, refuse it in Postfix"
		}
		steps = append(steps, s)
	}
	if len(steps) == 0 {
		steps = append(steps, Step{Title: "Lock the account", Note: "Its name can't stand in a table of Postfix, and where passwords are kept is not found: see doveconf -n passdb."})
	}
	return steps
}

// lockPasswdFile puts a "!" before the password, which then matches nothing. A
// comment would take the mailbox away too.
func lockPasswdFile(s Store) Step {
	backup := s.File + ".before-triage"
	return Step{
		Title: "Lock its line in Dovecot's password file",
		Run: []string{
			fmt.Sprintf("cp -p -- %s %s", Quote(s.File), Quote(backup)),
			fmt.Sprintf("sed -i '%ds/:/:!/' -- %s", s.Line, Quote(s.File)),
		},
		Undo: []string{fmt.Sprintf("sed -i '%ds/:!/:/' -- %s", s.Line, Quote(s.File))},
	}
}

var (
	sqlSafe    = regexp.MustCompile(`^[A-Za-z0-9_@.+-]+$`)
	sqlFrom    = regexp.MustCompile(`(?is)\bFROM\s+([A-Za-z0-9_.]+)`)
	sqlWho     = regexp.MustCompile(`(?is)\b([A-Za-z0-9_.]+)\s*=\s*'%u'`)
	sqlActive  = regexp.MustCompile(`(?is)\b(active|enabled)\s*=\s*'?(1|t|y|true)'?`)
	sqlPasswrd = regexp.MustCompile(`(?is)\bSELECT\b.*?\b([A-Za-z0-9_.]+)\s+AS\s+password\b`)
)

// lockSQL changes the row that Dovecot's own query asks for. It says false where
// the query is of another form, or the name could be more than a name there.
func lockSQL(account string, s Store) (Step, bool) {
	from, who := sqlFrom.FindStringSubmatch(s.Query), sqlWho.FindStringSubmatch(s.Query)
	if from == nil || who == nil || !sqlSafe.MatchString(account) {
		return Step{}, false
	}
	where := fmt.Sprintf(" WHERE %s = '%s'", who[1], account)
	change, back := "", ""
	if active := sqlActive.FindStringSubmatch(s.Query); active != nil {
		off := map[string]string{"1": "0", "t": "f", "y": "n", "true": "false"}[strings.ToLower(active[2])]
		change = fmt.Sprintf("UPDATE %s SET %s = '%s'%s", from[1], active[1], off, where)
		back = fmt.Sprintf("UPDATE %s SET %s = '%s'%s", from[1], active[1], active[2], where)
	} else {
		column := "password"
		if m := sqlPasswrd.FindStringSubmatch(s.Query); m != nil {
			column = m[1]
		}
		join, cut := "'!' || "+column, "substr("+column+", 2)"
		if s.SQL == "mysql" {
			join = fmt.Sprintf("CONCAT('!', %s)", column)
		}
		change = fmt.Sprintf("UPDATE %s SET %s = %s%s", from[1], column, join, where)
		back = fmt.Sprintf("UPDATE %s SET %s = %s%s", from[1], column, cut, where)
	}
	client := map[string]string{"mysql": "mysql --execute=", "pgsql": "psql --command=", "sqlite": "sqlite3 "}[s.SQL]
	if client == "" {
		return Step{}, false
	}
	line := func(statement string) string {
		if s.SQL == "sqlite" {
			return client + Quote(s.DB) + " " + Quote(statement)
		}
		return client + Quote(statement) + " " + Quote(s.DB)
	}
	return Step{
		Title: "Lock its row in the password database",
		Note:  "Made from password_query in " + Plain(s.File) + ": look whether it is right for your tables.",
		Run:   []string{line(change)},
		Undo:  []string{line(back)},
	}, true
}

// refuse has Postfix turn an account's mail away whatever its password is.
func refuse(account string, h *Host) (Step, bool) {
	if !sqlSafe.MatchString(account) {
		return Step{}, false
	}
	dir := h.ConfigDir
	if dir == "" {
		dir = "/etc/postfix"
	}
	table := dir + "/locked_accounts"
	return Step{
		Title: "Refuse it in Postfix",
		Note:  "A service's own -o smtpd_sender_restrictions in master.cf goes before it: see " + h.program("postconf") + " -P.",
		Run: []string{
			fmt.Sprintf("printf '%%s REJECT account locked\\n' %s >> %s", Quote(account), Quote(table)),
			fmt.Sprintf(`%s -e "smtpd_sender_restrictions = check_sasl_access texthash:"%s", $(%s -h smtpd_sender_restrictions)"`,
				h.program("postconf"), Quote(table), h.program("postconf")),
			h.program("postfix") + " reload",
		},
		Undo: []string{fmt.Sprintf("sed -i '/^%s /d' -- %s", strings.ReplaceAll(account, ".", `\.`), Quote(table)), h.program("postfix") + " reload"},
	}, true
}
