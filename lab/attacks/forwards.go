package attacks

import (
	"context"
	"fmt"

	"postfix_exporter/lab"
)

// forward is spam for an alias of ours that leads to somebody who does not want it.
func forward() Scene {
	return Scene{
		Name: "forward", Proves: "a forward that passes on spam, and is refused, pages with the alias's domain",
		Wants: []Want{{Alert: "PostfixForwardAbuse", Culprit: `domain "lab.test"`, Page: true}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 26, func(ctx context.Context, n int) error {
				var spam []lab.Message
				for i := range 5 {
					spam = append(spam, lab.Message{From: friends(n*5+i, 1)[0], To: []string{at("former")}, Subject: "casino", Size: 1000})
				}
				return s.deliver(ctx, fmt.Sprintf("203.0.%d.5", 180+n), spam...)
			})
			s.Evident()
			return err
		},
	}
}

// loop is a domain that we relay for, and whose route leads back to us.
func loop() Scene {
	return Scene{
		Name: "loop", Proves: "mail that comes back to us in a storm pages with the server",
		Server: lab.Options{MainCF: []string{"relay_domains = " + lab.PartnerDomain + " " + lab.CircleDomain}},
		Wants:  []Want{{Alert: "PostfixForwardLoop", Culprit: `Most for "circle.test"`, Page: true}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 13, func(ctx context.Context, n int) error {
				var to []string
				for i := range 10 {
					to = append(to, fmt.Sprintf("user%d@%s", n*10+i, lab.CircleDomain))
				}
				return s.deliver(ctx, fmt.Sprintf("203.0.121.%d", n+1), lab.Message{From: friends(n, 1)[0], To: to, Subject: "round", Size: 500})
			})
			if err == nil { // each message goes round fifty times before it is given up
				err = s.logged(ctx, "too many hops (in reply", 100)
			}
			s.Evident()
			return err
		},
	}
}
