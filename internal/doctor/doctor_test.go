package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// healthy is a patient with nothing to complain of; root is a mutable map.
func healthy() (*Patient, fstest.MapFS) {
	root := fstest.MapFS{
		"etc/logrotate.d/rsyslog":               {Data: []byte("/var/log/syslog\n/var/log/mail.log\n{\n\trotate 4\n\tpostrotate\n\t\t/usr/lib/rsyslog/rsyslog-rotate\n\tendscript\n}\n")},
		"run/systemd/journal/x":                 {},
		"etc/systemd/journald.conf.d/mail.conf": {Data: []byte("[Journal]\nRateLimitIntervalSec=0\n")},
	}
	return &Patient{
		FS: root, Now: func() time.Time { return noon }, User: "exporter",
		Instances: []Instance{{
			ConfigDirectory: "/etc/postfix", QueueDirectory: "/var/spool/postfix", Version: "3.7.11", Services: 31, LongQueueIDs: true,
			Running: func() (bool, bool) { return true, true },
			List:    func(context.Context) (int, error) { return 12, nil },
			Showq:   func(context.Context) error { return nil },
		}},
		Logs: []Log{{Path: "/var/log/mail.log"}}, StateFile: "/var/lib/x/state", Listen: []string{"127.0.0.1:9154"},
		Writable: func(string) error { return nil }, Dovecot: func(string) string { return "yes" }, Unsynced: func() (bool, error) { return false, nil },
		CheckWeb: func(string) error { return nil },
		Tail: func(string) (Tail, error) {
			return Tail{Last: noon.Add(-3 * time.Second), Postfix: true, Written: noon}, nil
		},
	}, root
}

func TestHealthy(t *testing.T) {
	p, _ := healthy()
	all := Examine(t.Context(), p)
	for _, f := range all {
		if f.State != Works && f.Check != "journal" {
			t.Errorf("%+v", f)
		}
	}
	if Failed(all) != 0 || len(all) != len(checks()) {
		t.Errorf("%d findings of %d checks", len(all), len(checks()))
	}
}

// TestIll: each is one thing that is wrong, with the check that must say so, its
// state, and a part of what it says and of its mend.
func TestIll(t *testing.T) {
	for name, ill := range map[string]struct {
		make        func(*Patient, fstest.MapFS)
		check       string
		state       State
		what, mends string
	}{
		"no Postfix": {
			func(p *Patient, _ fstest.MapFS) {
				p.Instances, p.NoPostfix = nil, errors.New("none; mend: --postfix.config-directory=DIR")
			},
			"postfix", Fails, "none", "--postfix.config-directory",
		},
		"a problem of its configuration": {func(p *Patient, _ fstest.MapFS) { p.Instances[0].Problems = []string{"main.cf: odd"} }, "postfix", Advice, "odd", ""},
		"instances left out":             {func(p *Patient, _ fstest.MapFS) { p.Instances[0].Several = 2 }, "instances", Advice, "2 more", "postmulti"},
		"no master.cf":                   {func(p *Patient, _ fstest.MapFS) { p.Instances[0].Services = 0 }, "master.cf", Fails, "no service", "chmod"},
		"Postfix is down":                {func(p *Patient, _ fstest.MapFS) { p.Instances[0].Running = func() (bool, bool) { return true, false } }, "processes", Fails, "not run", "start"},
		"hidepid":                        {func(p *Patient, _ fstest.MapFS) { p.Instances[0].Running = func() (bool, bool) { return false, false } }, "processes", Fails, "hides", "hidepid=0"},
		"no log":                         {func(p *Patient, _ fstest.MapFS) { p.Logs = nil }, "log", Fails, "no log", ""},
		"a log of root alone": {
			func(p *Patient, _ fstest.MapFS) {
				p.Logs[0].Err = fmt.Errorf("/var/log/mail.log: %w; mend: SupplementaryGroups=adm", fs.ErrPermission)
			},
			"log", Fails, "permission", "SupplementaryGroups=adm",
		},
		"a named log of root alone": {
			func(p *Patient, _ fstest.MapFS) { p.Logs[0].Err = fs.ErrPermission },
			"log", Fails, "permission", "setfacl -m u:exporter:r /var/log/mail.log",
		},
		"syslog writes the rotated file": {
			func(_ *Patient, root fstest.MapFS) {
				root["var/log/mail.log.1"] = &fstest.MapFile{ModTime: noon.Add(time.Hour)}
			},
			"log moves", Fails, "not told of its rotation", "HUP",
		},
		"a log of tomorrow": {func(p *Patient, _ fstest.MapFS) {
			p.Tail = func(string) (Tail, error) { return Tail{Last: noon.Add(time.Hour), Postfix: true, Written: noon}, nil }
		}, "log moves", Fails, "to come", ""},
		"another program's log": {func(p *Patient, _ fstest.MapFS) {
			p.Tail = func(string) (Tail, error) { return Tail{Last: noon, Written: noon}, nil }
		}, "log moves", Advice, "no line of Postfix", ""},
		"copytruncate": {func(_ *Patient, root fstest.MapFS) {
			root["etc/logrotate.d/rsyslog"].Data = []byte("/var/log/*.log {\n copytruncate\n}\n")
		}, "log rotation", Advice, "lost", "create"},
		"zstd": {func(_ *Patient, root fstest.MapFS) {
			root["etc/logrotate.d/rsyslog"].Data = []byte("/var/log/mail.log {\n compresscmd /usr/bin/zstd\n}\n")
		}, "log rotation", Advice, "gzip", ""},
		"no rotation":      {func(_ *Patient, root fstest.MapFS) { delete(root, "etc/logrotate.d/rsyslog") }, "log rotation", Advice, "grows", ""},
		"journald's limit": {func(_ *Patient, root fstest.MapFS) { delete(root, "etc/systemd/journald.conf.d/mail.conf") }, "log rate limit", Advice, "10,000", "RateLimitIntervalSec=0"},
		"rsyslog's limit": {func(_ *Patient, root fstest.MapFS) {
			root["etc/rsyslog.conf"] = &fstest.MapFile{Data: []byte("#$SystemLogRateLimitInterval 5\n$SystemLogRateLimitInterval 2\n")}
		}, "log rate limit", Advice, "throws lines away", ""},
		"a journal of others": {func(p *Patient, _ fstest.MapFS) { p.Journal = true }, "journal", Fails, "no journal", "mkdir"},
		"queue of others": {func(p *Patient, _ fstest.MapFS) {
			p.Instances[0].List = func(context.Context) (int, error) { return 0, fs.ErrPermission }
		}, "queue files", Advice, "stays unknown", "CAP_DAC_READ_SEARCH"},
		"no queue": {func(p *Patient, _ fstest.MapFS) {
			p.Instances[0].List = func(context.Context) (int, error) { return 0, fs.ErrNotExist }
		}, "queue files", Fails, "not exist", "check"},
		"showq of others": {func(p *Patient, _ fstest.MapFS) {
			p.Instances[0].Showq = func(context.Context) error { return fs.ErrPermission }
		}, "showq", Fails, "permission", "usermod -aG postdrop exporter"},
		"no showq": {func(p *Patient, _ fstest.MapFS) {
			p.Instances[0].Showq = func(context.Context) error { return fs.ErrNotExist }
		}, "showq", Fails, "not exist", "start"},
		"short queue ids": {func(p *Patient, _ fstest.MapFS) { p.Instances[0].LongQueueIDs = false }, "queue ids", Advice, "short", "enable_long_queue_ids=yes"},
		"auth_verbose":    {func(p *Patient, _ fstest.MapFS) { p.Dovecot = func(string) string { return "no" } }, "dovecot", Advice, "logs nothing", "auth_verbose = yes"},
		"an open port":    {func(p *Patient, _ fstest.MapFS) { p.Listen = []string{":9154"} }, "port", Fails, "without TLS", "127.0.0.1:9154"},
		"a bad web file": {func(p *Patient, _ fstest.MapFS) {
			p.WebConfig, p.CheckWeb = "/etc/web.yml", func(string) error { return errors.New("line 3") }
		}, "port", Fails, "line 3", ""},
		"no place for the state": {func(p *Patient, _ fstest.MapFS) { p.Writable = func(string) error { return fs.ErrPermission } }, "state", Fails, "begins anew", "install -d -m 700 -o exporter /var/lib/x"},
		"a clock of its own":     {func(p *Patient, _ fstest.MapFS) { p.Unsynced = func() (bool, error) { return true, nil } }, "clock", Advice, "keeps the clock", "set-ntp"},
	} {
		p, root := healthy()
		ill.make(p, root)
		all := Examine(t.Context(), p)
		said := false
		for _, f := range all {
			if f.Check != ill.check {
				continue
			}
			said = said || f.State == ill.state && strings.Contains(f.What, ill.what) && strings.Contains(f.Mend, ill.mends)
		}
		if !said {
			t.Errorf("%s: %s does not say so: %+v", name, ill.check, all)
		}
		if (Failed(all) > 0) != (ill.state == Fails) {
			t.Errorf("%s: %d faults", name, Failed(all))
		}
	}
}

// TestSkips: what can't be checked says so, and is no fault.
func TestSkips(t *testing.T) {
	p, _ := healthy()
	p.Instances, p.NoPostfix = nil, errors.New("none")
	p.StateFile, p.Dovecot = "", func(string) string { return "" }
	p.Unsynced = func() (bool, error) { return false, errors.New("not permitted") }
	for _, f := range Examine(t.Context(), p) {
		switch f.Check {
		case "instances", "master.cf", "processes", "queue files", "showq", "queue ids", "state", "dovecot", "clock", "journal":
			if f.State != Skips {
				t.Errorf("%+v", f)
			}
		}
	}
}
