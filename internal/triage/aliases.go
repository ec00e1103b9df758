package triage

import "strings"

// FindAlias looks for an alias in the text of a table of Postfix's: by its whole
// address, or, where local is true, as in alias_maps, by its local part. The line
// numbers are of a.
func FindAlias(text, alias string, local bool) (a AliasLine, ok bool) {
	if local {
		alias = alias[:max(strings.LastIndexByte(alias, '@'), 0)]
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		goesOn := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		switch {
		case ok && goesOn && strings.TrimSpace(line) != "":
			a.Last = n
			continue
		case ok:
			return a, true
		case goesOn || strings.HasPrefix(line, "#"):
			continue
		}
		key, _, found := strings.Cut(strings.Replace(line, "\t", " ", 1), " ")
		if i := strings.IndexByte(line, ':'); local && i >= 0 {
			key, found = strings.TrimSpace(line[:i]), true
		}
		if found && key != "" && strings.EqualFold(strings.Trim(key, `"`), alias) {
			a, ok = AliasLine{First: n, Last: n, Text: strings.TrimSpace(line)}, true
		}
	}
	return a, ok
}
