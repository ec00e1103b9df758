package attacks

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"postfix_exporter/lab"
)

// fewProcesses make a small server, that is soon full.
const fewProcesses = "default_process_limit = 30"

// flood is a network that opens connections, says nothing, and drops some.
func flood() Scene {
	return Scene{
		Name: "flood", Proves: "connections that take all server processes and are dropped page with the network",
		Server: lab.Options{MainCF: []string{fewProcesses}},
		Wants:  []Want{{Alert: "PostfixConnectionFlood", Culprit: "127.66.7.0/24", Page: true}},
		Play: func(ctx context.Context, s *Stage) error {
			if err := s.hold(ctx, 26, "127.66.7.%d"); err != nil {
				return err
			}
			err := times(ctx, 120, func(ctx context.Context, n int) error {
				c, err := lab.Connect(ctx, fmt.Sprintf("127.66.7.%d", 100+n), s.Postfix.SMTP, "zombie")
				if err == nil {
					c.Drop()
				}
				return err
			})
			s.Evident()
			<-ctx.Done()
			return err
		},
	}
}

// hold opens connections that stay until the context ends.
func (s *Stage) hold(ctx context.Context, connections int, from string) error {
	for n := range connections {
		c, err := lab.Connect(ctx, fmt.Sprintf(from, n+1), s.Postfix.SMTP, "zombie")
		if err != nil {
			return err
		}
		context.AfterFunc(ctx, c.Drop)
	}
	return nil
}

// exhausted is more honest clients than there are processes.
func exhausted() Scene {
	const waits = 5 * time.Minute
	return Scene{
		Name: "exhausted", Proves: "a server whose processes are all taken, by nobody in particular, pages after five minutes",
		Server: lab.Options{MainCF: []string{fewProcesses}},
		Wants:  []Want{{Alert: "PostfixSmtpdProcessesExhausted", Culprit: "exhausted are in use", Page: true, Waits: waits}},
		Play: func(ctx context.Context, s *Stage) error {
			// Each comes again when it is done, as slow clients do.
			errs := make(chan error, 32)
			for n := range 32 {
				go func() { errs <- s.slowly(ctx, fmt.Sprintf("127.66.%d.1", n+1)) }()
			}
			select {
			case <-time.After(3 * time.Second):
			case err := <-errs:
				return err
			}
			s.Evident()
			<-ctx.Done()
			return nil
		},
	}
}

// slowly talks with the server for most of a minute, and then again.
func (s *Stage) slowly(ctx context.Context, from string) error {
	for ctx.Err() == nil {
		c, err := lab.Connect(ctx, from, s.Postfix.SMTP, "slow")
		for range 10 {
			if err == nil {
				err = c.Command(250, "NOOP")
				pause(ctx, 4*time.Second) // below the ten that a stressed server waits
			}
		}
		if c != nil {
			c.Quit()
		}
		if err != nil && ctx.Err() == nil {
			pause(ctx, time.Second) // turned away
		}
	}
	return nil
}

// patient has mail to a host that says nothing stay active, one process each.
func patient() lab.Options {
	return lab.Options{MainCF: []string{fewProcesses, "smtp_helo_timeout = 1h", "relay_domains = " + lab.PartnerDomain + " silent.test", "default_destination_concurrency_limit = 100", "initial_destination_concurrency = 100"}}
}

// queueFlood is mail that comes in faster than it can leave, and is nobody's abuse
// that we know of.
func queueFlood() Scene {
	return Scene{
		Name: "queueflood", Proves: "a queue that grows by strangers' mail pages, and says so (a tenth of the shipped threshold)",
		Server: patient(), Thresholds: map[string]string{"queue_flood_now": "1000"},
		Wants: []Want{{Alert: "PostfixQueueFlood", Culprit: "inbound", Page: true}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 56, func(ctx context.Context, n int) error {
				var mail []lab.Message
				for i := range 20 {
					mail = append(mail, lab.Message{From: friends(n, 1)[0], To: []string{fmt.Sprintf("u%d@silent.test", n*20+i)}, Subject: "x", Size: 300})
				}
				return s.deliver(ctx, fmt.Sprintf("127.66.8.%d", n+1), mail...)
			})
			s.Evident()
			return err
		},
	}
}

// wall is every smtp process waiting for a host that does not answer.
func wall() Scene {
	const waits = 15 * time.Minute
	return Scene{
		Name: "wall", Proves: "smtp processes at their limit, with a queue behind, page after 15 minutes (a fifth of the shipped queue)",
		Server: patient(), Thresholds: map[string]string{"smtp_active_messages": "200"},
		Wants: []Want{{Alert: "PostfixSmtpProcessesExhausted", Culprit: `service "smtp"`, Page: true, Waits: waits}},
		Play: func(ctx context.Context, s *Stage) error {
			err := s.application(ctx, 300, func(int) string { return "silent.test" })
			s.Evident()
			return err
		},
	}
}

// growing is mail for hosts that are dead: it is deferred.
func growing() Scene {
	const waits = 15 * time.Minute
	return Scene{
		Name: "growing", Proves: "a queue that has doubled within the hour makes a ticket, with the reason",
		Wants: []Want{{Alert: "PostfixQueueGrowing", Culprit: "refused", Waits: waits}},
		Play: func(ctx context.Context, s *Stage) error {
			err := s.application(ctx, 700, func(n int) string { return fmt.Sprintf("refused%d.test", n%30+1) })
			s.Evident()
			return err
		},
	}
}

// application is a program on a trusted machine that writes to so many addresses.
func (s *Stage) application(ctx context.Context, messages int, domain func(n int) string) error {
	const each = 10
	return times(ctx, messages/each, func(ctx context.Context, n int) error {
		var mail []lab.Message
		for i := range each {
			to := fmt.Sprintf("user%d@%s", n, domain(n*each+i))
			mail = append(mail, lab.Message{From: at("scanner"), To: []string{to}, Subject: "report", Size: 600})
		}
		return s.deliver(ctx, "127.0.0.2", mail...)
	})
}

// spool is a file system with little room left for the queue.
func spool() Scene {
	var disk syscall.Statfs_t
	_ = syscall.Statfs(os.TempDir(), &disk) // where it fails, so will the scene
	return Scene{
		Name: "spool", Proves: "a queue's file system without room pages, with what is left",
		Server: lab.Options{MainCF: []string{fmt.Sprintf("queue_minfree = %d", disk.Bavail*uint64(disk.Bsize)/3)}},
		Wants:  []Want{{Alert: "PostfixSpoolNearlyFull", Culprit: "file system on spool", Page: true, Waits: time.Minute}},
		Play: func(_ context.Context, s *Stage) error {
			s.Evident()
			return nil
		},
	}
}
