package traffic

import (
	"time"
)

// mx is the mail server: it writes down what its daemons do with what comes.
// Each of its methods takes the time at which something begins, and writes lines
// from then on.
type mx struct {
	dice
	journal *journal
	agenda  *agenda
	daemons *daemons
	ids     *queueIDs
	start   time.Time
	bounces *owner
	copies  *owner // of local(8)'s forwarding
}

// Names of daemons, as their lines begin.
const (
	smtpd      = "postfix/smtpd"
	submission = "postfix/submission/smtpd"
	smtps      = "postfix/smtps/smtpd"
	cleanup    = "postfix/cleanup"
	pickup     = "postfix/pickup"
	qmgr       = "postfix/qmgr"
	smtp       = "postfix/smtp"
	relay      = "postfix/relay/smtp"
	local      = "postfix/local"
	virtual    = "postfix/virtual"
	suspender  = "postfix/error"
	bouncer    = "postfix/bounce"
	postscreen = "postfix/postscreen"
	dnsblog    = "postfix/dnsblog"
	master     = "postfix/master"
)

const hostname = "mx.example.net"

// log writes a line that says nothing the truth needs.
func (m *mx) log(when at, p *process, text ...string) { m.journal.add(when, p, fact{}, text...) }

// daemon gives a process that is busy for a few milliseconds.
func (m *mx) daemon(name string, now at) *process {
	return m.daemons.take(name, now, now+5*time.Millisecond)
}

// soon is a few milliseconds.
func (m *mx) soon() time.Duration { return m.span(time.Millisecond, 9*time.Millisecond) }

// queue gives a message its queue id and, at done, its way into the queue, where
// its delivery begins at once.
func (m *mx) queue(msg *message, done at) {
	done += m.soon()
	m.log(done, m.daemon(cleanup, done), msg.id, ": message-id=<", m.messageID(msg, done), ">")
	m.deliver(msg, done+m.soon())
}

// name gives a new message its queue id.
func (m *mx) name(msg *message, now at) {
	msg.id, msg.inode = m.ids.take(now)
	msg.born = now
	msg.count = len(msg.to)
}

func (m *mx) messageID(msg *message, now at) string {
	if msg.from.domain == nil {
		return m.start.Add(now).Format("20060102150405.") + msg.id + "@" + hostname
	}
	return m.hex(26) + "@" + msg.from.domain.name
}

// submit is sendmail(1) by a local user.
func (m *mx) submit(now at, uid string, msg *message) {
	m.name(msg, now)
	m.log(now, m.daemons.only(pickup), msg.id, ": uid=", uid, " from=<", msg.from.address, ">")
	m.queue(msg, now)
}

// removed is the end of a message.
func (m *mx) removed(msg *message, now at) {
	m.log(now, m.daemons.only(qmgr), msg.id, ": removed")
	m.ids.free(msg.inode, now)
}
