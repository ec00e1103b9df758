package source

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// member is one file of the series that a log is: a rotated one or the current.
type member struct {
	path    string
	info    fs.FileInfo
	current bool // the log itself
}

// series lists the rotated files of the log at path, oldest first, and then the
// current one, where there is one. A symbolic link stands for what it names.
// Rotated files are found by the names that logrotate(8), postlogd(8) and
// savelog(8) give: mail.log.1, mail.log.2.gz, mail.log-20261125,
// mail.log.20261125-161906.gz, mail-20261125.log. Elsewhere (olddir) they are
// not looked for.
func series(path string) ([]member, error) {
	// A folder is not read at one moment: a file that is renamed meanwhile shows
	// twice or not at all. What is read twice alike is true.
	before, err := list(path)
	for range 10 {
		if err != nil {
			return nil, err
		}
		var again []member
		again, err = list(path)
		if slices.EqualFunc(before, again, func(a, b member) bool { return a.path == b.path && idOf(a.info) == idOf(b.info) }) {
			return again, err
		}
		before = again
	}
	return nil, fmt.Errorf("%s: %w", path, errMoved)
}

func list(path string) ([]member, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	type rotated struct {
		member
		age age
	}
	var found []rotated
	for _, e := range entries {
		a, ok := ageOf(filepath.Base(path), e.Name())
		if !ok {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() { // it may just have been renamed
			found = append(found, rotated{member{filepath.Join(filepath.Dir(path), e.Name()), info, false}, a})
		}
	}
	// While one is being compressed, it is there twice: the plain one is whole.
	slices.SortFunc(found, func(a, b rotated) int {
		if a.age.dated() != b.age.dated() { // two schemes side by side: only the last line written tells
			return a.info.ModTime().Compare(b.info.ModTime())
		}
		return cmp.Or(a.age.compare(b.age), cmp.Compare(len(a.path), len(b.path)))
	})
	found = slices.CompactFunc(found, func(a, b rotated) bool { return a.age == b.age })
	all := make([]member, 0, len(found)+1)
	for _, r := range found {
		all = append(all, r.member)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		all = append(all, member{path, info, true})
	}
	return all, nil
}

// age is what a rotated file's name says of it: a date or a number.
type age struct {
	date   string // digits of a date; empty where it is a number
	number int
}

func (a age) dated() bool { return a.date != "" }

// compare puts the older one first: the earlier date, the higher number. Both
// must be dates, or both numbers.
func (a age) compare(b age) int {
	return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(b.number, a.number))
}

// ageOf reads the name of a file that may be a rotated one of base.
func ageOf(base, name string) (age, bool) {
	name = strings.TrimSuffix(name, compression(name))
	rest, ok := strings.CutPrefix(name, base)
	if !ok { // logrotate's "extension": mail-20261125.log
		ext := filepath.Ext(base)
		if rest, ok = strings.CutPrefix(name, strings.TrimSuffix(base, ext)); !ok {
			return age{}, false
		}
		if rest, ok = strings.CutSuffix(rest, ext); !ok || ext == "" {
			return age{}, false
		}
	}
	if len(rest) < 2 || len(rest) > 32 || !strings.ContainsRune(".-_", rune(rest[0])) {
		return age{}, false
	}
	var a age
	for _, c := range []byte(rest) {
		switch {
		case '0' <= c && c <= '9':
			a.date += string(rune(c))
			a.number = a.number*10 + int(c-'0')
		case strings.IndexByte(".-_T:", c) < 0:
			return age{}, false
		}
	}
	if len(a.date) >= len("061125") {
		a.number = 0
	} else {
		ok, a.date = a.date != "", ""
	}
	return a, ok
}

// compression gives the ending that a compressor adds to a name, or nothing.
func compression(name string) string {
	for _, ending := range []string{".gz", ".xz", ".zst", ".bz2", ".lz4", ".Z"} {
		if strings.HasSuffix(name, ending) {
			return ending
		}
	}
	return ""
}
