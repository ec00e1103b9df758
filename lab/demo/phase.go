package main

import (
	"fmt"

	"postfix_exporter/lab"
)

// phase is what goes on, and where to look.
type phase struct {
	recorded error // why it is a recording: queue and processes can't be seen; nil where it is live
	now      string
	look     string
}

func quietPhase(s lab.Story) *phase {
	return &phase{
		now:  fmt.Sprintf("Ordinary mail. In %v somebody who has a password begins.", s.Quiet),
		look: "Look at nothing in particular: a short queue, idle clients, accounts that send about alike.",
	}
}

func attackPhase(s lab.Story) *phase {
	return &phase{
		now:  fmt.Sprintf("THE ATTACK. A botnet logs in as %s@%s and writes to dead hosts as made-up senders.", s.Attack.Account, lab.LocalDomain),
		look: "Look at the loudest account, at smtp against its limit, and at MAILER-DAEMON in the queue.",
	}
}

func afterPhase(s lab.Story) *phase {
	return &phase{
		now:  fmt.Sprintf("All %d messages are sent. Postfix tries them, and its own bounces, again and again.", s.Attack.Messages),
		look: "Look at the queue, which doesn't drain, and at the account that still fails.",
	}
}

// asRecorded says of a phase that it is a recording's.
func (p phase) asRecorded(why error) *phase {
	p.recorded = why
	return &p
}
