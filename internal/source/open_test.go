package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Root may read everything, so the error is made, not met.
func TestExplainPermission(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mail.log")
	write(t, path, "")
	tests := []struct {
		name, path string
		mode       fs.FileMode
		want       string
	}{
		{"the group may read", path, 0o640, "to the group "},
		{"the owner alone may read", path, 0o600, "its mode is -rw-------"},
		{"the folder can't be searched", filepath.Join(path, "mail.log"), 0, "search the folder " + path},
	}
	for _, test := range tests {
		if test.mode != 0 {
			must(t, os.Chmod(path, test.mode))
		}
		err := explain(&fs.PathError{Op: "open", Path: test.path, Err: fs.ErrPermission})
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %q does not say %q", test.name, err, test.want)
		}
	}
}
