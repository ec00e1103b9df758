package traffic

import (
	"strconv"
	"time"
)

// deliver is a message's turn in the active queue: an attempt for each recipient
// that is left, then its end or the wait for the next turn.
func (m *mx) deliver(msg *message, now at) {
	var f fact
	if msg.turns == 0 {
		f = fact{accepted, uint32(len(msg.to)), msg.owner}
	}
	m.journal.add(now, m.daemons.only(qmgr), f, msg.id, ": from=<", msg.from.address, ">, size=", strconv.Itoa(msg.size), ", nrcpt=",
		strconv.Itoa(msg.count), " (queue active)")
	msg.turns++

	last := now
	failed := false
	left := msg.to[:0]
	for i := range msg.to {
		r := &msg.to[i]
		done, status := m.attempt(msg, r, now+time.Duration(i)*m.span(0, 3*time.Millisecond))
		last = max(last, done)
		switch status {
		case deferred:
			left = append(left, *r)
		case bounced:
			failed = true
		}
	}
	msg.to = left
	if failed {
		last = m.bounce(msg, last)
	}
	last += m.soon()
	if len(left) == 0 {
		m.removed(msg, last)
		return
	}
	next := now + m.backoff(msg, now)
	if next-msg.born > queueLifetime {
		m.agenda.note(next, func(now at) { m.expire(msg, now) })
		return
	}
	m.agenda.note(max(next, last), func(now at) { m.deliver(msg, now) })
}

// attempt is one delivery attempt for one recipient. It gives the time of its end.
func (m *mx) attempt(msg *message, r *recipient, now at) (at, factKind) {
	before, queued := now-msg.born, m.span(0, 15*time.Millisecond)
	a := m.answer(msg, r, now)
	done := now + queued + a.connect + a.send
	if a.connectError != "" {
		m.log(done, m.daemon(a.agent, done), a.connectError)
	}
	status := [...]string{sent: "sent", deferred: "deferred", bounced: "bounced"}[a.status]
	orig, use := "", ""
	if r.alias != "" {
		orig = ">, orig_to=<" + r.alias
	}
	if a.use > 1 {
		use = ", conn_use=" + strconv.Itoa(a.use)
	}
	m.journal.add(done, m.daemon(a.agent, done), fact{a.status, 1, msg.owner}, msg.id, ": to=<", r.address, orig, ">, relay=", a.relay, use,
		", delay=", seconds(done-msg.born), ", delays=", seconds(before), "/", seconds(queued), "/", seconds(a.connect), "/", seconds(a.send),
		", dsn=", a.dsn, ", status=", status, " (", a.text, ")")
	return done, a.status
}

// bounce tells the sender that some recipients can't be reached. In Postfix 3.7
// the notice is in the queue before the line that links it to its message.
func (m *mx) bounce(msg *message, now at) at {
	if msg.from.address == "" {
		return now
	}
	notice := &message{owner: m.bounces, to: []recipient{msg.from}, size: msg.size + m.between(1500, 2600)}
	if msg.owner.bounces != nil {
		notice.owner = msg.owner.bounces
	}
	now += m.soon()
	m.name(notice, now)
	m.log(now, m.daemon(cleanup, now), notice.id, ": message-id=<", m.messageID(notice, now), ">")
	m.deliver(notice, now+200*time.Microsecond)
	now += 400 * time.Microsecond
	m.log(now, m.daemon(bouncer, now), msg.id, ": sender non-delivery notification: ", notice.id)
	return now
}

// expire gives a message up.
func (m *mx) expire(msg *message, now at) {
	m.log(now, m.daemons.only(qmgr), msg.id, ": from=<", msg.from.address, ">, status=expired, returned to sender")
	m.removed(msg, m.bounce(msg, now)+m.soon())
}

// forward is what local(8) does for a user with a .forward file: it makes a new
// message. It gives the new one's queue id.
func (m *mx) forward(msg *message, r *recipient, now at) string {
	to := *r.onward
	to.alias = r.address
	sent := &message{owner: m.copies, from: msg.from, to: []recipient{to}, size: msg.size + 110, spam: msg.spam}
	m.name(sent, now)
	m.log(now, m.daemon(cleanup, now), sent.id, ": message-id=<", m.messageID(msg, now), ">")
	m.deliver(sent, now+m.soon())
	return sent.id
}

// seconds writes a duration as Postfix does: two digits, hundredths at most.
func seconds(d time.Duration) string {
	var b [24]byte
	switch hundredths := int64((d + 5*time.Millisecond) / (10 * time.Millisecond)); {
	case hundredths >= 1000:
		return strconv.FormatInt(hundredths/100, 10)
	case hundredths >= 100:
		tenths := hundredths / 10
		if tenths%10 == 0 {
			return strconv.FormatInt(tenths/10, 10)
		}
		return string(append(strconv.AppendInt(b[:0], tenths/10, 10), '.', byte('0'+tenths%10)))
	case hundredths%10 != 0:
		return string([]byte{'0', '.', byte('0' + hundredths/10), byte('0' + hundredths%10)})
	case hundredths != 0:
		return string([]byte{'0', '.', byte('0' + hundredths/10)})
	}
	return "0"
}
