package postconf

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"postfix_exporter/parser"
)

// maxListItems bounds every list that is taken over from the configuration, the
// tables that it names included.
const maxListItems = 100_000

// maxTableBytes bounds the text of a table that is read for its keys.
const maxTableBytes = 64 << 20

// expand splits a list and puts the contents of the files and tables in it in
// their place; known says that nothing is missing. Of a table the keys that pass
// wanted are taken, from the text that postmap(1) makes it of.
func (i *Instance) expand(o Options, name, value string, wanted func(key string) bool) (items []string, known bool) {
	known = true
	for _, item := range parser.SplitList(value) {
		path, file, columns := table(item)
		switch {
		case path == "" && !file:
			items = append(items, item)
			continue
		case path != "":
			keys, err := i.firstWords(o, path, columns, wanted, maxListItems-len(items))
			if err == nil {
				items = append(items, keys...)
				continue
			}
			i.problem("%s: %v, so what is in %.60q is not known; mend: make that text readable for the exporter", name, err, item)
		default:
			i.problem("%s: what is in %.60q is not read; mend: write it out in %s", name, item, name)
		}
		known = false
	}
	if len(items) > maxListItems {
		i.problem("%s: only the first %d of %d entries are taken; mend: shorten it", name, maxListItems, len(items))
		items, known = items[:maxListItems], false
	}
	return items, known
}

// table says whether an item of a list names a file, and gives its path where its
// text can be read for the items: as a list of words, or, in columns, by the first
// word of each line.
func table(item string) (path string, is, columns bool) {
	if strings.HasPrefix(item, "/") {
		return item, true, false
	}
	if strings.HasPrefix(item, "[") || strings.HasPrefix(item, "!") || !strings.ContainsAny(item, ":{") {
		return "", false, false // a network, an exclusion, a name
	}
	kind, path, _ := strings.Cut(strings.TrimPrefix(item, "proxy:"), ":")
	if strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "", false, false // an address
	}
	if slices.Contains([]string{"hash", "btree", "lmdb", "cdb", "dbm", "sdbm", "texthash"}, kind) && strings.HasPrefix(path, "/") {
		return path, true, true
	}
	return "", true, false
}

// firstWords reads the words of a file, or the first of each line, without its
// comments. A line that begins with white space goes on with the one before.
func (i *Instance) firstWords(o Options, name string, columns bool, wanted func(string) bool, most int) ([]string, error) {
	f, err := o.FS.Open(inFS(name))
	if err != nil {
		i.tables = append(i.tables, tableFile{name, noFile})
		return nil, plainError(name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: no regular file", name)
	}
	i.tables = append(i.tables, tableFile{name, stampOf(info)})
	var words []string
	lines := bufio.NewScanner(io.LimitReader(f, maxTableBytes))
	lines.Buffer(nil, maxConfigBytes)
	for lines.Scan() {
		line := lines.Text()
		if columns && strings.TrimLeft(line, " \t") != line {
			continue
		}
		for n, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || !columns && r == ',' }) {
			if strings.HasPrefix(word, "#") && (n == 0 || !columns) || columns && n > 0 {
				break
			}
			if wanted(word) && len(words) <= most {
				words = append(words, word)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, plainError(name, err)
	}
	return words, nil
}
