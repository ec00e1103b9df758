package lab

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/smtp"
	"strings"
	"time"
)

// sessionTimeout bounds one SMTP conversation.
const sessionTimeout = time.Minute

// Login is how a client says who it is.
type Login struct {
	Username, Password string
	Mechanism          string // "PLAIN" or "LOGIN"
}

// Message is what one transaction sends.
type Message struct {
	From    string // envelope sender
	To      []string
	Subject string
	Size    int // bytes of text
}

// Client is one SMTP conversation with the lab's Postfix.
type Client struct {
	smtp  *smtp.Client
	close func()
}

// dial connects to address from a local address, "" for any.
func dial(ctx context.Context, local, address string) (net.Conn, error) {
	dialer := net.Dialer{}
	if local != "" {
		from, err := netip.ParseAddr(local)
		if err != nil {
			return nil, err
		}
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	return dialer.DialContext(ctx, "tcp4", address)
}

// spokesman is who may say, by XCLIENT, that a client is from elsewhere.
const spokesman = "127.0.0.9"

// Connect greets the server. The client's address is on loopback, or is any other
// by way of XCLIENT. The conversation ends with the context, and after a minute at
// the latest.
func Connect(ctx context.Context, from, server, helo string) (*Client, error) {
	ctx, cancel := context.WithTimeout(ctx, sessionTimeout)
	c, err := greet(ctx, from, server, helo)
	if err != nil {
		cancel()
		return nil, err
	}
	return &Client{smtp: c, close: cancel}, nil
}

func greet(ctx context.Context, from, server, helo string) (*smtp.Client, error) {
	addr, err := netip.ParseAddr(from)
	if err != nil {
		return nil, err
	}
	if !addr.IsLoopback() {
		from = spokesman
	}
	conn, err := dial(ctx, from, server)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	c, err := hello(conn, helo)
	if err != nil || addr.IsLoopback() {
		return c, err
	}
	name := addr.String()
	if addr.Is6() {
		name = "IPV6:" + name
	}
	if err := c.Text.PrintfLine("XCLIENT NAME=[UNAVAILABLE] ADDR=%s", name); err != nil {
		return nil, err
	}
	return hello(conn, helo) // as to a new client
}

func hello(conn net.Conn, helo string) (*smtp.Client, error) {
	c, err := smtp.NewClient(conn, "mx")
	if err != nil {
		return nil, err
	}
	return c, c.Hello(helo)
}

// Login authenticates. It speaks for itself: net/smtp's own way ends a refused
// login with a word that Postfix takes for no SMTP at all.
func (c *Client) Login(l Login) error {
	encode := base64.StdEncoding.EncodeToString
	if l.Mechanism == "LOGIN" { // which botnets prefer
		if err := c.Command(334, "AUTH LOGIN"); err != nil {
			return err
		}
		if err := c.Command(334, encode([]byte(l.Username))); err != nil {
			return err
		}
		return c.Command(235, encode([]byte(l.Password)))
	}
	return c.Command(235, "AUTH PLAIN "+encode([]byte("\x00"+l.Username+"\x00"+l.Password)))
}

// Command says a line and wants an answer with that code.
func (c *Client) Command(code int, line string) error {
	_, err := command(c.smtp, code, line)
	return err
}

// command says a line and wants a code for an answer.
func command(c *smtp.Client, code int, line string) (answer string, err error) {
	if err := c.Text.PrintfLine("%s", line); err != nil {
		return "", err
	}
	_, answer, err = c.Text.ReadResponse(code)
	return answer, err
}

// Send sends one message to all its recipients, or to none where the server
// refuses one.
func (c *Client) Send(m Message) error {
	if err := c.smtp.Mail(m.From); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := c.smtp.Rcpt(to); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", to, err), c.smtp.Reset())
		}
	}
	w, err := c.smtp.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text(m)); err != nil {
		return err
	}
	return w.Close()
}

// Quit says goodbye; whatever the answer, the conversation is over.
func (c *Client) Quit() {
	_ = c.smtp.Quit()
	c.close()
}

// Drop ends the conversation without a word.
func (c *Client) Drop() { c.close() }

// text is a message's header and body.
func text(m Message) []byte {
	_, domain, _ := strings.Cut(m.From, "@")
	body := fmt.Appendf(nil, "From: <%s>\r\nSubject: %s\r\nMessage-ID: <%s@%s>\r\n\r\n", m.From, m.Subject, rand.Text(), domain)
	const line = "All work and no play makes a dull mail server, said the postmaster.\r\n"
	for size := 0; size < m.Size; size += len(line) {
		body = append(body, line...)
	}
	return body
}
