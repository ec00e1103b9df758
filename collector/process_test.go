package collector

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"postfix_exporter/internal/postconf"
	"postfix_exporter/parser"
)

const testMasterCF = `
smtp      inet  n - y - -   smtpd
submission inet n - y - 20  smtpd -o syslog_name=postfix/submission
pickup    unix  n - y 60 1  pickup
cleanup   unix  n - y - 0   cleanup
qmgr      unix  n - n 300 1 qmgr
bounce    unix  - - y - 0   bounce
defer     unix  - - y - 0   bounce
smtp      unix  - - y - -   smtp
relay     unix  - - y - 10  smtp
local     unix  - n n - -   local
# two services of one name and command share their rows
feed      inet  n - y - 3   smtpd
feed      pass  n - y - 4   smtpd
`

// testProc is a process table and a queue directory.
type testProc struct {
	t        *testing.T
	dir      string
	instance *postconf.Instance
}

func newTestProc(t *testing.T) testProc {
	t.Helper()
	services, err := parser.ParseMasterCF(testMasterCF, 100)
	if err != nil {
		t.Fatal(err)
	}
	p := testProc{t: t, dir: t.TempDir(), instance: &postconf.Instance{
		ConfigDirectory: "/etc/postfix", QueueDirectory: t.TempDir(), SetgidGroup: "postdrop", MailOwnerUID: 102, Services: services,
	}}
	for _, dir := range []string{"pid", "public"} {
		if err := os.Mkdir(filepath.Join(p.instance.QueueDirectory, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.write("locks", "")
	p.run(1, 0, 0, "systemd", "/sbin/init")
	return p
}

func (p testProc) write(name, text string) {
	p.t.Helper()
	name = filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// run adds a process; argv is its words, "" for a zombie.
func (p testProc) run(pid, ppid, uid int, comm, argv string) {
	p.t.Helper()
	state, cmdline := "S", strings.ReplaceAll(argv, " ", "\x00")+"\x00"
	if argv == "" {
		state, cmdline = "Z", ""
	}
	p.write(fmt.Sprintf("%d/stat", pid), fmt.Sprintf("%d (%s) %s %d%s\n", pid, comm, state, ppid, strings.Repeat(" 0", 48)))
	p.write(fmt.Sprintf("%d/status", pid), fmt.Sprintf("Name:\t%s\nState:\t%s\nPPid:\t%d\nUid:\t%d\t%d\t%d\t%d\n", comm, state, ppid, uid, uid, uid, uid))
	p.write(fmt.Sprintf("%d/comm", pid), comm+"\n")
	p.write(fmt.Sprintf("%d/cmdline", pid), cmdline)
}

func (p testProc) pidFile(text string) string {
	p.t.Helper()
	name := filepath.Join(p.instance.QueueDirectory, "pid", "master.pid")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return name
}

// listen makes public/showq answer, as a running master does.
func (p testProc) listen() {
	p.t.Helper()
	p.t.Chdir(p.instance.QueueDirectory) // socket names are short
	listener, err := net.Listen("unix", "public/showq")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { listener.Close() })
}

func (p testProc) configured(context.Context) (*postconf.Instance, error) { return p.instance, nil }

// the seed's wall: a private queue that delivers to nobody, and neighbours.
func (p testProc) wall() {
	p.pidFile("                            1000\n")
	p.run(1000, 1, 0, "master", "/usr/lib/postfix/sbin/master -w")
	for pid := 1005; pid < 1034; pid++ {
		p.run(pid, 1000, 102, "smtp", "smtp -t unix -u")
	}
	p.run(1034, 1000, 102, "bounce", "bounce -z -n defer -t unix -u")
	p.run(1035, 1000, 102, "bounce", "bounce -z -t unix -u -c")
	p.run(1036, 1000, 102, "qmgr", "qmgr -l -t unix -u")
	p.run(1037, 1000, 102, "pickup", "pickup -l -t unix -u -c")
	p.run(1038, 1000, 102, "smtp", "smtp -n relay -t unix -u -c -o syslog_name=postfix/relay")
	p.run(1039, 1000, 102, "smtpd", "smtpd -n smtp -t inet -u -c -o stress= -s 2")
	p.run(1040, 1000, 102, "smtpd", "smtpd -n smtp -t inet -u -c -o stress=yes -s 2")
	p.run(1041, 1000, 102, "smtpd", "smtpd -n submission -t inet -u -c -o stress=yes -o syslog_name=postfix/submission")
	p.run(1042, 1000, 0, "local", "local -t unix")
	p.run(1043, 1000, 102, "smtpd", "smtpd -n feed -t pass -u -o stress=")
	p.run(1044, 1000, 102, "smtpd", "smtpd -n feed -t inet -u -o stress=")

	p.run(1050, 1000, 102, "smtp", "smtp -n evil{x} -t unix -u") // no service of master.cf
	p.run(1051, 1000, 1003, "smtp", "smtp -t unix -u")           // an orphan of a user, where the master is process 1
	p.run(1052, 1000, 0, "master", "/usr/lib/postfix/sbin/master -w")
	p.run(1053, 1000, 102, "smtp", "") // a zombie

	p.run(2000, 1, 0, "master", "/usr/lib/postfix/sbin/master -w") // another instance
	p.run(2001, 2000, 102, "smtp", "smtp -t unix -u")
	p.run(2002, 2000, 102, "qmgr", "qmgr -l -t unix -u")
	p.run(3000, 1, 1003, "smtp", "smtp -t unix -u") // a user who plays Postfix
	p.run(3001, 3000, 1003, "master) S 1 (x", "master")

	p.run(4000, 1, 0, "dovecot", "/usr/sbin/dovecot -F")
	p.run(4001, 4000, 103, "pop3-login", "dovecot/pop3-login")
	p.run(4002, 4000, 103, "imap-login", "dovecot/imap-login [2 connections (1 TLS)]")
	p.run(4003, 4000, 103, "imap-login", "dovecot/imap-login")
	p.run(4004, 4000, 104, "auth", "dovecot/auth")
	p.run(4005, 4000, 0, "auth", "dovecot/auth -w")
	p.run(4006, 4000, 103, "anvil", "dovecot/anvil")
	p.run(4007, 4000, 0, "log", "dovecot/log")
	p.run(4008, 4000, 1003, "imap", "dovecot/imap [alice 192.0.2.1]")
	p.run(4009, 4000, 0, "lmtp", "lmtp")
	p.run(4010, 4000, 103, "imap-login", "")   // a zombie
	p.run(5000, 1, 1003, "dovecot", "dovecot") // a user who plays Dovecot
	p.run(5001, 5000, 1003, "imap-login", "dovecot/imap-login")
}

func TestProcess(t *testing.T) {
	p := newTestProc(t)
	p.wall()
	compareGolden(t, NewProcess(p.dir, p.configured))
	compareGolden(t, NewDovecotProcess(p.dir))
}

// Where Linux keeps the list of a process's children, no other is looked at.
func TestProcessReadsTheListOfChildren(t *testing.T) {
	p := newTestProc(t)
	p.wall()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	var children []string
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(p.dir, entry.Name(), "stat"))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if strings.Fields(rest)[1] == "1000" {
			children = append(children, entry.Name())
		} else if entry.Name() != "1" && entry.Name() != "1000" {
			p.write(entry.Name()+"/stat", "not to be read")
		}
	}
	// 3000 has ended meanwhile, and its number went to somebody else's process.
	p.run(3000, 1, 102, "smtp", "smtp -t unix -u")
	p.write("1000/task/1000/children", strings.Join(children, " ")+" 3000 77777 ")
	compareGolden(t, NewProcess(p.dir, p.configured))
}

func TestProcessCost(t *testing.T) {
	p := newTestProc(t)
	p.wall()
	for pid := 10_000; pid < 10_100; pid++ {
		p.run(pid, 1, 1003, "php-fpm", "php-fpm: pool www")
	}
	// Of processes that are no candidates only stat is read.
	for pid := 10_000; pid < 10_100; pid++ {
		for _, name := range []string{"status", "cmdline", "comm"} {
			if err := os.Remove(filepath.Join(p.dir, strconv.Itoa(pid), name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := values(t, NewProcess(p.dir, p.configured))[`postfix_processes smtp smtp`]; got != 29 {
		t.Errorf("%v processes of smtp", got)
	}
}

// values gathers a collector that must not fail: "name label label" -> value.
func values(t *testing.T, c Collector) map[string]float64 {
	t.Helper()
	got, err := update(t, c)
	if err != nil {
		t.Errorf("%s: %v", c.Name(), err)
	}
	return got
}

// update runs a collector once.
func update(t *testing.T, c Collector) (map[string]float64, error) {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	var updateError error
	reg.MustRegister(prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) { updateError = c.Update(t.Context(), ch) }))
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, sample := range family.GetMetric() {
			key := family.GetName()
			for _, label := range slices.Backward(sample.GetLabel()) { // service_name before command
				key += " " + label.GetValue()
			}
			got[key] = sample.GetGauge().GetValue()
		}
	}
	return got, updateError
}

func TestProcessFollowsTheConfiguration(t *testing.T) {
	p := newTestProc(t)
	p.wall()
	instance := *p.instance
	failing := error(nil)
	c := NewProcess(p.dir, func(context.Context) (*postconf.Instance, error) { return &instance, failing })
	if got := values(t, c)["postfix_process_limit relay smtp"]; got != 10 {
		t.Errorf("limit %v", got)
	}
	instance.MailOwnerUID = -1 // not known: all children count
	if got := values(t, c)["postfix_processes smtp smtp"]; got != 30 {
		t.Errorf("%v processes of smtp", got)
	}
	instance.MailOwnerUID = 102
	instance.Services, _ = parser.ParseMasterCF("relay unix - - y - 50 smtp\n", 100)
	got := values(t, c)
	if got["postfix_process_limit relay smtp"] != 50 || got["postfix_processes relay smtp"] != 1 || got["postfix_processes _other _other"] != 40 {
		t.Errorf("got %v", got)
	}
	failing = errors.New("main.cf is gone")
	if got, err := update(t, c); !errors.Is(err, failing) || got["postfix_processes relay smtp"] != 1 {
		t.Errorf("with an old configuration: %v, %v", got, err)
	}
}

func TestProcessHonoursContext(t *testing.T) {
	p := newTestProc(t)
	p.wall()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []Collector{NewProcess(p.dir, p.configured)} {
		if err := c.Update(ctx, make(chan prometheus.Metric, 1000)); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "mend: ") {
			t.Errorf("%s: error %v", c.Name(), err)
		}
	}
}

// lockLine is how /proc/locks shows the lock on a file.
func lockLine(t *testing.T, name string, pid int) string {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal(fs.ErrInvalid)
	}
	return fmt.Sprintf("1: FLOCK  ADVISORY  WRITE %d %s:%d 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 77 00:00:%[3]d 0 EOF\n", pid, deviceNumber(stat.Dev), stat.Ino)
}
