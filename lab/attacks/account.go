package attacks

import (
	"context"
	"fmt"
	"time"

	"postfix_exporter/lab"
)

func stolen(account string) []Want {
	return []Want{{Alert: "PostfixAccountCompromised", Culprit: at(account), Page: true}}
}

// burst is a stolen account that is used for all that it gives.
func burst(name, account string) Scene {
	return Scene{
		Name: name, Proves: "a stolen account that sends at full speed pages by volume and refusals", Wants: stolen(account),
		Play: func(ctx context.Context, s *Stage) error {
			spam := lab.Attack{Account: account, Messages: 40, Connections: 8}
			if err := s.Attack(ctx, spam); err != nil {
				return err
			}
			s.Evident()
			spam.Messages, spam.Pause = 300, 200*time.Millisecond
			return s.Attack(ctx, spam)
		},
	}
}

// botnet is a stolen account that each bot uses for little.
func botnet() Scene {
	const account = "dora"
	return Scene{
		Name: "botnet", Proves: "a stolen account below every volume pages by its networks and made-up senders", Wants: stolen(account),
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 14, func(ctx context.Context, bot int) error {
				return s.bot(ctx, account, bot, 3)
			})
			s.Evident()
			return err
		},
	}
}

// bot sends some messages, of a recipient each, from a network of its own.
func (s *Stage) bot(ctx context.Context, account string, bot, messages int) error {
	var some []lab.Message
	for n := range messages {
		some = append(some, lab.Message{From: forged(bot + n), To: friends(bot*messages+n, 1), Subject: "hello dear", Size: 900})
	}
	return s.write(ctx, at(account), fmt.Sprintf("203.0.%d.7", bot), some...)
}

// drip is the botnet that takes days: the hour's windows see nothing.
func drip() Scene {
	const account = "cleo"
	return Scene{
		Name: "drip", Proves: "the day's windows page where the hour's are blind (here: by their threshold, as a day is too long to play)",
		Wants: stolen(account), Thresholds: map[string]string{"account_floor_1h": "1000000"},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 28, func(ctx context.Context, bot int) error {
				return s.bot(ctx, account, bot, 4)
			})
			s.Evident()
			return err
		},
	}
}

// breakIn is a guess that came true.
func breakIn() Scene {
	const account = "crowd30"
	return Scene{
		Name: "breakin", Proves: "a guessed password makes a ticket at its first message, before any spam",
		Wants: []Want{{Alert: "PostfixAuthBreakIn", Culprit: at(account)}},
		Play: func(ctx context.Context, s *Stage) error {
			err := s.BreakIn(ctx, account, "198.51.100.30", 20)
			s.Evident()
			return err
		},
	}
}

// breakInSpam goes on to what it was made for.
func breakInSpam() Scene {
	const account, thief = "frida", "198.51.100.31"
	return Scene{
		Name: "breakin-spam", Proves: "a guessed password and made-up senders page, at a volume that nobody would notice", Wants: stolen(account),
		Play: func(ctx context.Context, s *Stage) error {
			if err := s.BreakIn(ctx, account, thief, 20); err != nil {
				return err
			}
			var spam []lab.Message
			for n := range 35 {
				spam = append(spam, lab.Message{From: forged(n), To: friends(n, 1), Subject: "invoice", Size: 1500})
			}
			err := s.write(ctx, at(account), thief, spam...)
			s.Evident()
			return err
		},
	}
}

// fleet is an account that stays below the floor on each of several servers.
func fleet() Scene {
	const account = "ben"
	return Scene{
		Name: "fleet", Proves: "an account that is too quiet on each of three servers pages over all of them, after a minute", Servers: 3,
		Wants: []Want{{Alert: "PostfixAccountCompromised", Culprit: at(account), Page: true, Waits: time.Minute}},
		Play: func(ctx context.Context, s *Stage) error {
			for i, server := range s.All {
				on := &Stage{Lab: server}
				for n := range 8 {
					m := lab.Message{From: forged(n), To: leads(n*2, 2), Subject: "offer", Size: 800}
					if err := on.write(ctx, at(account), fmt.Sprintf("203.0.113.%d", i+1), m); err != nil {
						return err
					}
				}
			}
			s.Evident()
			return nil
		},
	}
}
