package attacks

import (
	"context"
	"fmt"

	"postfix_exporter/lab"
)

// backscatter is spam with made-up senders for users that we don't know of: we
// take it, can't deliver it, and bounce to those who never wrote.
func backscatter() Scene {
	return Scene{
		Name: "backscatter", Proves: "bounces to forged senders that pile up page with the server",
		Wants: []Want{{Alert: "PostfixBackscatter", Culprit: "backscatter made", Page: true}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 30, func(ctx context.Context, n int) error {
				var spam []lab.Message
				for i := range 6 {
					to := fmt.Sprintf("nobody%d@%s", n*6+i, lab.PartnerDomain)
					spam = append(spam, lab.Message{From: forged(n*6 + i), To: []string{to}, Subject: "pills", Size: 1000})
				}
				return s.deliver(ctx, fmt.Sprintf("203.0.%d.5", 140+n), spam...)
			})
			s.Evident()
			return err
		},
	}
}
