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

// sink is a small SMTP server that keeps nothing.
type sink struct {
	listener *net.TCPListener
	replies  Replies
	taken    atomic.Uint64

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

const (
	sinkLine    = 4096            // bytes of a command or a line of a message
	sinkSession = 5 * time.Minute // Postfix keeps a connection for a while
	sinkConns   = 200             // more than Postfix's process limit
)

func startSink(ctx context.Context, host string, replies Replies) (*sink, error) {
	l, err := listen(ctx, host+":0")
	if err != nil {
		return nil, err
	}
	s := &sink{listener: l, replies: replies, conns: map[net.Conn]struct{}{}}
	go s.accept()
	return s, nil
}

func (s *sink) address() string { return s.listener.Addr().String() }

func (s *sink) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		if !s.hold(conn) {
			_ = conn.Close()
			continue
		}
		go func() {
			defer s.release(conn)
			ctx, cancel := context.WithTimeout(context.Background(), sinkSession)
			defer cancel()
			defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
			s.serve(conn)
		}()
	}
}

func (s *sink) hold(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= sinkConns {
		return false
	}
	s.conns[conn] = struct{}{}
	return true
}

func (s *sink) release(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
}

func (s *sink) stop() {
	_ = s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for conn := range s.conns {
		_ = conn.Close()
	}
}

// serve speaks SMTP until the client goes.
func (s *sink) serve(conn io.ReadWriter) {
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
