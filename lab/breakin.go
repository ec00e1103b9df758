package lab

import (
	"context"
	"fmt"
	"sync"
)

// BreakIn is a guess that comes true: from a network that the account never used,
// somebody fails so many times to log in, and then sends a message.
func (l *Lab) BreakIn(ctx context.Context, user, client string, failures int) error {
	for n := range failures {
		if err := l.guess(ctx, client, local(user), n); err != nil {
			return err
		}
	}
	c, err := Connect(ctx, client, l.Postfix.Submission, "User")
	if err != nil {
		return err
	}
	defer c.Quit()
	if err := c.Login(Login{Username: local(user), Password: Password, Mechanism: "LOGIN"}); err != nil {
		return err
	}
	l.Truth.change(func(c *Counts) { c.BrokenInto[local(user)] = max(c.BrokenInto[local(user)], failures) })
	return l.sendFor(c, AccountOf(user), client, Message{From: local(user), To: []string{good(failures)}, Subject: "try", Size: 100})
}

// Guess has so many failed logins from different networks, as hostile user names.
func (l *Lab) Guess(ctx context.Context, logins int) {
	const guessers = 8
	next := make(chan int)
	var all sync.WaitGroup
	for range guessers {
		all.Go(func() {
			for n := range next {
				user := pick(n, local("anna"), fmt.Sprintf("user%d, sasl_username=anna@%s", n, LocalDomain), fmt.Sprintf(`"x%d" <y@z>`, n),
					"a: client=unknown[192.0.2.1], sasl_method=PLAIN", fmt.Sprintf("\u00fc%d\u202e@%s", n, LocalDomain), fmt.Sprintf("test%d@nowhere.test", n%7))
				if err := l.guess(ctx, fmt.Sprintf("203.0.%d.%d", n%50, n%200+1), user, n); err != nil {
					l.Truth.failure(fmt.Errorf("%q: %w", user, err))
				}
			}
		})
	}
	for n := range logins {
		next <- n
	}
	close(next)
	all.Wait()
}
