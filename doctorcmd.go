package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/sys/unix"

	"postfix_exporter/collector"
	"postfix_exporter/internal/doctor"
	"postfix_exporter/internal/postconf"
	"postfix_exporter/internal/spool"
	"postfix_exporter/internal/triage"
	"postfix_exporter/parser"
)

// doctorCommand looks whether the exporter can read all that it needs.
type doctorCommand struct {
	name string
	json *bool
	serveFlags
}

const doctorHelp = `Look whether the exporter can read all that it needs, and say what works, what doesn't, and the mend as a command. It changes nothing.

Run it as the exporter's user and with the exporter's flags, as "sudo -u postfix_exporter postfix_exporter doctor": what root may read says little of
what others may. It exits with 0 where all works, and with 1 where something doesn't; advice alone is no failure.`

func addDoctor(app *kingpin.Application) *doctorCommand {
	cmd := app.Command("doctor", doctorHelp)
	return &doctorCommand{
		name:       cmd.FullCommand(),
		json:       cmd.Flag("json", "Print the findings as a JSON array.").Bool(),
		serveFlags: addServeFlags(cmd),
	}
}

func (c *doctorCommand) run(ctx context.Context, io streams) error {
	location, err := loadZone(*c.logs.timezone)
	if err != nil {
		return err
	}
	classifier, err := c.classes.open()
	if err != nil {
		return &usageError{err}
	}
	found := doctor.Examine(ctx, c.patient(ctx, classifier, location))
	if *c.json {
		encoder := json.NewEncoder(plainWriter{io.out})
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(found); err != nil {
			return err
		}
	} else {
		colour := isTerminal(io.out) && os.Getenv("NO_COLOR") == ""
		for _, f := range found {
			fmt.Fprintf(io.out, "%s  %-14s  %s\n", stateWord(f.State, colour), f.Check, triage.Plain(f.What))
			if f.Mend != "" {
				fmt.Fprintf(io.out, "%24s%s\n", "mend: ", triage.Plain(f.Mend))
			}
		}
	}
	if n := doctor.Failed(found); n > 0 {
		return fmt.Errorf("%d of %d findings are faults", n, len(found))
	}
	return nil
}

func stateWord(s doctor.State, colour bool) string {
	word := fmt.Sprintf("%-6s", s)
	code := map[doctor.State]string{doctor.Works: "32", doctor.Advice: "33", doctor.Fails: "31"}[s]
	if !colour || code == "" {
		return word
	}
	return "\x1b[" + code + "m" + word + "\x1b[0m"
}

// patient gathers what the checks want to know.
func (c *doctorCommand) patient(ctx context.Context, classifier *parser.Classifier, location *time.Location) *doctor.Patient {
	p := &doctor.Patient{
		FS: os.DirFS("/"), Now: time.Now, User: "USER", Journal: *c.logs.journal, StateFile: *c.logs.state,
		Listen: *c.web.WebListenAddresses, WebConfig: *c.web.WebConfigFile, CheckWeb: web.Validate,
		Writable: writable, Unsynced: unsynced,
		Dovecot: func(setting string) string { return doveconf(ctx, "-h", setting) },
		Tail:    func(name string) (doctor.Tail, error) { return tailOf(ctx, name, location) },
	}
	if u, err := user.Current(); err == nil && u.Uid != "0" {
		p.User = u.Username
	}
	instances, err := findInstances(ctx, log.NewNopLogger(), *c.configDirs)
	p.NoPostfix = err
	logs := *c.logs.files
	for _, i := range instances {
		p.Instances = append(p.Instances, instancePatient(i, len(instances), classifier))
		if len(*c.logs.files) == 0 && !*c.logs.journal && !*c.logs.stdin {
			name, _, err := postconf.FindLog(i, postconf.Options{})
			if !slices.Contains(logs, name) {
				logs = append(logs, name)
				p.Logs = append(p.Logs, doctor.Log{Path: name, Err: err})
			}
		}
	}
	for _, name := range *c.logs.files {
		file, err := os.Open(name)
		if err == nil {
			err = file.Close()
		}
		p.Logs = append(p.Logs, doctor.Log{Path: name, Err: err})
	}
	return p
}

func instancePatient(i *postconf.Instance, found int, classifier *parser.Classifier) doctor.Instance {
	several := 0
	if found == 1 {
		several = len(i.MultiInstanceDirectories)
	}
	return doctor.Instance{
		ConfigDirectory: i.ConfigDirectory, QueueDirectory: i.QueueDirectory, Version: i.Version, MaillogFile: i.MaillogFile,
		Problems: i.Problems, Services: len(i.Services), LongQueueIDs: i.LongQueueIDs, Several: several,
		Running: func() (known, running bool) { return masterRuns(i) },
		List: func(ctx context.Context) (n int, err error) {
			err = spool.List(ctx, i.QueueDirectory, spool.Site{MailOwner: uint32(i.MailOwnerUID), MyNetworks: i.MyNetworks}, func(*spool.Entry) { n++ })
			return n, err
		},
		Showq: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			_, err := spool.NewShowq(i.QueueDirectory, classifier).Scan(ctx, time.Now())
			return err
		},
	}
}

// masterRuns asks the collector that serving asks.
func masterRuns(i *postconf.Instance) (known, running bool) {
	registry := prometheus.NewRegistry()
	up := collector.NewUp(procPath, func(context.Context) (*postconf.Instance, error) { return i, nil })
	registry.MustRegister(onceCollector{collector.NewSet(log.NewNopLogger(), up)})
	families, err := registry.Gather()
	if err != nil {
		return false, false
	}
	for _, family := range families {
		if family.GetName() == "postfix_up" && len(family.GetMetric()) > 0 {
			return true, value(family.GetMetric()[0]) == 1
		}
	}
	return false, false
}

// writable says whether this user may make files in a directory, or in the nearest
// one above it that is there.
func writable(dir string) error {
	for {
		err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
		if !errors.Is(err, unix.ENOENT) || dir == "/" || dir == "." {
			return err
		}
		dir = filepath.Dir(dir)
	}
}

// unsynced asks the kernel whether anything keeps its clock right.
func unsynced() (bool, error) {
	var t unix.Timex
	_, err := unix.Adjtimex(&t)
	return t.Status&unix.STA_UNSYNC != 0, err
}

// doveconf asks Dovecot for a setting, "" where there is no Dovecot.
func doveconf(ctx context.Context, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, "doveconf", args...).Output() //nolint:gosec // no word of it is a stranger's
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
