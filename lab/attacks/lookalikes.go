package attacks

import (
	"context"
	"fmt"
	"time"

	"postfix_exporter/lab"
)

// harmless is a look-alike: it may make one ticket, and pages nobody.
func harmless(name, proves string, play func(context.Context, *Stage) error) Scene {
	return Scene{Name: "lookalike-" + name, Proves: proves, Tickets: 1, Play: play}
}

// lookalikes are those that need nothing special of the server.
func lookalikes() []Scene {
	return []Scene{
		harmless("newsletter", "a newsletter to 5,000, of whom 1 in 100 is gone", newsletter),
		harmless("invoices", "300 invoices, one by one", invoices),
		harmless("list", "a mailing list by an alias that leads outside", list),
		harmless("phone", "three phones with an old password that try each minute", phone),
		harmless("outage", "a big destination is down: most of a run is deferred", outage),
		harmless("greylisting", "everything is deferred once", greylisting),
		harmless("roaming", "a person behind eight networks of phone providers in an hour", roaming),
		harmless("webmail", "many people behind the address of a webmail server, some of whom mistype", webmail),
		harmless("cron", "cron's mail, a day's in a minute", cron),
		harmless("probes", "monitoring that connects, says nothing, and tries to relay", probes),
		harmless("password-day", "all change their passwords, and their programs don't know", passwordDay),
		harmless("backup-mx", "a backup MX that brings what it kept, spam for nobody among it", backupMX),
	}
}

// run is a run of an account's, some messages a conversation.
func (s *Stage) run(ctx context.Context, account, from string, conversations, each int, to func(int) []string) error {
	return times(ctx, conversations, func(ctx context.Context, n int) error {
		var mail []lab.Message
		for i := range each {
			mail = append(mail, lab.Message{From: at(account), To: to(n*each + i), Subject: "yours", Size: 2500})
		}
		return s.write(ctx, at(account), from, mail...)
	})
}

func newsletter(ctx context.Context, s *Stage) error {
	return s.run(ctx, "crowd00", "198.51.100.10", 10, 10, func(n int) []string {
		to := friends(n*50, 50)
		if n%2 == 0 {
			to[0] = fmt.Sprintf("gone%d@unknown.test", n)
		}
		return to
	})
}

func invoices(ctx context.Context, s *Stage) error {
	return s.run(ctx, "crowd01", "198.51.100.11", 30, 10, func(n int) []string {
		switch {
		case n%40 == 0:
			return []string{fmt.Sprintf("gone%d@unknown.test", n)}
		case n%25 == 0:
			return []string{fmt.Sprintf("office%d@grey.test", n)}
		}
		return friends(n, 1)
	})
}

func list(ctx context.Context, s *Stage) error {
	return times(ctx, 20, func(ctx context.Context, n int) error {
		return s.deliver(ctx, fmt.Sprintf("127.66.%d.30", n%7), lab.Message{From: friends(n, 1)[0], To: []string{at("club")}, Subject: "Re: [club]", Size: 3000})
	})
}

func phone(ctx context.Context, s *Stage) error {
	return times(ctx, 15, func(ctx context.Context, n int) error { // as many as in five minutes
		return s.guess(ctx, at(fmt.Sprintf("crowd%02d", 2+n%3)), "198.51.101.20")
	})
}

func outage(ctx context.Context, s *Stage) error {
	return s.run(ctx, "crowd03", "198.51.100.13", 25, 10, func(n int) []string {
		if n%5 < 3 {
			return []string{fmt.Sprintf("customer%d@refused1.test", n)}
		}
		return friends(n, 1)
	})
}

func greylisting(ctx context.Context, s *Stage) error {
	return s.run(ctx, "crowd04", "198.51.100.14", 15, 10, func(n int) []string { return []string{fmt.Sprintf("reader%d@grey.test", n)} })
}

func roaming(ctx context.Context, s *Stage) error {
	return times(ctx, 8, func(ctx context.Context, n int) error {
		m := lab.Message{From: at("crowd05"), To: friends(n*4, 4), Subject: "from the train", Size: 700}
		return s.write(ctx, at("crowd05"), fmt.Sprintf("203.0.%d.40", 40+n), m, m)
	})
}

func webmail(ctx context.Context, s *Stage) error {
	const proxy = "198.51.102.80"
	return times(ctx, 40, func(ctx context.Context, n int) error {
		account := at(fmt.Sprintf("crowd%02d", 6+n%12))
		if n%2 == 0 {
			if err := s.guess(ctx, account, proxy); err != nil {
				return err
			}
		}
		return s.write(ctx, account, proxy, lab.Message{From: account, To: friends(n, 2), Subject: "hi", Size: 400})
	})
}

func cron(ctx context.Context, s *Stage) error {
	return times(ctx, 80, func(ctx context.Context, n int) error {
		return s.Submit(ctx, 0, lab.Message{From: at("root"), To: []string{at("root")}, Subject: fmt.Sprintf("Cron <root@mx> job %d", n), Size: 300})
	})
}

func probes(ctx context.Context, s *Stage) error {
	const from = "127.66.50.1"
	for n := range 30 {
		c, err := lab.Connect(ctx, from, s.Postfix.SMTP, "monitor")
		if err != nil {
			return err
		}
		c.Drop()
		if n%6 == 0 {
			if err := s.rcpt(ctx, from, "probe@good1.test"); err != nil {
				return err
			}
		}
		pause(ctx, time.Second/2)
	}
	return nil
}

func passwordDay(ctx context.Context, s *Stage) error {
	return times(ctx, 12, func(ctx context.Context, n int) error {
		account, home := at(fmt.Sprintf("crowd%02d", 18+n)), fmt.Sprintf("198.51.%d.9", 110+n)
		for range 3 {
			if err := s.guess(ctx, account, home); err != nil {
				return err
			}
		}
		return s.write(ctx, account, home, lab.Message{From: account, To: friends(n, 1), Subject: "works again", Size: 200})
	})
}

func backupMX(ctx context.Context, s *Stage) error {
	const from = "127.66.60.2"
	return times(ctx, 20, func(ctx context.Context, n int) error {
		var mail []lab.Message
		for i := range 20 {
			mail = append(mail, lab.Message{From: friends(n+i, 1)[0], To: []string{at(lab.Users()[i%6])}, Subject: "kept for you", Size: 1500})
		}
		if err := s.deliver(ctx, from, mail...); err != nil {
			return err
		}
		return s.rcpt(ctx, from, at(fmt.Sprintf("nobody%d", n)), at(fmt.Sprintf("noone%d", n)))
	})
}
