package statefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func opened(t *testing.T, path, owner string) *File {
	t.Helper()
	f, err := Open(path, owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func statePath(t *testing.T) string { return filepath.Join(t.TempDir(), "lib", "state") }

func saved(t *testing.T, f *File, blob string) {
	t.Helper()
	if err := f.Save([]byte(blob)); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestSaveAndLoad(t *testing.T) {
	path := statePath(t)
	f := opened(t, path, "mx")
	if blob, err := f.Load(); blob != nil || err != nil {
		t.Errorf("nothing saved: %q, %v", blob, err)
	}
	for _, blob := range []string{"one", "", strings.Repeat("three", 100_000)} {
		saved(t, f, blob)
		if got, err := f.Load(); string(got) != blob || err != nil {
			t.Errorf("%.20q came back as %.20q, %v", blob, got, err)
		}
	}
	if got := files(t, path); len(got) != 2 {
		t.Errorf("files: %q", got)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: the state names accounts", info.Mode())
	}
}

func TestOwner(t *testing.T) {
	path := statePath(t)
	f := opened(t, path, "mx1 /etc/postfix")
	saved(t, f, "one")
	_ = f.Close()
	for owner, want := range map[string]error{"mx2 /etc/postfix": ErrForeign, "mx1 /etc/postfix": nil, "": ErrForeign} {
		f := opened(t, path, owner)
		if _, err := f.Load(); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", owner, err, want)
		}
		_ = f.Close()
	}
}

func TestInUse(t *testing.T) {
	path := statePath(t)
	f := opened(t, path, "")
	if _, err := Open(path, ""); !errors.Is(err, ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	_ = f.Close()
	opened(t, path, "")
}

// Whatever bit falls over, and wherever it breaks off, is noticed.
func TestDamage(t *testing.T) {
	path := statePath(t)
	f := opened(t, path, "mx")
	saved(t, f, "some state")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if blob, err := f.Load(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: got %q, %v", text, blob, err)
		}
	}
	for i := range whole {
		try(whole[:i])
		damaged := bytes.Clone(whole)
		damaged[i] ^= 1 << (i % 8)
		try(damaged)
	}
	try(append(bytes.Clone(whole), 0))
}

func TestSetAside(t *testing.T) {
	path := statePath(t)
	f := opened(t, path, "")
	for _, blob := range []string{"1", "2", "3", "4", "5"} {
		saved(t, f, blob)
		to, err := f.SetAside()
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := os.ReadFile(to); !strings.HasSuffix(string(text), blob) {
			t.Errorf("%s holds %q, want %s", to, text, blob)
		}
	}
	if got := files(t, path); len(got) != 1+maxAside {
		t.Errorf("files: %q", got)
	}
	if blob, err := f.Load(); blob != nil || err != nil {
		t.Errorf("after it: %q, %v", blob, err)
	}
}

// A save that fails leaves what was there, and nothing else.
func TestSaveFails(t *testing.T) {
	path := statePath(t)
	f := opened(t, path, "")
	saved(t, f, "one")
	if err := os.Mkdir(path+".new", 0o700); err != nil { // root may write anything but over a folder
		t.Fatal(err)
	}
	if err := f.Save([]byte("two")); err == nil {
		t.Error("no error")
	}
	if blob, err := f.Load(); string(blob) != "one" || err != nil {
		t.Errorf("%q, %v", blob, err)
	}
	saved(t, f, "three")
}

// A place that can't be written to can be later.
func TestSaveRecovers(t *testing.T) {
	path := statePath(t)
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil { // in the folder's place
		t.Fatal(err)
	}
	f := opened(t, path, "")
	if err := f.Save([]byte("one")); err == nil {
		t.Error("no error")
	}
	if err := os.Remove(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	saved(t, f, "two")
	if _, err := Open(path, ""); !errors.Is(err, ErrInUse) {
		t.Errorf("then it is not locked: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(append(encodeHead("mx", []byte("blob")), "blob"...))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, text []byte) {
		blob, owner, err := decode(text)
		if err == nil && !bytes.Equal(append(encodeHead(owner, blob), blob...), text) {
			t.Errorf("%q is read as %q of %q", text, blob, owner)
		}
	})
}
