package triage

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Step is something to do, with the commands as they can be pasted into a root
// shell. None of them was run.
type Step struct {
	Title string   `json:"title"`
	Note  string   `json:"note,omitempty"`
	Run   []string `json:"run,omitempty"`
	Undo  []string `json:"undo,omitempty"`
}

// Plan gives what stops a principal, limited to it.
func Plan(p Principal, h *Host, t *Trail) []Step {
	steps := []Step{{
		Title: "Keep the evidence",
		Run: []string{
			"WORK=$(mktemp -d /var/tmp/attack.XXXXXX) && echo \"$WORK\"",
			h.program("postqueue") + ` -p > "$WORK/mailq.txt"`,
			h.triage(p.Select()) + ` --evidence="$WORK"`,
		},
	}}
	switch p.Kind {
	case Account:
		steps = append(steps, lockAccount(p.Name, h)...)
		steps = append(steps, endSessions(p.Name, h, t)...)
	case Local:
		steps = append(steps, lockLocal(p, h))
	case Forward:
		steps = append(steps, removeForward(p.Name, h)...)
	case Network:
		steps = append(steps, closeRelay(p.Name, h))
	case Bounces:
		steps = append(steps, Step{
			Title: "Refuse unknown recipients while the client is there",
			Note:  "Bounces come of mail that was taken and can't be delivered. Each domain needs its list of recipients, and no catch-all.",
			Run:   []string{h.program("postconf") + " -n | grep -E '^(local_recipient|relay_recipient|virtual_mailbox|virtual_alias)_maps' || true"},
		})
	}
	if networks := blockable(p, h, t); len(networks) > 0 {
		steps = append(steps, block(networks))
	}
	return append(steps, cleanQueue(p, h)...)
}

// Elsewhere leads to the steps for another instance, where mail of the principal waits
// too.
func Elsewhere(p Principal, h *Host) Step {
	return Step{Title: "The same in the instance of " + Plain(h.ConfigDir), Run: []string{h.triage(p.Select())}}
}

// cleanQueue holds, looks, and deletes from hold alone. What belongs to the
// principal is read from the queue files at the moment each command runs.
func cleanQueue(p Principal, h *Host) []Step {
	if p.Kind == Forward && !strings.Contains(p.Name, "@") {
		return []Step{{Title: "Clean the queue", Note: "Name the alias first: " + h.triage("--forward=ALIAS@"+p.Name)}}
	}
	pick := func(more ...string) string {
		return h.triage(append([]string{"--queue-ids", p.Select()}, more...)...)
	}
	super := h.program("postsuper")
	undo := pick("--held") + " | " + super + " -H -"
	clean := []Step{
		{
			Title: "Hold its messages", Note: "Nothing is lost yet. Repeat it until it prints nothing: mail that is on its way is held the next time.",
			Run:  []string{pick() + " | " + super + " -h -"},
			Undo: []string{undo},
		},
		{
			Title: "Look at some", Run: []string{
				pick("--held") + " | head -n 3 | while read -r id; do " + h.program("postcat") + ` -hq "$id" | cat -v | head -n 15; done`,
			},
		},
		{
			Title: "Delete them, from hold alone", Note: "There is no undo.",
			Run: []string{pick("--held") + " | " + super + " -d - hold"},
		},
	}
	if p.Kind == Account || p.Kind == Local {
		clean = append(clean, Step{
			Title: "The bounces that it caused, the same way",
			Run:   []string{pick("--its-bounces") + " | " + super + " -h -", pick("--its-bounces", "--held") + " | " + super + " -d - hold"},
			Undo:  []string{pick("--its-bounces", "--held") + " | " + super + " -H -"},
		})
	}
	return append(clean, Step{Title: "Is it over?", Run: []string{h.triage(p.Select(), "--watch")}})
}

// endSessions ends what a lock leaves open.
func endSessions(account string, h *Host, t *Trail) []Step {
	s := Step{
		Title: "End its sessions", Note: "A session stays logged in until it ends, whatever becomes of the password.",
	}
	if t != nil && len(t.Servers) > 0 {
		// One after the other: master(8) logs each that is killed, and where postlogd(8)
		// writes the log and has just been ended by a reload, more than ten lines at once
		// would have master wait for the postlogd that only it can start.
		s.Run = append(s.Run, "for pid in "+strings.Join(digits(t.Servers), " ")+
			`; do if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = smtpd ]; then sleep 0.2; kill "$pid"; fi; done`)
	}
	if h.Dovecot {
		s.Run = append(s.Run, h.doveadm("auth", "cache", "flush", account), h.doveadm("kick", account))
	}
	if s.Run == nil {
		s.Run = []string{h.program("postfix") + " reload"}
	}
	return []Step{s}
}

func (h *Host) doveadm(args ...string) string {
	line := "doveadm"
	if h.DovecotConfig != "" {
		line += " -c " + Quote(h.DovecotConfig)
	}
	for i, word := range args {
		if i == len(args)-1 && strings.HasPrefix(word, "-") {
			line += " --"
		}
		line += " " + Quote(word)
	}
	return line
}

var number = regexp.MustCompile(`^[0-9]{1,9}$`)

// digits keeps what is a process id: a log line is not to be trusted with more.
func digits(words []string) (out []string) {
	for _, w := range words {
		if number.MatchString(w) {
			out = append(out, w)
		}
	}
	return out
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// lockLocal forbids sendmail(1) to one user.
func lockLocal(p Principal, h *Host) Step {
	s := Step{Title: "Forbid sendmail(1) to the user", Note: "It takes effect at once, for new mail. Then find the script: see its processes and directories above."}
	who := p.User
	if !plainName.MatchString(who) {
		s.Note = fmt.Sprintf("Uid %s has no name that authorized_submit_users could name: end its processes.", Plain(p.Name))
		return s
	}
	const standard = "static:anyone"
	rest := h.SubmitUsers
	if rest == "" || rest == standard {
		rest = "static:all"
	}
	s.Run = []string{h.program("postconf") + " -e " + Quote("authorized_submit_users = !"+who+", "+rest), h.program("postfix") + " reload"}
	s.Undo = []string{h.program("postconf") + " -X authorized_submit_users", h.program("postfix") + " reload"}
	if rest == h.SubmitUsers {
		s.Undo[0] = h.program("postconf") + " -e " + Quote("authorized_submit_users = "+h.SubmitUsers)
	}
	return s
}

// closeRelay refuses strangers' mail for others.
func closeRelay(network string, h *Host) Step {
	s := Step{Title: "Close the relay"}
	if prefix, err := netip.ParsePrefix(network); err == nil {
		for _, trusted := range h.MyNetworks {
			if trusted.Overlaps(prefix) {
				s.Note = "It is trusted: mynetworks has " + trusted.String() + ". If it should not be, take that out; a host of yours may be abused there."
				s.Run = []string{h.program("postconf") + " mynetworks"}
				return s
			}
		}
	}
	s.Run = []string{
		h.program("postconf") + " -e 'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination'",
		h.program("postfix") + " reload",
	}
	s.Undo = []string{h.program("postconf") + " -e " + Quote("smtpd_relay_restrictions = "+h.RelayRestrictions), h.program("postfix") + " reload"}
	s.Note = "A service's own -o smtpd_relay_restrictions in master.cf goes before it: see " + h.program("postconf") + " -P."
	return s
}
