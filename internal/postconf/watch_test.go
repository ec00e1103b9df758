package postconf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWatch(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("etc/postfix/main.cf", "mynetworks = 127.0.0.0/8\n")
	write("etc/postfix/master.cf", "smtp unix - - n - 10 smtp\n")
	o := files(t, "plain")
	o.FS = os.DirFS(root)
	instance, err := Discover(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	w := NewWatch(instance, o)
	limit := func() int {
		t.Helper()
		i, err := w.Instance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return i.Services[0].ProcessLimit
	}
	if same, err := w.Instance(t.Context()); same != instance || err != nil {
		t.Errorf("unchanged, but read again (%v)", err)
	}
	write("etc/postfix/master.cf", "smtp unix - - n - 1000 smtp\n")
	if got := limit(); got != 1000 {
		t.Errorf("limit %d after master.cf changed", got)
	}
	write("etc/postfix/master.cf", "smtp unix - - n - - smtp\n")
	write("etc/postfix/main.cf", "mynetworks = 127.0.0.0/8\ndefault_process_limit = 33\n")
	if got := limit(); got != 33 {
		t.Errorf("limit %d after main.cf changed", got)
	}
	if err := os.Remove(filepath.Join(root, "etc/postfix/main.cf")); err != nil {
		t.Fatal(err)
	}
	last, err := w.Instance(t.Context())
	if err == nil || !strings.Contains(err.Error(), "mend: ") || last.Services[0].ProcessLimit != 33 {
		t.Errorf("main.cf is gone: got %+v, %v", last, err)
	}
}
