package collector

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where the master is found, and what is said when it is not. want is
// postfix_up, -1 for absent; smtp the processes of smtp/smtp, -1 for absent.
func TestUpAndProcess(t *testing.T) {
	tests := []struct {
		name                string
		prepare             func(testProc)
		want, smtp          float64
		upError, smtpErrors string
	}{
		{"by the pid file", func(p testProc) { p.wall() }, 1, 29, "", ""},
		{"by the lock, before an old pid file", func(p testProc) {
			p.wall()
			p.write("locks", "garbage\n\n1: POSIX  ADVISORY  WRITE x 00:1:2 0 EOF\n"+lockLine(p.t, p.pidFile("1000\n"), 2000))
		}, 1, 1, "", ""},
		{"a lock of somebody who is no master", func(p testProc) {
			p.wall()
			p.write("locks", lockLine(p.t, p.pidFile("1000\n"), 3000))
		}, 1, 29, "", ""},
		{"never started", func(testProc) {}, 0, 0, "", ""},
		{"stopped", func(p testProc) { p.pidFile("1000\n") }, 0, 0, "", ""},
		{"stopped, while another instance runs", func(p testProc) {
			p.wall()
			p.pidFile("999\n")
		}, 0, 0, "", ""},
		{"never started, while another instance runs", func(p testProc) {
			p.wall()
			if err := os.Remove(p.pidFile("")); err != nil {
				p.t.Fatal(err)
			}
		}, 0, 0, "", ""},
		{"its pid went to another program", func(p testProc) {
			p.pidFile("1000\n")
			p.run(1000, 1, 0, "nginx", "nginx")
		}, 0, 0, "", ""},
		{"its pid went to a user's master", func(p testProc) {
			p.pidFile("1000\n")
			p.run(1000, 1, 1003, "master", "master")
		}, 0, 0, "", ""},
		{"stopped, and nobody has reaped it", func(p testProc) {
			p.pidFile("1000\n")
			p.run(1000, 1, 0, "master", "")
		}, 0, 0, "", ""},
		{"garbage in the pid file", func(p testProc) { p.pidFile("\x00\xff") }, 0, 0, "", ""},
		{"in another PID namespace", func(p testProc) {
			p.pidFile("1000\n")
			p.listen()
		}, 1, -1, "", "mend: ProtectProc=default"},
		{"no queue directory, one master", func(p testProc) {
			p.instance.QueueDirectory = "/nonexistent"
			p.run(1000, 1, 0, "master", "master -w")
			p.run(1001, 1000, 0, "master", "master -w") // a fork of it
		}, 1, 0, "", ""},
		{"no queue directory, several masters, one owner's", func(p testProc) {
			p.instance.QueueDirectory = "/nonexistent"
			p.run(1000, 1, 0, "master", "master -w")
			p.run(1002, 1000, 102, "smtp", "smtp -t unix -u")
			p.run(2000, 1, 0, "master", "master -w")
			p.run(2002, 2000, 105, "smtp", "smtp -t unix -u")
		}, 1, 1, "", ""},
		{"several masters that nothing tells apart", func(p testProc) {
			p.run(1000, 1, 0, "master", "master -w")
			p.run(1002, 1000, 102, "smtp", "smtp -t unix -u")
			p.run(2000, 1, 0, "master", "master -w")
			p.run(2002, 2000, 102, "smtp", "smtp -t unix -u")
			p.listen()
			if err := os.RemoveAll(filepath.Join(p.instance.QueueDirectory, "pid")); err != nil {
				p.t.Fatal(err)
			}
		}, 1, -1, "", "2 masters run, and nothing tells which is that of /etc/postfix: "},
		{"no master, and a socket that can't be asked", func(p testProc) {
			p.instance.QueueDirectory = "/dev/null"
		}, 0, 0, "mend: make \"postdrop\" a group", "mend: make \"postdrop\" a group"},
		{"hidepid, and a socket that can't be asked", func(p testProc) {
			p.instance.QueueDirectory = "/dev/null"
			if err := os.RemoveAll(filepath.Join(p.dir, "1")); err != nil {
				p.t.Fatal(err)
			}
		}, -1, -1, "shows no processes of other users", "shows no processes of other users"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newTestProc(t)
			test.prepare(p)
			check := func(c Collector, key, wantError string, want float64) {
				t.Helper()
				got, err := update(t, c)
				if (err == nil) != (wantError == "") || err != nil && !strings.Contains(err.Error(), wantError) {
					t.Errorf("%s: error %v, want %q", c.Name(), err, wantError)
				}
				if err != nil && (strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "mend: ")) {
					t.Errorf("%s: error %q is not one line with the mend", c.Name(), err)
				}
				if value, sent := got[key]; sent != (want >= 0) || sent && value != want {
					t.Errorf("%s: %s is %v (sent: %t), want %v", c.Name(), key, value, sent, want)
				}
			}
			check(NewUp(p.dir, p.configured), "postfix_up", test.upError, test.want)
			check(NewProcess(p.dir, p.configured), "postfix_processes smtp smtp", test.smtpErrors, test.smtp)
		})
	}
}

// Without /proc the socket alone tells, and no process is made up.
func TestUpWithoutProc(t *testing.T) {
	p := newTestProc(t)
	p.listen()
	p.dir = filepath.Join(p.dir, "none")
	if got := values(t, NewUp(p.dir, p.configured)); got["postfix_up"] != 1 {
		t.Errorf("got %v", got)
	}
	got, err := update(t, NewProcess(p.dir, p.configured))
	if err == nil || !strings.Contains(err.Error(), "mend: mount procfs at") {
		t.Errorf("error %v", err)
	}
	if _, sent := got["postfix_processes smtp smtp"]; sent {
		t.Errorf("got %v", got)
	}
}

func TestServiceOf(t *testing.T) {
	tests := []struct {
		argv   string
		want   serviceKey
		stress bool
	}{
		{"smtp -t unix -u", serviceKey{"smtp", "unix"}, false},
		{"bounce -z -n defer -t unix -u", serviceKey{"defer", "unix"}, false},
		{"/usr/lib/postfix/sbin/smtpd -n 127.0.0.1:2587 -t inet -u -o stress=yes", serviceKey{"127.0.0.1:2587", "inet"}, true},
		{"smtpd -n smtp -t inet -u -o stress= -o x=y -n late -t late", serviceKey{"smtp", "inet"}, false},
		{"smtp", serviceKey{"smtp", ""}, false},
		{"smtp -t", serviceKey{"smtp", ""}, false},
		{"smtp -n", serviceKey{"smtp", ""}, false},
	}
	for _, test := range tests {
		if key, stress := serviceOf(strings.Split(test.argv, " ")); key != test.want || stress != test.stress {
			t.Errorf("%q: got %+v, %t", test.argv, key, stress)
		}
	}
}

func TestDeviceNumber(t *testing.T) {
	for dev, want := range map[uint64]string{0xfe00: "fe:00", 0x1b: "00:1b", 0x801: "08:01", 0x0010_3f05: "3f:105"} {
		if got := deviceNumber(dev); got != want {
			t.Errorf("%#x: got %s, want %s", dev, got, want)
		}
	}
}
