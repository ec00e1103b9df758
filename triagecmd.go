package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"postfix_exporter/internal/triage"
)

// triageCommand is what an admin types when the page comes.
type triageCommand struct {
	name   string
	source triageSource

	account, localUser, forward, network *string
	bounces                              *bool

	queueIDs, held, itsBounces *bool
	json, watch                *bool
	evidence                   *string
	interval                   *time.Duration
	top                        *int
}

const triageHelp = `Say who sends, since when and from where, what of the queue is his, and which commands stop him and no other mail.

It asks the running exporter for the figures. Where that does not answer, or with --log.file, it folds the log itself; details come from the log and
the queue's files, as far as it may read them: run it as root. It ranks those who send by their share of what is counted and says more of the first,
or of the one that is named by a flag. It changes nothing: it prints commands, and runs none of them.

When the page comes: "postfix_exporter triage". For one that the page names: "postfix_exporter triage --account=emil@example.org". To hold that account's
messages and no other: "postfix_exporter triage --queue-ids --account=emil@example.org | postsuper -h -"; they are chosen by what Postfix wrote into the
queue files, never by a sender, which can be forged. Until it is over: "--watch". For the delisting form and the customer: "--evidence=DIR".`

func addTriage(app *kingpin.Application) *triageCommand {
	cmd := app.Command("triage", triageHelp)
	return &triageCommand{
		name:       cmd.FullCommand(),
		source:     addTriageSource(cmd),
		account:    cmd.Flag("account", "The account (sasl_username) that it is about.").PlaceHolder("NAME").String(),
		localUser:  cmd.Flag("local-user", "The local user that it is about, by name or uid.").PlaceHolder("USER").String(),
		forward:    cmd.Flag("forward", "The alias that it is about, whose mail goes elsewhere.").PlaceHolder("ALIAS").String(),
		network:    cmd.Flag("network", "The client network that it is about, which sends without a login: 192.0.2.0/24.").PlaceHolder("NETWORK").String(),
		bounces:    cmd.Flag("bounces", "It is about the bounces that this server sends elsewhere.").Bool(),
		queueIDs:   cmd.Flag("queue-ids", "Print nothing but the queue ids of his messages, for postsuper(1).").Bool(),
		held:       cmd.Flag("held", "With --queue-ids: those on hold, and not those in incoming, active and deferred.").Bool(),
		itsBounces: cmd.Flag("its-bounces", "With --queue-ids: not his messages but the bounces of them, as far as the log has them.").Bool(),
		json:       cmd.Flag("json", "Print it as one JSON object.").Bool(),
		watch:      cmd.Flag("watch", "Look again and again, until nothing is sent nor queued any more.").Bool(),
		interval:   cmd.Flag("interval", "With --watch: how often to look.").Default("10s").Duration(),
		evidence:   cmd.Flag("evidence", "Write a report for the delisting and for the customer into this directory.").PlaceHolder("DIR").String(),
		top:        cmd.Flag("top", "How many of the ranking to print.").Default("6").Int(),
	}
}

func (c *triageCommand) run(ctx context.Context, io streams) error {
	named, err := c.named()
	if err != nil {
		return &usageError{err}
	}
	if *c.queueIDs && named == nil {
		return &usageError{errors.New("--queue-ids wants to know whose: --account, --local-user, --forward, --network or --bounces")}
	}
	scene, err := c.source.open(ctx, io)
	if err != nil {
		return err
	}
	switch {
	case *c.queueIDs:
		return c.printIDs(ctx, scene, *named, io)
	case *c.watch:
		return c.follow(ctx, scene, named, io)
	}
	report, err := scene.report(ctx, named)
	if err != nil {
		return err
	}
	if *c.evidence != "" {
		return writeEvidence(*c.evidence, report, scene.location, io)
	}
	if *c.json {
		text, err := report.JSON()
		if err != nil {
			return err
		}
		_, err = io.out.Write(text)
		return err
	}
	return report.Write(io.out, triage.Style{Colour: isTerminal(io.out) && os.Getenv("NO_COLOR") == "", Rows: *c.top, Zone: scene.location})
}

// named gives the principal that the flags name, nil for none.
func (c *triageCommand) named() (*triage.Principal, error) {
	var all []triage.Principal
	if *c.account != "" {
		all = append(all, triage.Principal{Kind: triage.Account, Name: *c.account})
	}
	if *c.localUser != "" {
		p, err := localPrincipal(*c.localUser)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if *c.forward != "" {
		all = append(all, triage.Principal{Kind: triage.Forward, Name: *c.forward})
	}
	if *c.network != "" {
		p, err := networkPrincipal(*c.network)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if *c.bounces {
		all = append(all, triage.Principal{Kind: triage.Bounces})
	}
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return &all[0], nil
	}
	return nil, errors.New("it can be about one only: --account, --local-user, --forward, --network or --bounces")
}

// printIDs prints the queue ids of a principal's messages, one a line, as they are
// at this moment.
func (c *triageCommand) printIDs(ctx context.Context, s *scene, p triage.Principal, io streams) error {
	if len(s.instances) > 1 { // ids of one may be another's in the other
		return &usageError{errors.New("--queue-ids is for one instance, and there are several: name it with --postfix.config-directory")}
	}
	var trail *triage.Trail
	if p.Kind == triage.Account || p.Kind == triage.Local || *c.itsBounces { // the log knows what a content filter gave back
		if trail = s.trail(ctx, p); trail == nil && *c.itsBounces {
			return errors.New("which bounces are its only the log tells, and that can't be read: name it with --log.file")
		}
	}
	var failed error
	err := s.listQueue(ctx, func(q *triage.Queued) {
		mine := p.Owns(q, s.domains, trail)
		if *c.itsBounces {
			mine = trail.Caused(q)
		}
		held, waits := q.Queue == "hold", q.Queue == "incoming" || q.Queue == "active" || q.Queue == "deferred"
		if mine && q.Whole && (*c.held && held || !*c.held && waits) && failed == nil {
			_, failed = fmt.Fprintf(io.out, "%s\n", q.ID)
		}
	})
	return errors.Join(err, failed)
}
