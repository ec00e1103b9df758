package attacks

import (
	"context"
	"fmt"
	"time"
)

// bruteForce is one host that tries passwords.
func bruteForce() Scene {
	return Scene{
		Name: "bruteforce", Proves: "one network that guesses makes a ticket with its address",
		Wants: []Want{{Alert: "PostfixAuthBruteForce", Culprit: "203.0.116.0/24"}},
		Play: func(ctx context.Context, s *Stage) error {
			err := times(ctx, 40, func(ctx context.Context, n int) error {
				return s.guess(ctx, fmt.Sprintf("user%d@lab.test", n%3), fmt.Sprintf("203.0.116.%d", n%9+1))
			})
			s.Evident()
			return err
		},
	}
}

// spray is many hosts that each try a few.
func spray() Scene {
	const waits = 5 * time.Minute
	return Scene{
		Name: "spray", Proves: "guesses from many networks, each below its threshold, make one ticket",
		Wants: []Want{{Alert: "PostfixAuthBruteForce", Culprit: "Blocking addresses does not help", Waits: waits}},
		Play: func(ctx context.Context, s *Stage) error {
			round := func() error {
				return times(ctx, 28, func(ctx context.Context, n int) error {
					return s.guess(ctx, fmt.Sprintf("name%d@lab.test", n), fmt.Sprintf("203.0.%d.9", 130+n%14))
				})
			}
			if err := round(); err != nil {
				return err
			}
			s.Evident()
			return until(ctx, 30*time.Second, round)
		},
	}
}
