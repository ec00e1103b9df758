package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-kit/log"
)

func TestFindInstances(t *testing.T) {
	dir := func(lines string) string {
		name := t.TempDir()
		if err := os.WriteFile(filepath.Join(name, "main.cf"), []byte("queue_directory = "+name+"\n"+lines), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(name, "master.cf"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	out := dir("multi_instance_name = postfix-out\nmulti_instance_enable = yes\n")
	off := dir("multi_instance_name = postfix-off\n")
	first := dir("multi_instance_directories = " + out + ", " + off + " /nonexistent\n")
	t.Setenv("MAIL_CONFIG", first)
	for _, tt := range []struct {
		name              string
		directories, want []string
	}{
		{"listed for postmulti", nil, []string{"-", "postfix-out"}},
		{"one by name", []string{first}, []string{"-"}},
		{"several by name", []string{off, first}, []string{"postfix-off", "-"}},
		{"two of one name", []string{first, dir("")}, nil},
	} {
		found, err := findInstances(t.Context(), log.NewNopLogger(), tt.directories)
		if err != nil {
			t.Fatal(err)
		}
		names := instanceNames(found)
		if tt.want == nil {
			tt.want = tt.directories
		}
		if !slices.Equal(names, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, names, tt.want)
		}
	}
	if _, err := findInstances(t.Context(), log.NewNopLogger(), []string{first, "/nonexistent"}); err == nil {
		t.Error("a named instance that is not there is no error")
	}
	if _, err := findInstances(t.Context(), log.NewNopLogger(), []string{"/nonexistent"}); err == nil {
		t.Error("no instance at all is no error")
	}
}
