package triage

import "strings"

// ParseDovecot reads, from what "doveconf -n" prints, where Dovecot keeps passwords.
func ParseDovecot(text string) (stores []Store) {
	var store *Store
	depth := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, set := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasSuffix(line, "{"):
			if depth++; depth == 1 && strings.HasPrefix(line, "passdb ") {
				stores = append(stores, Store{Driver: strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(line, "passdb "), "{"))}) // a name from 2.4 on
				store = &stores[len(stores)-1]
			}
		case line == "}":
			if depth--; depth == 0 {
				store = nil
			}
		case store == nil || depth != 1 || !set:
		case name == "driver":
			store.Driver = value
		case name == "args": // up to 2.3: options, then the file
			if words := strings.Fields(value); len(words) > 0 && strings.HasPrefix(words[len(words)-1], "/") {
				store.File = words[len(words)-1]
			}
		case name == "passwd_file_path":
			store.File = value
		case name == "query" || name == "passdb_sql_query":
			store.Query = value
		}
	}
	return stores
}

// SetSQL takes in the settings file of an sql store, as dovecot-sql.conf.ext.
func (s *Store) SetSQL(text string) {
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "driver":
			s.SQL = value
		case "password_query":
			s.Query = value
		case "connect":
			s.DB = value // sqlite: a path
			for word := range strings.FieldsSeq(value) {
				if db, ok := strings.CutPrefix(word, "dbname="); ok {
					s.DB = db
				}
			}
		}
	}
}

// PasswdLine gives the line of an account in a passwd-file, from 1 on; 0 for none.
func PasswdLine(text, account string) int {
	local, _, _ := strings.Cut(account, "@")
	for _, name := range []string{account, local} {
		n := 0
		for line := range strings.Lines(text) {
			n++
			if user, _, ok := strings.Cut(line, ":"); ok && user == name && name != "" {
				return n
			}
		}
	}
	return 0
}
