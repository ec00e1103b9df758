package lab

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A flow is one kind of people: each n-th tick, one of them does something. The
// number says which of them, and what: the traffic of two runs is the same.
type flow struct {
	every int
	act   func(ctx context.Context, n int) error
}

// workers bounds what goes on at the same time.
const workers = 16

// Ordinary is a small server's everyday traffic, one tick every pace, until the
// context ends: colleagues who write mail and get some, a web shop, cron, a
// scanner that sends its reports through us, strangers who mistype, guess
// passwords and probe. It returns when all that was begun has ended, so that
// Truth is exact.
func (l *Lab) Ordinary(ctx context.Context, pace time.Duration) {
	l.run(ctx, pace, []flow{
		{1, l.colleague},
		{2, l.stranger},
		{5, l.webShop},
		{9, l.cron},
		{7, l.scanner},
		{11, l.mistyped},
		{8, l.guesser},
		{13, l.prober},
	})
}

func (l *Lab) run(ctx context.Context, pace time.Duration, flows []flow) {
	begun := context.WithoutCancel(ctx) // what is begun is ended
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	free := make(chan struct{}, workers)
	var all sync.WaitGroup
	defer all.Wait()
	for tick := 0; ; tick++ {
		for i, f := range flows {
			if tick%f.every != i%f.every { // not all in the same tick
				continue
			}
			select {
			case <-ctx.Done():
				return
			case free <- struct{}{}:
			}
			all.Go(func() {
				defer func() { <-free }()
				if err := f.act(begun, tick/f.every); err != nil {
					l.Truth.failure(err)
				}
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// pick takes one of the choices by number.
func pick[T any](n int, choices ...T) T { return choices[n%len(choices)] }

func local(name string) string { return name + "@" + LocalDomain }

func good(n int) string { return fmt.Sprintf("friend%d@good%d.test", n%40, n%goodDomains+1) }
