package lab

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Attack is the abuse of one account whose password a botnet has found.
type Attack struct {
	Account     string        // one of Users
	Messages    int           // in all
	Connections int           // at the same time, each from a network of its own
	Pause       time.Duration // of each connection, after a message
}

// Attack sends the messages and returns when all are sent or the context ends.
// Every sender is made up and lives nowhere. Of each message's recipients some
// don't exist, so that Postfix bounces to the made-up sender and keeps the
// bounce, and the others' servers are dead.
func (l *Lab) Attack(ctx context.Context, a Attack) error {
	begun := context.WithoutCancel(ctx)
	feeding, stop := context.WithCancel(ctx)
	defer stop() // also when every bot has failed
	next := make(chan int)
	go func() {
		defer close(next)
		for n := range a.Messages {
			select {
			case <-feeding.Done():
				return
			case next <- n:
			}
		}
	}()
	errs := make(chan error, a.Connections)
	var all sync.WaitGroup
	for bot := range a.Connections {
		all.Go(func() { errs <- l.bot(ctx, begun, bot, a, next) })
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// perConnection is how many messages a bot sends before it connects again.
const perConnection = 10

func (l *Lab) bot(ctx, begun context.Context, bot int, a Attack, next <-chan int) error {
	for {
		n, more := <-next
		if !more {
			return nil
		}
		where := fmt.Sprintf("127.99.%d.%d", bot%250, n%250+1)
		c, err := Connect(begun, where, l.Postfix.Submission, "User")
		if err != nil {
			return err
		}
		err = c.Login(Login{Username: local(a.Account), Password: Password, Mechanism: "LOGIN"})
		for i := 0; err == nil && more; i++ {
			m := spam(n)
			if err = c.Send(m); err != nil {
				break
			}
			l.Truth.accepted(AccountOf(a.Account), where, m.From, m.To)
			if i+1 == perConnection || !sleep(ctx, a.Pause) {
				break
			}
			n, more = <-next
		}
		c.Quit()
		if err != nil {
			return err
		}
	}
}

// spam is the n-th message of the attack.
func spam(n int) Message {
	return Message{
		From: fmt.Sprintf("service%d@forged%d.test", n, n%forgedDomains+1),
		To: []string{
			fmt.Sprintf("lead%d@refused%d.test", n, n%refusedDomains+1),
			fmt.Sprintf("lead%d@timeout%d.test", n, n%timeoutDomains+1),
			fmt.Sprintf("lead%d@unknown.test", n),
			fmt.Sprintf("client%d@%s.test", n, pick(n, "block", "busy", "unknown", "good1")),
			fmt.Sprintf("lead%d@refused%d.test", n, (n+7)%refusedDomains+1),
		},
		Subject: "your invoice is overdue",
		Size:    1500,
	}
}

// sleep waits, and says whether the context lives on.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
