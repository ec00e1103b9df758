// Package doctor looks whether an exporter can read all that it needs, and says what
// works, what doesn't, and the mend as a command. Each check is a function of its own
// in one table. It changes nothing.
package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// State is how a check came out.
type State string

// The states. Only Fails makes the whole fail: an Advice is for whoever can follow it.
const (
	Works  State = "works"
	Advice State = "advice"
	Fails  State = "fails"
	Skips  State = "skips" // there is nothing to check
)

// Finding is one thing that a check found.
type Finding struct {
	Check string `json:"check"`
	State State  `json:"state"`
	What  string `json:"what"`
	Mend  string `json:"mend,omitempty"` // a command, or words where there is none
}

// Patient is what is known of the machine and of the exporter's flags. The functions
// are asked once each.
type Patient struct {
	FS   fs.FS // the root directory
	Now  func() time.Time
	User string // that the exporter runs as

	Instances []Instance
	NoPostfix error // why there is no instance

	Logs    []Log
	Journal bool // --log.journal

	StateFile string                      // "" for none
	Writable  func(dir string) error      // whether this user may write there
	Dovecot   func(setting string) string // doveconf -h; "" where there is none
	Unsynced  func() (bool, error)        // whether the kernel knows the clock to be wrong
	Listen    []string                    // --web.listen-address
	WebConfig string                      // --web.config.file
	CheckWeb  func(file string) error     // whether that is one
	Tail      func(name string) (Tail, error)
}

// Instance is a Postfix instance.
type Instance struct {
	ConfigDirectory, QueueDirectory, Version, MaillogFile string

	Problems     []string
	Services     int
	LongQueueIDs bool
	Several      int                                // how many instances its multi_instance_directories name
	Running      func() (known, running bool)       // its master
	List         func(context.Context) (int, error) // the messages in the queue's files
	Showq        func(context.Context) error        // whether showq(8) may be asked
}

// Log is a log that the exporter reads.
type Log struct {
	Path string
	Err  error // why it can't be read, with the mend
}

// Tail is what the end of a log says.
type Tail struct {
	Last    time.Time // of its last line that has a time; zero for none
	Postfix bool      // a line of Postfix is among the last
	Written time.Time // when the file was last written to
}

// check is a row of the table.
type check struct {
	name string
	run  func(context.Context, *Patient, *notes)
}

// checks are all of them, in the order in which one leans on another.
func checks() []check {
	return []check{
		{"postfix", checkPostfix},
		{"instances", checkInstances},
		{"master.cf", checkServices},
		{"processes", checkProcesses},
		{"log", checkLog},
		{"log moves", checkMoves},
		{"log rotation", checkRotation},
		{"log rate limit", checkRateLimit},
		{"journal", checkJournal},
		{"queue files", checkQueue},
		{"showq", checkShowq},
		{"queue ids", checkQueueIDs},
		{"dovecot", checkDovecot},
		{"port", checkPort},
		{"state", checkState},
		{"clock", checkClock},
	}
}

// notes takes down the findings of one check.
type notes struct {
	check string
	all   []Finding
}

func (n *notes) works(format string, args ...any)        { n.note(Works, "", format, args...) }
func (n *notes) skips(format string, args ...any)        { n.note(Skips, "", format, args...) }
func (n *notes) advice(mend, format string, args ...any) { n.note(Advice, mend, format, args...) }
func (n *notes) fails(mend, format string, args ...any)  { n.note(Fails, mend, format, args...) }

func (n *notes) note(s State, mend, format string, args ...any) {
	n.all = append(n.all, Finding{Check: n.check, State: s, What: fmt.Sprintf(format, args...), Mend: mend})
}

// mark is what stands before the mend in an error of this program.
const mark = "; mend: "

// failed splits an error that ends with its mend, as those of this program do.
func (n *notes) failed(err error) {
	what, mend, _ := strings.Cut(err.Error(), mark)
	n.note(Fails, mend, "%s", what)
}

// Examine runs all checks. Each finds something.
func Examine(ctx context.Context, p *Patient) (all []Finding) {
	for _, c := range checks() {
		n := notes{check: c.name}
		c.run(ctx, p, &n)
		all = append(all, n.all...)
	}
	return all
}

// Failed counts what doesn't work.
func Failed(all []Finding) (n int) {
	for _, f := range all {
		if f.State == Fails {
			n++
		}
	}
	return n
}
