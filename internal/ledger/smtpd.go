package ledger

import "postfix_exporter/parser"

// Smtpd holds the counters of the smtpd(8) processes under one syslog_name.
type Smtpd struct {
	Connects, Disconnects uint64

	Lost         [parser.NumLostKinds][parser.NumStages]uint64
	Commands     [parser.NumVerbs]Command
	SASLFailures [parser.NumMechanisms][parser.NumSASLReasons]uint64
	Violations   [parser.NumViolations]uint64
	Limits       [parser.NumLimits]uint64
}

// Command counts one SMTP command by its result. Both figures come from the
// line that ends a session.
type Command struct {
	Accepted, Rejected uint64
}

func (s *State) smtpd(ev *parser.Event) *Smtpd {
	return &s.Smtpd[s.Names.index(ev.Bytes(ev.SyslogName))]
}

func (c *Smtpd) disconnect(commands *parser.Commands) {
	c.Disconnects++
	for verb := range commands {
		n := &commands[verb] // most are 0: to ask takes longer than to add it
		c.Commands[verb].Accepted += uint64(n.Accepted)
		c.Commands[verb].Rejected += uint64(n.Total - min(n.Accepted, n.Total))
	}
}

// TLS counts handshakes under one syslog_name.
type TLS [parser.NumTLSDirections][parser.NumTLSTrusts][parser.NumTLSProtocols]uint64

func (c *Smtpd) walk(to *codec) {
	to.uint64(&c.Connects)
	to.uint64(&c.Disconnects)
	for i := range c.Lost {
		numbers(to, c.Lost[i][:])
	}
	for i := range c.Commands {
		to.uint64(&c.Commands[i].Accepted)
		to.uint64(&c.Commands[i].Rejected)
	}
	for i := range c.SASLFailures {
		numbers(to, c.SASLFailures[i][:])
	}
	numbers(to, c.Violations[:])
	numbers(to, c.Limits[:])
}

func (t *TLS) walk(c *codec) {
	for direction := range t {
		for trust := range t[direction] {
			numbers(c, t[direction][trust][:])
		}
	}
}
