package attacks

import (
	"context"
	"fmt"
	"time"

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

// reputation is a server that others have come to know for its spam.
func reputation() Scene {
	return Scene{
		Name: "reputation", Proves: "refusals for the server's bad name make a ticket (of one provider instead of three: the lab has no more)",
		Thresholds: map[string]string{"reputation_providers": "1"},
		Wants:      []Want{{Alert: "PostfixReputationDamage", Culprit: "reputation were refused for its reputation, by other", Waits: 2 * time.Minute}},
		Play: func(ctx context.Context, s *Stage) error {
			err := s.application(ctx, 100, func(int) string { return "block.test" })
			if err == nil {
				err = s.logged(ctx, "status=bounced", 100)
			}
			s.Evident()
			return err
		},
	}
}

// joeJob is somebody else's spam with our address as its sender.
func joeJob() Scene {
	return Scene{
		Name: "joejob", Proves: "the world's bounces of spam that is not ours make a ticket, and no page",
		Wants: []Want{{Alert: "PostfixJoeJob", Culprit: "joejob received"}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 30, func(ctx context.Context, n int) error {
				var bounces []lab.Message
				for range 5 {
					bounces = append(bounces, lab.Message{To: []string{at("anna")}, Subject: "Undelivered Mail Returned to Sender", Size: 2000})
				}
				return s.deliver(ctx, fmt.Sprintf("203.0.%d.25", 150+n), bounces...)
			})
			s.Evident()
			return err
		},
	}
}
