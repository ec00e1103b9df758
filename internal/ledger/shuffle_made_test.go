package ledger

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// maker writes the log of transactions at full speed: each step a few
// milliseconds after the one before, many at the same time.
type maker struct {
	random *rand.Rand
	lines  []stampedLine
	at     time.Duration // of the transaction that is being written
	ids    int
}

func (m *maker) id() string {
	m.ids++
	return fmt.Sprintf("%05X%06X", m.random.IntN(1_000_000), 0xA00000+m.ids)
}

// say writes a line; program is its name, one of a few processes of it.
func (m *maker) say(program, format string, args ...any) {
	m.at += time.Duration(1+m.random.IntN(4)) * time.Millisecond
	pid := 1
	if program != "qmgr" && program != "pickup" {
		pid = 1 + m.random.IntN(6)
	}
	m.sayAs(program, pid, format, args...)
}

func (m *maker) sayAs(program string, pid int, format string, args ...any) {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC).Add(m.at)
	tag := fmt.Sprintf("postfix/%s[%d]", program, pid)
	m.lines = append(m.lines, stampedLine{
		at: m.at, process: tag,
		text: now.Format("2006-01-02T15:04:05.000000Z") + " mx " + tag + ": " + fmt.Sprintf(format, args...) + "\n",
	})
}

func (m *maker) queue(id string, nrcpt int) {
	m.say("cleanup", "%s: message-id=<%s@x.example>", id, id)
	m.say("qmgr", "%s: from=<x@example.org>, size=1000, nrcpt=%d (queue active)", id, nrcpt)
}

const attemptTail = "delay=0.2, delays=0.1/0/0/0.1"

func (m *maker) deliver(id string, n int) {
	for i := range n {
		switch m.random.IntN(4) {
		case 0:
			m.say("smtp", "%s: to=<u%d@example.com>, relay=mx.example.com[192.0.2.9]:25, %s, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.9] said: 550 5.1.1 no)", id, i, attemptTail)
		case 1:
			m.say("local", "%s: to=<u%d@example.org>, relay=local, %s, dsn=2.0.0, status=sent (delivered to mailbox)", id, i, attemptTail)
		case 2:
			m.say("smtp", "%s: to=<u%d@example.com>, orig_to=<team@example.org>, relay=mx.example.com[192.0.2.9]:25, %s, dsn=2.0.0, status=sent (250 ok)", id, i, attemptTail)
		default:
			m.say("smtp", "%s: to=<u%d@example.com>, relay=mx.example.com[192.0.2.9]:25, %s, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as %s)", id, i, attemptTail, m.id())
		}
	}
	m.say("qmgr", "%s: removed", id)
}

// accept writes a client's line: an account's, a trusted client's or a stranger's.
func (m *maker) accept(id string) {
	switch m.random.IntN(4) {
	case 0:
		m.say("smtpd", "%s: client=c.example.net[192.0.2.%d]", id, m.random.IntN(200))
	case 1:
		m.say("smtpd", "%s: client=c.example.net[10.0.0.%d]", id, m.random.IntN(200))
	default:
		m.say("submission/smtpd", "%s: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=user%d@example.org", id, m.random.IntN(5))
	}
}

// transactions are all the ways on which one message comes out of another.
func (m *maker) transactions() []func() {
	handed := func(id, next string, n int) {
		for i := range n {
			m.say("smtp", "%s: to=<u%d@example.com>, relay=127.0.0.1[127.0.0.1]:10024, %s, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as %s)", id, i, attemptTail, next)
		}
		m.say("qmgr", "%s: removed", id)
	}
	return []func(){
		func() { // plain
			id := m.id()
			m.accept(id)
			m.queue(id, 3)
			m.deliver(id, 3)
		},
		func() { // by a local user
			id := m.id()
			m.say("pickup", "%s: uid=%d from=<x>", id, 1000+m.random.IntN(3))
			m.queue(id, 2)
			m.deliver(id, 2)
		},
		func() { // XFORWARD
			id, next := m.id(), m.id()
			m.accept(id)
			m.queue(id, 2)
			m.say("10025/smtpd", "%s: client=localhost[127.0.0.1], orig_queue_id=%s, orig_client=c[192.0.2.1]", next, id)
			m.queue(next, 2)
			handed(id, next, 2)
			m.deliver(next, 2)
		},
		func() { // queued as
			id, next := m.id(), m.id()
			m.accept(id)
			m.queue(id, 2)
			m.say("10025/smtpd", "%s: client=localhost[127.0.0.1]", next)
			m.queue(next, 2)
			if m.random.IntN(2) == 0 {
				m.deliver(next, 2)
				handed(id, next, 2)
			} else {
				handed(id, next, 2)
				m.deliver(next, 2)
			}
		},
		func() { // pipe
			id, next := m.id(), m.id()
			m.accept(id)
			m.queue(id, 1)
			m.say("pickup", "%s: uid=999 from=<x>", next)
			m.say("cleanup", "%s: message-id=<%s@x.example>", next, id)
			m.say("qmgr", "%s: from=<x@example.org>, size=1000, nrcpt=1 (queue active)", next)
			m.say("pipe", "%s: to=<u@example.com>, relay=scan, %s, dsn=2.0.0, status=sent (delivered via scan service)", id, attemptTail)
			m.say("qmgr", "%s: removed", id)
			m.deliver(next, 1)
		},
		func() { // before-queue proxy; the process has one client at a time
			next, pid := m.id(), 1000+m.ids
			m.sayAs("smtpd", pid, "NOQUEUE: client=c.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=user%d@example.org", m.random.IntN(5))
			m.say("10025/smtpd", "%s: client=localhost[127.0.0.1], orig_client=c[192.0.2.1]", next)
			m.queue(next, 1)
			m.sayAs("smtpd", pid, "proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as %s; from=<x@example.org> to=<u@example.com> proto=ESMTP helo=<h>", next)
			m.deliver(next, 1)
		},
		func() { // a bounce of either era
			id, next := m.id(), m.id()
			m.accept(id)
			m.queue(id, 1)
			m.say("smtp", "%s: to=<u@example.com>, relay=none, %s, dsn=5.4.4, status=bounced (Host not found)", id, attemptTail)
			old := m.random.IntN(2) == 0
			if !old {
				m.say("bounce", "%s: sender non-delivery notification: %s", id, next)
			}
			m.queue(next, 1)
			if old {
				m.say("bounce", "%s: sender non-delivery notification: %s", id, next)
			}
			m.say("qmgr", "%s: removed", id)
			m.deliver(next, 1)
		},
		func() { // a forwarded copy
			id, next := m.id(), m.id()
			m.accept(id)
			m.queue(id, 1)
			m.queue(next, 2)
			m.say("local", "%s: to=<moved@example.org>, relay=local, %s, dsn=2.0.0, status=sent (forwarded as %s)", id, attemptTail, next)
			m.say("qmgr", "%s: removed", id)
			m.deliver(next, 2)
		},
		func() { // put back at once
			id, next := m.id(), m.id()
			m.accept(id)
			m.queue(id, 1)
			m.at += 100 * time.Millisecond // it takes an admin
			m.say("postsuper", "%s: requeued", id)
			m.say("pickup", "%s: uid=102 from=<x@example.org> orig_id=%s", next, id)
			m.queue(next, 1)
			m.deliver(next, 1)
		},
		func() { // deferred, tried again, expired
			id := m.id()
			m.accept(id)
			m.queue(id, 2)
			m.say("smtp", "%s: to=<a@example.com>, relay=none, %s, dsn=4.4.1, status=deferred (connect to x[192.0.2.9]:25: Connection timed out)", id, attemptTail)
			m.say("smtp", "%s: to=<b@example.com>, relay=mx.example.com[192.0.2.9]:25, %s, dsn=2.0.0, status=sent (250 ok)", id, attemptTail)
			m.at += 2 * time.Second
			m.say("qmgr", "%s: from=<x@example.org>, size=1000, nrcpt=1 (queue active)", id)
			m.say("error", "%s: to=<a@example.com>, relay=none, %s, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to x)", id, attemptTail)
			m.say("qmgr", "%s: from=<x@example.org>, status=expired, returned to sender", id)
			m.say("qmgr", "%s: removed", id)
		},
	}
}

func TestShuffledTransactions(t *testing.T) {
	m := maker{random: rand.New(rand.NewPCG(4, 2))}
	transactions := m.transactions()
	for range 1500 {
		m.at = time.Duration(m.random.Int64N(int64(5 * time.Second)))
		transactions[m.random.IntN(len(transactions))]()
	}
	slices.SortStableFunc(m.lines, func(a, b stampedLine) int { return int(a.at - b.at) })
	ordered := settled(t, testSite(), time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC), m.lines)
	if got := figures(ordered); strings.Contains(got, "unknown") || strings.Contains(got, "uid") {
		t.Errorf("something is nobody's:\n%s", got)
	}
	shuffleManyTimes(t, testSite(), time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC), m.lines)
}
