package postconf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// files gives options that see a directory of testdata as the root.
func files(t *testing.T, name string) Options {
	t.Helper()
	return Options{
		FS:       os.DirFS(filepath.Join("../../testdata/postconf", name)),
		Getenv:   func(string) string { return "" },
		Hostname: func() (string, error) { return "vm", nil },
		Addresses: func() ([]net.Addr, error) {
			return []net.Addr{cidr(t, "127.0.0.1/8"), cidr(t, "192.0.2.2/24"), cidr(t, "::1/128"), cidr(t, "fd00::2/64"), &net.UnixAddr{}}, nil
		},
	}
}

func cidr(t *testing.T, text string) net.Addr {
	t.Helper()
	ip, ipNet, err := net.ParseCIDR(text)
	if err != nil {
		t.Fatal(err)
	}
	return &net.IPNet{IP: ip, Mask: ipNet.Mask}
}

// The files alone, without postconf(1), against golden instances.
func TestDiscoverFromFiles(t *testing.T) {
	for _, name := range []string{"plain", "hosting", "faults"} {
		t.Run(name, func(t *testing.T) {
			instance, err := Discover(t.Context(), files(t, name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(instance, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := filepath.Join("../../testdata/postconf", name, "instance.json")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
}

func TestNetworksWhenUnset(t *testing.T) {
	tests := []struct{ mainCF, want, problem string }{
		{"compatibility_level = 2", "127.0.0.1/32 192.0.2.2/32 ::1/128 fd00::2/128", ""},
		{"compatibility_level = 3.6", "127.0.0.1/32 192.0.2.2/32 ::1/128 fd00::2/128", ""},
		{"compatibility_level = 1", "127.0.0.0/8 192.0.2.0/24 ::1/128 fd00::/64", ""},
		{"", "127.0.0.0/8 192.0.2.0/24 ::1/128 fd00::/64", ""},
		{"mynetworks_style = host\ninet_interfaces = loopback-only", "127.0.0.1/32 ::1/128", ""},
		{"mynetworks_style = class", "", "mend: set mynetworks"},
		{"inet_interfaces = 192.0.2.2", "", "mend: set mynetworks"},
		{"mynetworks =", "", ""},
	}
	for _, test := range tests {
		o := files(t, "plain")
		o.FS = fstest.MapFS{
			"etc/postfix/main.cf":   {Data: []byte(test.mainCF)},
			"etc/postfix/master.cf": {},
			"etc/passwd":            {Data: []byte("postfix:x:9:9::/:/\n")},
		}
		instance, err := Discover(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := summary(instance.MyNetworks); got != test.want {
			t.Errorf("%q: got %q, want %q", test.mainCF, got, test.want)
		}
		if problems := strings.Join(instance.Problems, "\n"); (problems == "") != (test.problem == "") || !strings.Contains(problems, test.problem) {
			t.Errorf("%q: problems %q, want %q", test.mainCF, problems, test.problem)
		}
	}
}

func TestOwnNames(t *testing.T) {
	for mainCF, want := range map[string]string{
		"":                      "vm.localdomain localhost.localdomain localhost",
		"mydomain = own.test":   "vm.own.test localhost.own.test localhost",
		"myhostname = a.b.test": "a.b.test localhost.b.test localhost",
		"myhostname = bare":     "bare localhost.localdomain localhost",
		"mydomain = own.test\nmyhostname = mx.$mydomain":    "mx.own.test localhost.own.test localhost",
		"mydestination = ${mydomain":                        "vm.localdomain localhost.localdomain localhost",
		"relay_domains = a.test\nmydestination = $mydomain": "localdomain",
	} {
		o := files(t, "plain")
		o.FS = fstest.MapFS{"etc/postfix/main.cf": {Data: []byte(mainCF)}}
		instance, err := Discover(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(instance.MyDestination, " "); got != want {
			t.Errorf("%q: got %q, want %q", mainCF, got, want)
		}
	}
}

func TestNetwork(t *testing.T) {
	for item, want := range map[string]string{
		"127.0.0.0/8": "127.0.0.0/8", "10.0.0.1": "10.0.0.1/32", "0.0.0.0/0": "0.0.0.0/0", "[::1]": "::1/128", "[2001:db8::]/32": "2001:db8::/32",
		"[::ffff:127.0.0.0]/104": "127.0.0.0/8", "[::ffff:0:0]/90": "", "10.1.0.0/8": "", "::1": "", "2001:db8::/32": "", "[::1": "", "10.0.0.0/33": "",
		"10.0.0.0/-1": "", "10.0.0.0/+8": "", "10.0.0.0/": "", "hash:/x": "", "/etc/x": "", "!10.0.0.1": "", "mx.example": "", "[fe80::1%eth0]": "", "": "",
	} {
		prefix, ok := network(item)
		if got := prefix.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %s, %t, want %q", item, got, ok, want)
		}
	}
}

func TestConfigDirectory(t *testing.T) {
	everywhere := fstest.MapFS{"etc/postfix/main.cf": {}, "usr/local/etc/postfix/main.cf": {}, "srv/main.cf": {}}
	tests := []struct {
		name            string
		fsys            fs.FS
		flag, env       string
		want, wantError string
	}{
		{"flag first", everywhere, "/srv", "/etc/postfix", "/srv", ""},
		{"then MAIL_CONFIG", everywhere, "", "/srv", "/srv", ""},
		{"then the usual places", everywhere, "", "", "/etc/postfix", ""},
		{"in their order", fstest.MapFS{"usr/local/etc/postfix/main.cf": {}}, "", "", "/usr/local/etc/postfix", ""},
		{"a flag that is wrong is an error", everywhere, "/nowhere", "", "", "/nowhere/main.cf: file does not exist; mend: --postfix.config-directory"},
		{"an environment that is wrong too", everywhere, "", "/nowhere", "", "/nowhere/main.cf: file does not exist; mend: "},
		{"none", fstest.MapFS{}, "", "", "", "no Postfix configuration in /etc/postfix, "},
		{"a directory in place of the file", fstest.MapFS{"etc/postfix/main.cf/x": {}}, "", "", "", "/etc/postfix/main.cf: no regular file; mend: "},
		{"not to be read", forbidden{everywhere, "etc/postfix/main.cf"}, "", "", "", "/etc/postfix/main.cf: permission denied; mend: "},
		{"too big", fstest.MapFS{"etc/postfix/main.cf": {Data: make([]byte, maxConfigBytes+1)}}, "", "", "", "over 1048576 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			instance, err := Discover(t.Context(), Options{FS: test.fsys, ConfigDirectory: test.flag, Getenv: func(string) string { return test.env }})
			if test.wantError != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantError) {
					t.Fatalf("error %v, want %q", err, test.wantError)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if instance.ConfigDirectory != test.want {
				t.Errorf("got %s, want %s", instance.ConfigDirectory, test.want)
			}
		})
	}
}

// forbidden is a file system with one file that can't be opened.
type forbidden struct {
	fstest.MapFS
	name string
}

func (f forbidden) Open(name string) (fs.File, error) {
	if name == f.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errPermission}
	}
	return f.MapFS.Open(name)
}

// errPermission reads as the system's own error does.
var errPermission = permissionError{}

type permissionError struct{}

func (permissionError) Error() string        { return "permission denied" }
func (permissionError) Is(target error) bool { return errors.Is(target, fs.ErrPermission) }

// fakePostconf writes a program that stands for postconf(1).
func fakePostconf(t *testing.T, script string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "postconf")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDiscoverByPostconf(t *testing.T) {
	o := files(t, "plain")
	o.Postconf = fakePostconf(t, `
case "$1" in
-d) echo /etc/postfix; exit;;
esac
test "$1 $2 $3" = "-c /etc/postfix -x" || exit 1
echo "postconf: warning: maillog_file: unknown parameter" >&2
cat <<END
mynetworks = 192.0.2.2/32 [::1]/128
relay_domains =
mydestination = mx.example.test
default_process_limit = 7
mail_version = 3.7.11
queue_directory = /q
mail_owner = postfix
END
`)
	instance, err := Discover(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := summary(instance.MyNetworks); got != "192.0.2.2/32 ::1/128" {
		t.Errorf("mynetworks %s", got)
	}
	if instance.Version != "3.7.11" || instance.QueueDirectory != "/q" || instance.Services[0].ProcessLimit != 7 || len(instance.Problems) > 0 {
		t.Errorf("got %+v", instance)
	}
}

// A postconf that fails, floods or hangs must not stop the exporter.
func TestDiscoverByBrokenPostconf(t *testing.T) {
	tests := []struct{ name, script, problem string }{
		{"fails", "echo 'postconf: fatal: bad thing' >&2; exit 1", `exit status 1 "postconf: fatal: bad thing"`},
		{"floods", "exec cat /dev/zero", "printed over 1048576 bytes"},
		{"is killed", "kill -9 $$", "signal: killed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := files(t, "plain")
			o.ConfigDirectory, o.Postconf = "/etc/postfix", fakePostconf(t, test.script)
			instance, err := Discover(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if len(instance.Problems) != 1 || !strings.Contains(instance.Problems[0], test.problem) || !strings.Contains(instance.Problems[0], "mend: ") {
				t.Errorf("problems %q, want %q", instance.Problems, test.problem)
			}
			if len(instance.Services) == 0 || len(instance.MyDestination) == 0 {
				t.Errorf("the files were not read: %+v", instance)
			}
		})
	}
	t.Run("hangs", func(t *testing.T) {
		o := files(t, "plain")
		o.ConfigDirectory, o.Postconf = "/etc/postfix", fakePostconf(t, "exec sleep 600")
		ctx, cancel := context.WithTimeout(t.Context(), 100e6)
		defer cancel()
		if _, err := Discover(ctx, o); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "mend: ") {
			t.Errorf("error %v, want the deadline's", err)
		}
	})
}

func TestLogValues(t *testing.T) {
	instance, err := Discover(t.Context(), files(t, "hosting"))
	if err != nil {
		t.Fatal(err)
	}
	values := instance.LogValues()
	got := map[any]any{}
	for n := 0; n < len(values); n += 2 {
		got[values[n]] = values[n+1]
	}
	if got["mynetworks"] != "10.0.0.0/8 192.0.2.25/32 2001:db8::/32 2001:db8::25/128" || got["read_by"] != "main.cf" || got["services"] != 3 {
		t.Errorf("got %v", got)
	}
}
