package lab

import (
	"context"
	"sync"
	"time"
)

// Story is what the demo tells: an ordinary day, and then an account's password
// is known to a botnet.
type Story struct {
	Pace   time.Duration // of the ordinary traffic
	Quiet  time.Duration // before the attack
	Attack Attack
}

// DemoStory lasts about a minute: 10 s of quiet, then some 700 messages.
func DemoStory() Story {
	return Story{
		Pace:   120 * time.Millisecond,
		Quiet:  10 * time.Second,
		Attack: Attack{Account: "emil", Messages: 700, Connections: 20, Pause: time.Second},
	}
}

// Tell runs the story until the context ends; the ordinary traffic goes on
// during and after the attack. The hooks say when the attack begins and when all
// of it is sent.
func (l *Lab) Tell(ctx context.Context, s Story, attackBegins, attackSent func()) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		if !sleep(ctx, s.Quiet) {
			return
		}
		attackBegins()
		if err := l.Attack(ctx, s.Attack); err != nil {
			l.Truth.failure(err)
		}
		attackSent()
	})
	l.Ordinary(ctx, s.Pace)
}
