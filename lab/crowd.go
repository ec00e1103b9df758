package lab

import (
	"context"
	"fmt"
	"sync"
)

// perSession is how many messages of a crowd come in one conversation.
const perSession = 10

// crowdSenders is how many of a crowd's conversations go on at the same time.
const crowdSenders = 24

// Crowd sends so many messages, in tens, as fast as Postfix takes them: accounts from
// several networks each, strangers, trusted clients and scripts write to all kinds
// of recipients. Two crowds of the same size send the same, but for the order. It
// may be called again with a first number that no crowd before had.
func (l *Lab) Crowd(ctx context.Context, first, messages int) {
	sessions := make(chan int)
	var all sync.WaitGroup
	for range crowdSenders {
		all.Go(func() {
			for s := range sessions {
				if err := l.crowdSession(ctx, s); err != nil {
					l.Truth.failure(fmt.Errorf("session %d: %w", s, err))
				}
			}
		})
	}
	for s := range messages / perSession {
		sessions <- first/perSession + s
	}
	close(sessions)
	all.Wait()
}

// crowdSession is the messages from s*perSession on, all of one sender.
func (l *Lab) crowdSession(ctx context.Context, s int) error {
	switch kind := s * 3 % 10; { // each ten have them all
	case kind < 6:
		return l.crowdAccount(ctx, s)
	case kind < 8:
		return l.crowdStranger(ctx, s)
	case kind < 9:
		return l.crowdNetwork(ctx, s)
	default:
		return l.crowdScript(ctx, s)
	}
}

func (l *Lab) crowdAccount(ctx context.Context, s int) error {
	who := s * 7 % len(Accounts())
	name := Accounts()[who]
	client := pick(s,
		fmt.Sprintf("127.81.%d.10", 100+who), fmt.Sprintf("198.51.100.%d", who+1), fmt.Sprintf("2001:db8:%x::%x", who+1, s+1))
	c, err := Connect(ctx, client, l.Postfix.Submission, "laptop")
	if err != nil {
		return err
	}
	defer c.Quit()
	if err := c.Login(Login{Username: local(name), Password: Password, Mechanism: pick(s, "PLAIN", "LOGIN")}); err != nil {
		return err
	}
	return crowdMessages(s, func(n int) error {
		from := pick(n, local(name), local(name), local(name), "boss@good1.test", fmt.Sprintf("made.up%d@forged%d.test", n, n%forgedDomains+1))
		return l.sendFor(c, AccountOf(name), client, Message{From: from, To: anywhere(n), Subject: "news", Size: n % 7 * 400})
	})
}

func (l *Lab) crowdStranger(ctx context.Context, s int) error {
	client := pick(s, fmt.Sprintf(strangers, 100+s%50, s%200+1), fmt.Sprintf("203.0.113.%d", s%250+1), fmt.Sprintf("2001:db8:f%03x::25", s%4000))
	c, err := Connect(ctx, client, l.Postfix.SMTP, "mx.elsewhere.test")
	if err != nil {
		return err
	}
	defer c.Quit()
	return crowdMessages(s, func(n int) error {
		from := pick(n, good(n), good(n), fmt.Sprintf("made.up%d@forged%d.test", n, n%forgedDomains+1))
		to := toUs(n)
		if l.open {
			to = anywhere(n)
		}
		return l.sendFor(c, Owner{Origin: "inbound"}, client, Message{From: from, To: to, Subject: "hello", Size: n % 11 * 300})
	})
}

func (l *Lab) crowdNetwork(ctx context.Context, s int) error {
	c, err := Connect(ctx, trusted, l.Postfix.SMTP, "printer")
	if err != nil {
		return err
	}
	defer c.Quit()
	return crowdMessages(s, func(n int) error {
		return l.sendFor(c, Owner{Origin: "network"}, trusted, Message{From: local("scanner"), To: anywhere(n), Subject: "scan", Size: n % 3 * 3000})
	})
}

func (l *Lab) crowdScript(ctx context.Context, s int) error {
	uid := pick(s/10, WebUID, BackupUID, 0)
	return crowdMessages(s, func(n int) error {
		to := anywhere(n)
		if n%5 == 0 { // sendmail(1) takes what smtpd(8) refuses
			to = append(to, local(fmt.Sprintf("nosuch%d", n)), fmt.Sprintf("x%d@nowhere.test", n))
		}
		return l.Submit(ctx, uid, Message{From: local("www-data"), To: to, Subject: "report", Size: 500})
	})
}

func crowdMessages(s int, send func(n int) error) error {
	for i := range perSession {
		if err := send(s*perSession + i); err != nil {
			return err
		}
	}
	return nil
}

// sendFor sends a message of an owner's.
func (l *Lab) sendFor(c *Client, owner Owner, client string, m Message) error {
	if err := c.Send(m); err != nil {
		return err
	}
	l.Truth.accepted(owner, client, m.From, m.To)
	return nil
}

// anywhere are the recipients of the n-th message of somebody who may send
// everywhere: one to five, no two the same after aliases.
func anywhere(n int) []string {
	return choose(n, 1+n%5, append(elsewhere(n), ourUsers(n)...))
}

// toUs are those of a stranger's.
func toUs(n int) []string { return choose(n, 1+n%3, ourUsers(n)) }

// choose takes so many of the choices.
func choose(n, count int, from []string) (some []string) {
	for i := range count {
		some = append(some, from[(n+i)%len(from)])
	}
	return some
}

func elsewhere(n int) []string {
	at := func(domain string, servers int) string {
		if servers > 0 {
			domain = fmt.Sprintf("%s%d", domain, n%servers+1)
		}
		return fmt.Sprintf("lead%d@%s.test", n, domain)
	}
	return []string{
		fmt.Sprintf("a%d@good1.test", n), at("refused", refusedDomains), fmt.Sprintf("b%d@good1.test", n), fmt.Sprintf("c%d@good2.test", n),
		at("grey", 0), fmt.Sprintf("d%d@good1.test", n), at("unknown", 0), at("busy", 0), fmt.Sprintf("e%d@good3.test", n), at("full", 0),
		fmt.Sprintf("f%d@good2.test", n), at("block", 0), at("timeout", timeoutDomains),
	}
}

func ourUsers(n int) []string {
	return []string{
		local("cleo"), "orders@" + ShopDomain, local("moved"), local("emil"), local("team"), fmt.Sprintf("buyer%d@%s", n, PartnerDomain),
		local("news"), local("dora"), local("list"), fmt.Sprintf("nobody%d@%s", n, PartnerDomain), local("keeps"), "help@" + ShopDomain,
		local("former"), local("postmaster"), local("fired"), local("away"),
	}
}
