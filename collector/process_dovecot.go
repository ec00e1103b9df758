package collector

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// DovecotProcess counts the processes of Dovecot.
type DovecotProcess struct {
	proc      procDir
	processes *Metric
}

// NewDovecotProcess makes the collector "dovecotprocess". procPath is where
// procfs is mounted, normally /proc.
func NewDovecotProcess(procPath string) *DovecotProcess {
	return &DovecotProcess{
		proc: procDir(procPath),
		processes: newMetric(Gauge, "dovecot_processes",
			"Processes of all Dovecot masters of this machine by kind.", "process"),
	}
}

// Name is "dovecotprocess".
func (*DovecotProcess) Name() string { return "dovecotprocess" }

// Metrics lists what Update may send.
func (d *DovecotProcess) Metrics() []*Metric { return []*Metric{d.processes} }

// Update reads the process table once.
func (d *DovecotProcess) Update(ctx context.Context, ch chan<- prometheus.Metric) error {
	table, err := d.proc.table(ctx)
	if err != nil {
		return err
	}
	count := d.proc.dovecotProcesses(table)
	for _, kind := range slices.Sorted(maps.Keys(count)) {
		ch <- d.processes.sample(float64(count[kind]), kind)
	}
	return nil
}

// dovecotKinds are the processes that logins and deliveries make many of, and
// those that they wait for.
func dovecotKinds() []string {
	return []string{
		"anvil", "auth", "imap", "imap-login", "lmtp", "managesieve", "managesieve-login", "pop3", "pop3-login", "submission",
		"submission-login", otherLabel,
	}
}

// dovecotProcesses counts the children of Dovecot's masters: processes called
// dovecot that run as root.
func (p procDir) dovecotProcesses(table []process) map[string]int {
	count := map[string]int{}
	for _, kind := range dovecotKinds() {
		count[kind] = 0
	}
	masters := map[int]bool{}
	for _, proc := range table {
		if proc.comm == "dovecot" {
			uid, ok := p.realUID(proc.pid)
			masters[proc.pid] = ok && uid == 0
		}
	}
	for _, proc := range table {
		if masters[proc.ppid] && !masters[proc.pid] {
			kind := dovecotKind(proc, p.arguments(proc.pid))
			if _, known := count[kind]; !known {
				kind = otherLabel
			}
			count[kind]++
		}
	}
	return count
}

// dovecotKind takes the kind from the title, as dovecot/imap-login or, with
// verbose_proctitle, "dovecot/imap-login [1 connections]", else from the
// program's name.
func dovecotKind(proc process, args []string) string {
	if len(args) == 0 {
		return proc.comm
	}
	title, ok := strings.CutPrefix(args[0], "dovecot/")
	if !ok {
		return proc.comm
	}
	kind, _, _ := strings.Cut(title, " ")
	return kind
}
