package lab

import (
	"context"
	"fmt"
)

// Where people are. Only 127.0.0.0/30 is in mynetworks.
const (
	homes     = "127.81.%d.10" // an account's own network
	strangers = "127.66.%d.%d"
	guessers  = "127.77.%d.%d"
	trusted   = "127.0.0.2"
)

// Users of the machine who send mail by sendmail(1), as Debian numbers them.
const (
	WebUID    = 33 // www-data
	BackupUID = 34
)

// colleague is an account that sends a mail or two, nearly all of it welcome.
func (l *Lab) colleague(ctx context.Context, n int) error {
	who := n % len(Users())
	account := local(Users()[who])
	home := fmt.Sprintf(homes, who+1)
	c, err := Connect(ctx, home, l.Postfix.Submission, "laptop")
	if err != nil {
		return err
	}
	defer c.Quit()
	if err := c.Login(Login{Username: account, Password: Password, Mechanism: "PLAIN"}); err != nil {
		return err
	}
	for i := range n%7/6 + 1 {
		to := []string{good(n), good(n * 3), local(Users()[(who+1)%len(Users())])}[:n%3+1]
		switch (n + i) % 19 {
		case 5:
			to = []string{"colleague@busy.test"}
		case 11:
			to = []string{"left.last.year@unknown.test", good(n)}
		case 17:
			to = []string{"archive@full.test"}
		}
		if err := c.Send(Message{From: account, To: to, Subject: "minutes of the meeting", Size: n % 13 * 900}); err != nil {
			return err
		}
		l.Truth.accepted(AccountOf(Users()[who]), home, account, to)
	}
	return nil
}

// stranger is another server with mail for us.
func (l *Lab) stranger(ctx context.Context, n int) error {
	where := fmt.Sprintf(strangers, n%11, n%17+1)
	c, err := Connect(ctx, where, l.Postfix.SMTP, fmt.Sprintf("mx%d.good%d.test", n%17+1, n%goodDomains+1))
	if err != nil {
		return err
	}
	defer c.Quit()
	to := []string{pick(n, local(pick(n, Users()...)), "orders@"+ShopDomain, local("team"), "buyer@"+PartnerDomain,
		local(pick(n+1, Users()...)), "help@"+ShopDomain, local("moved"), local("news"))}
	if err := c.Send(Message{From: good(n), To: to, Subject: "a question", Size: n % 9 * 2000}); err != nil {
		return err
	}
	l.Truth.accepted(Owner{Origin: "inbound"}, where, good(n), to)
	return nil
}

// webShop is a script that confirms orders.
func (l *Lab) webShop(ctx context.Context, n int) error {
	to := []string{good(n)}
	return l.Submit(ctx, WebUID, Message{From: local("www-data"), To: to, Subject: "your order", Size: 700})
}

// cron reports to root.
func (l *Lab) cron(ctx context.Context, _ int) error {
	to := []string{"root@" + LocalDomain}
	return l.Submit(ctx, 0, Message{From: local("root"), To: to, Subject: "Cron <root> run-parts", Size: 300})
}

// Submit sends a message with sendmail(1) as a local user.
func (l *Lab) Submit(ctx context.Context, uid int, m Message) error {
	if err := l.Postfix.submit(ctx, uid, m.From, m.To, text(m)); err != nil {
		return err
	}
	l.Truth.accepted(UserOf(uid), "", m.From, m.To)
	return nil
}

// scanner is an office machine in mynetworks.
func (l *Lab) scanner(ctx context.Context, n int) error {
	c, err := Connect(ctx, trusted, l.Postfix.SMTP, "scanner")
	if err != nil {
		return err
	}
	defer c.Quit()
	to := []string{good(n), local(pick(n, Users()...))}
	if err := c.Send(Message{From: local("scanner"), To: to, Subject: "scan", Size: 20000}); err != nil {
		return err
	}
	l.Truth.accepted(Owner{Origin: "network"}, trusted, local("scanner"), to)
	return nil
}
