package traffic

import (
	"strconv"
	"time"
)

// session is one connection to smtpd(8).
type session struct {
	*mx
	client  client
	process *process
	login   string // ", sasl_method=…, sasl_username=…"
	now     at
	ok, all [numVerbs]int
}

type verb int

const (
	ehlo verb = iota
	starttls
	auth
	mail
	rcpt
	data
	rset
	quit
	unknown
	numVerbs
)

// forever is longer than any log.
const forever = at(1<<62 - 1)

func (m *mx) connect(now at, service string, c client) *session {
	p := m.daemons.take(service, now, forever)
	s := &session{mx: m, client: c, process: p, now: now}
	s.log(s.now, p, "connect from ", c.text)
	s.pass(2*time.Millisecond, 60*time.Millisecond)
	return s
}

// pass lets time go by.
func (s *session) pass(low, high time.Duration) { s.now += s.span(low, high) }

func (s *session) said(v verb, ok bool) {
	s.all[v]++
	if ok {
		s.ok[v]++
	}
}

func (s *session) hello(tls bool) {
	s.said(ehlo, true)
	s.pass(3*time.Millisecond, 80*time.Millisecond)
	if tls {
		s.said(starttls, true)
		s.said(ehlo, true)
		s.pass(10*time.Millisecond, 90*time.Millisecond)
	}
}

// authenticate is a successful login, which Postfix logs with each message.
func (s *session) authenticate(method, user string) {
	s.said(auth, true)
	s.login = ", sasl_method=" + method + ", sasl_username=" + user
	s.pass(10*time.Millisecond, 120*time.Millisecond)
}

// fail is a failed login, which Dovecot delays.
func (s *session) fail(method, user string, o *owner) {
	s.said(auth, false)
	s.pass(1800*time.Millisecond, 2400*time.Millisecond)
	s.journal.add(s.now, s.process, fact{blocked, 1, o}, "warning: ", s.client.text, ": SASL ", method,
		" authentication failed: (reason unavailable), sasl_username=", user)
}

// accept is a message that is taken. rcpts is how many recipients were named,
// before aliases were expanded.
func (s *session) accept(msg *message, rcpts int) {
	s.said(mail, true)
	s.pass(2*time.Millisecond, 30*time.Millisecond)
	s.name(msg, s.now)
	s.journal.add(s.now, s.process, fact{seen, s.client.network, msg.owner}, msg.id, ": client=", s.client.text, s.login)
	for range rcpts {
		s.said(rcpt, true)
	}
	s.now += time.Duration(rcpts) * s.span(time.Millisecond, 4*time.Millisecond)
	s.said(data, true)
	s.now += time.Duration(msg.size) * time.Microsecond / 10 // 10 MB a second
	s.pass(5*time.Millisecond, 90*time.Millisecond)
	s.queue(msg, s.now)
	s.pass(8*time.Millisecond, 30*time.Millisecond)
}

// refuse is a recipient that is refused, before any was taken: why has the reply
// behind the address.
func (s *session) refuse(code string, from, to, why string, o *owner) {
	s.said(rcpt, false)
	s.pass(2*time.Millisecond, 60*time.Millisecond)
	s.journal.add(s.now, s.process, fact{blocked, 1, o}, "NOQUEUE: reject: RCPT from ", s.client.text, ": ", code, " <", to, ">: ", why,
		"; from=<", from, "> to=<", to, "> proto=ESMTP helo=<", s.client.helo, ">")
}

// lost is a client that goes without a word.
func (s *session) lost(after string) {
	s.pass(5*time.Millisecond, 40*time.Millisecond)
	s.log(s.now, s.process, "lost connection after ", after, " from ", s.client.text)
	s.end()
}

func (s *session) quit() {
	s.said(quit, true)
	s.pass(2*time.Millisecond, 40*time.Millisecond)
	s.end()
}

func (s *session) end() {
	s.now += 100 * time.Microsecond
	b := make([]byte, 0, 128)
	ok, all := 0, 0
	for v := range numVerbs {
		if s.all[v] == 0 {
			continue
		}
		ok, all = ok+s.ok[v], all+s.all[v]
		b = append(b, ' ')
		b = append(b, verbName(v)...)
		b = ratio(append(b, '='), s.ok[v], s.all[v])
	}
	b = append(b, " commands="...)
	if all == 0 {
		b = append(b, "0/0"...)
	} else {
		b = ratio(b, ok, all)
	}
	s.log(s.now, s.process, "disconnect from ", s.client.text, string(b))
	s.process.busy = s.now
}

func ratio(b []byte, ok, all int) []byte {
	b = strconv.AppendInt(b, int64(ok), 10)
	if ok < all {
		b = strconv.AppendInt(append(b, '/'), int64(all), 10)
	}
	return b
}

func verbName(v verb) string {
	return [numVerbs]string{"ehlo", "starttls", "auth", "mail", "rcpt", "data", "rset", "quit", "unknown"}[v]
}
