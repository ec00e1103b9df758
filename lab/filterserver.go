package lab

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
)

// filterServer is a content filter that likes all mail: it takes a message by
// SMTP and hands it on to the server behind it before it answers.
type filterServer struct {
	next     string // address of the server behind
	xforward bool   // hands on what the server in front tells of the client
}

// envelope is a message on its way through the filter.
type envelope struct {
	xforward []string // the commands, as they came
	from     string
	to       []string
}

func (f *filterServer) serve(ctx context.Context, conn net.Conn) {
	in := textproto.NewReader(bufio.NewReaderSize(conn, sinkLine))
	say := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") }
	say("220 filter ESMTP")
	var e envelope
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		verb, argument, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			if f.xforward {
				say("250-filter\r\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n250 8BITMIME")
			} else {
				say("250-filter\r\n250 8BITMIME")
			}
		case "XFORWARD":
			e.xforward = append(e.xforward, line)
			say("250 2.0.0 Ok")
		case "MAIL":
			e.from = mailbox(argument)
			say("250 2.1.0 Ok")
		case "RCPT":
			e.to = append(e.to, mailbox(argument))
			say("250 2.1.5 Ok")
		case "DATA":
			say("354 End data with <CR><LF>.<CR><LF>")
			message, err := in.ReadDotBytes()
			if err != nil {
				return
			}
			say(f.handOn(ctx, e, message))
			e = envelope{}
		case "RSET":
			e = envelope{}
			say("250 2.0.0 Ok")
		case "HELO", "NOOP":
			say("250 2.0.0 Ok")
		case "QUIT":
			say("221 2.0.0 Bye")
			return
		default:
			say("502 5.5.2 Error: command not recognized")
		}
	}
}

// handOn gives the answer of the server behind, as one line.
func (f *filterServer) handOn(ctx context.Context, e envelope, message []byte) string {
	answer, err := f.talk(ctx, e, message)
	var refusal *textproto.Error
	switch {
	case errors.As(err, &refusal):
		return strings.ReplaceAll(refusal.Error(), "\n", " ")
	case err != nil:
		return "451 4.3.0 the filter can't hand it on: " + err.Error()
	}
	return "250 2.0.0 from MTA(smtp:[127.0.0.1]): 250 " + answer
}

func (f *filterServer) talk(ctx context.Context, e envelope, message []byte) (answer string, err error) {
	conn, err := dial(ctx, "127.0.0.1", f.next)
	if err != nil {
		return "", err
	}
	defer conn.Close() //nolint:errcheck // the answer is known by then
	c, err := smtp.NewClient(conn, "filter")
	if err != nil {
		return "", err
	}
	if err := c.Hello("filter"); err != nil {
		return "", err
	}
	say := func(code int, line string) {
		if err == nil {
			answer, err = command(c, code, line)
		}
	}
	for _, line := range e.xforward {
		say(250, line)
	}
	say(250, "MAIL FROM:<"+e.from+">")
	for _, to := range e.to {
		say(250, "RCPT TO:<"+to+">")
	}
	say(354, "DATA")
	if err != nil {
		return "", err
	}
	w := c.Text.DotWriter()
	if _, err := w.Write(message); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	if _, answer, err = c.Text.ReadResponse(250); err != nil {
		return "", err
	}
	return answer, c.Quit()
}
