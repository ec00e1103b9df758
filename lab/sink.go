package lab

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Replies are a remote server's answers. A nil function, or an empty answer,
// accepts.
type Replies struct {
	Recipient func(recipient string) string
	Data      func(recipient string) string // after the message's end
	Wait      time.Duration                 // before the answer to a message
}

// rotate answers with each text in turn.
func rotate(texts ...string) func(string) string {
	var n atomic.Uint64
	return func(string) string { return texts[(n.Add(1)-1)%uint64(len(texts))] }
}

// greylist refuses a recipient's first try.
func greylist() func(string) string {
	var seen sync.Map
	return func(recipient string) string {
		if _, again := seen.LoadOrStore(recipient, true); again {
			return ""
		}
		return "450 4.7.1 Greylisted, please try again in five minutes"
	}
}

// sink is a small SMTP server that keeps nothing.
type sink struct {
	replies Replies
	taken   atomic.Uint64
}

// sinkLine bounds a command, or a line of a message.
const sinkLine = 4096

// serve speaks SMTP until the client goes.
func (s *sink) serve(_ context.Context, conn net.Conn) {
	lines := bufio.NewReaderSize(conn, sinkLine)
	say := func(text string) { _, _ = io.WriteString(conn, text+"\r\n") }
	say("220 sink ESMTP")
	var recipient string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "RCPT":
			recipient = mailbox(argument)
			say(answer(s.replies.Recipient, recipient, "250 2.1.5 Ok"))
		case "DATA":
			say("354 End data with <CR><LF>.<CR><LF>")
			if !skipMessage(lines) {
				return
			}
			time.Sleep(s.replies.Wait)
			say(answer(s.replies.Data, recipient, fmt.Sprintf("250 2.0.0 Ok: queued as SINK%08d", s.taken.Add(1))))
		case "EHLO", "HELO", "MAIL", "RSET", "NOOP":
			say("250 2.0.0 Ok")
		case "QUIT":
			say("221 2.0.0 Bye")
			return
		default:
			say("502 5.5.2 Error: command not recognized")
		}
	}
}

func answer(reply func(string) string, recipient, ok string) string {
	if reply != nil {
		if text := reply(recipient); text != "" {
			return text
		}
	}
	return ok
}

// mailbox is the address in "TO:<address> PARAMETERS".
func mailbox(argument string) string {
	_, after, _ := strings.Cut(argument, "<")
	address, _, _ := strings.Cut(after, ">")
	return address
}

// skipMessage reads up to the lone dot.
func skipMessage(lines *bufio.Reader) bool {
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull { //nolint:errorlint // bufio returns it bare
			return false
		}
		if string(line) == ".\r\n" || string(line) == ".\n" {
			return true
		}
	}
}
