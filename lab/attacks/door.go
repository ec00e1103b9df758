package attacks

import (
	"context"
	"fmt"
	"time"

	"postfix_exporter/lab"
)

// openRelay is a server that should not let strangers send anywhere.
func openRelay() Scene {
	return Scene{
		Name: "openrelay", Proves: "mail of strangers that leaves for others pages with the server",
		Server: lab.Options{OpenRelay: true},
		Wants:  []Want{{Alert: "PostfixOpenRelay", Culprit: "203.0.117.0/24", Page: true}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 10, func(ctx context.Context, n int) error {
				m := lab.Message{From: forged(n), To: friends(n*3, 3), Subject: "meds", Size: 1200}
				return s.deliver(ctx, fmt.Sprintf("203.0.117.%d", n+1), m)
			})
			s.Evident()
			return err
		},
	}
}

// relayProbing is a stranger who tries whether we would.
func relayProbing() Scene {
	return Scene{
		Name: "relayprobing", Proves: "a network that tries to relay, and can't, makes a ticket with its address",
		Wants: []Want{{Alert: "PostfixRelayProbing", Culprit: "203.0.118.0/24"}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 15, func(ctx context.Context, n int) error {
				return s.rcpt(ctx, fmt.Sprintf("203.0.118.%d", n+1), "victim@good1.test")
			})
			s.Evident()
			return err
		},
	}
}

// harvest is a stranger who looks for addresses.
func harvest() Scene {
	return Scene{
		Name: "harvest", Proves: "a network that tries out recipients makes a ticket with its address",
		Wants: []Want{{Alert: "PostfixRecipientHarvest", Culprit: "203.0.119.0/24"}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 8, func(ctx context.Context, n int) error {
				var names []string
				for i := range 10 {
					names = append(names, at(fmt.Sprintf("a.name%d", n*10+i)))
				}
				return s.rcpt(ctx, fmt.Sprintf("203.0.119.%d", n+1), names...)
			})
			s.Evident()
			return err
		},
	}
}

// harvestMany is a botnet that looks for addresses, each bot for few.
func harvestMany() Scene {
	return Scene{
		Name: "harvest-many", Proves: "recipients tried out from many networks, each below its threshold, make one ticket",
		Wants: []Want{{Alert: "PostfixRecipientHarvest", Culprit: "harvest-many refused", Waits: 5 * time.Minute}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 40, func(ctx context.Context, n int) error {
				var names []string
				for i := range 8 {
					names = append(names, at(fmt.Sprintf("a.name%d", n*8+i)))
				}
				return s.rcpt(ctx, fmt.Sprintf("203.0.%d.8", 100+n), names...)
			})
			s.Evident()
			return err
		},
	}
}

// protocol is a stranger who speaks something else.
func protocol() Scene {
	return Scene{
		Name: "protocol", Proves: "a network that does not speak SMTP makes a ticket with its address",
		Wants: []Want{{Alert: "PostfixProtocolAbuse", Culprit: "203.0.120.0/24"}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 30, func(ctx context.Context, n int) error {
				c, err := lab.Connect(ctx, fmt.Sprintf("203.0.120.%d", n+1), s.Postfix.SMTP, "scan")
				if err != nil {
					return err
				}
				defer c.Quit()
				return c.Command(221, "GET / HTTP/1.1")
			})
			s.Evident()
			return err
		},
	}
}
