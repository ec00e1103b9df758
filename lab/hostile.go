package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
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

// mistyped is mail from outside to users who don't exist: refused where we know
// the users, and bounced to its sender where only the partner does.
func (l *Lab) mistyped(ctx context.Context, n int) error {
	c, err := connect(ctx, fmt.Sprintf(strangers, n%5+20, 9), l.Postfix.SMTP, "mx.good4.test")
	if err != nil {
		return err
	}
	defer c.quit()
	if n%2 == 0 {
		_, err := c.send(Message{From: good(n), To: []string{local(fmt.Sprintf("nosuch%d", n%100))}})
		return refused(err)
	}
	taken, err := c.send(Message{From: good(n), To: []string{fmt.Sprintf("nobody%d@%s", n%100, PartnerDomain)}, Subject: "hello?", Size: 500})
	if err != nil {
		return err
	}
	l.Truth.inbound(taken)
	return nil
}

// guesser tries a few passwords.
func (l *Lab) guesser(ctx context.Context, n int) error {
	c, err := connect(ctx, fmt.Sprintf(guessers, n%60, n%3+1), l.Postfix.Submission, "User")
	if err != nil {
		return err
	}
	defer c.drop()
	login := Login{
		Username:  pick(n, local(pick(n, Users()...)), "admin", "test@"+LocalDomain, "info@"+LocalDomain, "sales, sasl_username=anna@"+LocalDomain),
		Password:  fmt.Sprintf("Passw0rd%d", n),
		Mechanism: pick(n, "LOGIN", "LOGIN", "PLAIN"),
	}
	if err := refused(c.login(login)); err != nil {
		return err
	}
	l.Truth.failedLogin()
	return nil
}

// prober tries whether we relay, and talks nonsense.
func (l *Lab) prober(ctx context.Context, n int) error {
	where := fmt.Sprintf(strangers, n%7+40, 200)
	if n%6 < 3 {
		return l.raw(ctx, where, pick(n,
			"GET / HTTP/1.1\r\nHost: mx\r\n\r\n",
			"EHLO probe.test\r\nMAIL FROM:<a@probe.test>\r\nRCPT TO:<victim@good1.test>\r\n",
			""))
	}
	c, err := connect(ctx, where, l.Postfix.SMTP, "probe.test")
	if err != nil {
		return err
	}
	defer c.quit()
	switch n % 6 {
	case 3:
		_, err = c.send(Message{From: "a@probe.test", To: []string{"victim@good1.test"}})
		return refused(err)
	case 4:
		_, err = c.send(Message{From: "pharmacy", To: []string{local("anna")}})
		return refused(err)
	default:
		_, err = c.send(Message{From: "pharmacy@probe.test", To: []string{local("anna")}, Subject: "cheap pills", Size: 300})
		return refused(err)
	}
}

// raw says the words all at once, without waiting for an answer, and hangs up.
func (l *Lab) raw(ctx context.Context, where, words string) error {
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	defer cancel()
	conn, err := dial(ctx, where, l.Postfix.SMTP)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing was promised
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if _, err := conn.Read(make([]byte, 512)); err != nil { // the greeting
		return err
	}
	if _, err := io.WriteString(conn, words); err != nil {
		return err
	}
	if words != "" {
		_, _ = conn.Read(make([]byte, 512)) // hang up only once it has begun to answer
	}
	return nil
}
