package attacks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"sync"
	"time"

	"postfix_exporter/lab"
)

// write has an account send messages in one conversation from an address.
func (s *Stage) write(ctx context.Context, account, from string, messages ...lab.Message) error {
	c, err := lab.Connect(ctx, from, s.Postfix.Submission, "User")
	if err != nil {
		return err
	}
	defer c.Quit()
	if err := c.Login(lab.Login{Username: account, Password: lab.Password, Mechanism: "LOGIN"}); err != nil {
		return err
	}
	return send(c, messages)
}

// deliver has another server hand over messages.
func (s *Stage) deliver(ctx context.Context, from string, messages ...lab.Message) error {
	c, err := lab.Connect(ctx, from, s.Postfix.SMTP, "mx.elsewhere.test")
	if err != nil {
		return err
	}
	defer c.Quit()
	return send(c, messages)
}

func send(c *lab.Client, messages []lab.Message) error {
	for _, m := range messages {
		if err := c.Send(m); err != nil {
			return err
		}
	}
	return nil
}

// guess tries a wrong password.
func (s *Stage) guess(ctx context.Context, user, from string) error {
	c, err := lab.Connect(ctx, from, s.Postfix.Submission, "User")
	if err != nil {
		return err
	}
	defer c.Quit()
	return refused(c.Login(lab.Login{Username: user, Password: "Passw0rd", Mechanism: "LOGIN"}))
}

// refused wants an SMTP refusal.
func refused(err error) error {
	var reply *textproto.Error
	switch {
	case err == nil:
		return errors.New("the server took what it should refuse")
	case errors.As(err, &reply):
		return nil
	}
	return err
}

// rcpt asks for recipients that are refused, in one conversation.
func (s *Stage) rcpt(ctx context.Context, from string, recipients ...string) error {
	c, err := lab.Connect(ctx, from, s.Postfix.SMTP, "mx.elsewhere.test")
	if err != nil {
		return err
	}
	defer c.Quit()
	if err := c.Command(250, "MAIL FROM:<someone@good1.test>"); err != nil {
		return err
	}
	for _, to := range recipients {
		if err := refused(c.Command(250, "RCPT TO:<"+to+">")); err != nil {
			return fmt.Errorf("%s: %w", to, err)
		}
	}
	return nil
}

// logged waits until the server's log says a text so many times.
func (s *Stage) logged(ctx context.Context, text string, times int) error {
	for {
		log, err := os.ReadFile(s.Postfix.LogFile)
		if err != nil || bytes.Count(log, []byte(text)) >= times {
			return err
		}
		if pause(ctx, 50*time.Millisecond); ctx.Err() != nil {
			return fmt.Errorf("the log does not say %q %d times: %w", text, times, ctx.Err())
		}
	}
}

// pause waits, or returns when the context ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// until does something again and again until the context ends.
func until(ctx context.Context, every time.Duration, do func() error) error {
	for {
		if pause(ctx, every); ctx.Err() != nil {
			return nil
		}
		if err := do(); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// times does something so many times, some at the same time, and gives the first
// error.
func times(ctx context.Context, n int, do func(context.Context, int) error) error {
	const workers = 6
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		select {
		case <-ctx.Done():
		case next <- i:
			continue
		}
		break
	}
	close(next)
	all.Wait()
	return context.Cause(ctx)
}

func at(name string) string { return name + "@" + lab.LocalDomain }

// friends are recipients at servers that take all mail.
func friends(first, count int) (to []string) {
	for n := first; n < first+count; n++ {
		to = append(to, fmt.Sprintf("friend%d@good%d.test", n, n%6+1))
	}
	return to
}

// leads are recipients on a spammer's list: some are gone.
func leads(first, count int) (to []string) {
	for n := first; n < first+count; n++ {
		domain := fmt.Sprintf("good%d.test", n%6+1)
		if n%4 == 0 {
			domain = "unknown.test"
		}
		to = append(to, fmt.Sprintf("lead%d@%s", n, domain))
	}
	return to
}

// forged is a made-up sender, at a server that is dead.
func forged(n int) string { return fmt.Sprintf("service%d@forged%d.test", n, n%20*2+1) }
