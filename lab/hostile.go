package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"
)

// errTaken says that the server took what it should have refused.
var errTaken = errors.New("the server took what it should refuse")

// refused turns an SMTP refusal, which is what is wanted, into success.
func refused(err error) error {
	var reply *textproto.Error
	switch {
	case err == nil:
		return errTaken
	case errors.As(err, &reply):
		return nil
	default:
		return err
	}
}

// sendRefused sends a message that is to be refused.
func (l *Lab) sendRefused(c *Client, m Message, why func(*Refused) *int) error {
	if err := refused(c.Send(m)); err != nil {
		return err
	}
	l.Truth.refused(why)
	return nil
}

func relay(r *Refused) *int     { return &r.Relay }
func recipient(r *Refused) *int { return &r.Recipient }
func sender(r *Refused) *int    { return &r.Sender }
func content(r *Refused) *int   { return &r.Content }

// mistyped is mail from outside to users who don't exist: refused where we know
// the users, and bounced to its sender where only the partner does.
func (l *Lab) mistyped(ctx context.Context, n int) error {
	where := fmt.Sprintf(strangers, n%5+20, 9)
	c, err := Connect(ctx, where, l.Postfix.SMTP, "mx.good4.test")
	if err != nil {
		return err
	}
	defer c.Quit()
	if n%2 == 0 {
		return l.sendRefused(c, Message{From: good(n), To: []string{local(fmt.Sprintf("nosuch%d", n%100))}}, recipient)
	}
	to := []string{fmt.Sprintf("nobody%d@%s", n%100, PartnerDomain)}
	if err := c.Send(Message{From: good(n), To: to, Subject: "hello?", Size: 500}); err != nil {
		return err
	}
	l.Truth.accepted(Owner{Origin: "inbound"}, where, good(n), to)
	return nil
}

// guesser tries a few passwords.
func (l *Lab) guesser(ctx context.Context, n int) error {
	user := pick(n, local(pick(n, Users()...)), "admin", "test@"+LocalDomain, "info@"+LocalDomain, "sales, sasl_username=anna@"+LocalDomain)
	return l.guess(ctx, fmt.Sprintf(guessers, n%60, n%3+1), user, n)
}

// guess tries a password that is wrong.
func (l *Lab) guess(ctx context.Context, client, user string, n int) error {
	c, err := Connect(ctx, client, l.Postfix.Submission, "User")
	if err != nil {
		return err
	}
	defer c.Drop()
	login := Login{Username: user, Password: fmt.Sprintf("Passw0rd%d", n), Mechanism: pick(n, "LOGIN", "LOGIN", "PLAIN")}
	if err := refused(c.Login(login)); err != nil {
		return err
	}
	l.Truth.guessed(client, user)
	return nil
}

// prober tries whether we relay, and talks nonsense.
func (l *Lab) prober(ctx context.Context, n int) error {
	where := fmt.Sprintf(strangers, n%7+40, 200)
	switch n % 6 {
	case 0:
		return l.raw(ctx, where, "GET / HTTP/1.1\r\nHost: mx\r\n\r\n", "221")
	case 1:
		if err := l.raw(ctx, where, "EHLO probe.test\r\nMAIL FROM:<a@probe.test>\r\nRCPT TO:<victim@good1.test>\r\n", "554"); err != nil {
			return err
		}
		l.Truth.refused(relay)
		return nil
	case 2:
		return l.raw(ctx, where, "", "220")
	}
	c, err := Connect(ctx, where, l.Postfix.SMTP, "probe.test")
	if err != nil {
		return err
	}
	defer c.Quit()
	switch n % 6 {
	case 3:
		return l.sendRefused(c, Message{From: "a@probe.test", To: []string{"victim@good1.test"}}, relay)
	case 4:
		return l.sendRefused(c, Message{From: "pharmacy", To: []string{local("anna")}}, sender)
	default:
		return l.sendRefused(c, Message{From: "pharmacy@probe.test", To: []string{local("anna")}, Subject: "cheap pills", Size: 300}, content)
	}
}

// raw says the words all at once, without waiting for an answer, and hangs up
// once one begins with the code that ends them.
func (l *Lab) raw(ctx context.Context, where, words, code string) error {
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	conn, err := dial(ctx, where, l.Postfix.SMTP)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing was promised
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	answers := bufio.NewScanner(conn)
	if answers.Scan() { // the greeting
		if _, err := io.WriteString(conn, words); err != nil {
			return err
		}
	}
	for !strings.HasPrefix(answers.Text(), code) {
		if !answers.Scan() {
			return errors.Join(fmt.Errorf("no answer with code %s", code), answers.Err())
		}
	}
	return nil
}
