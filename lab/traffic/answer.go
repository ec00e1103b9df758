package traffic

import "time"

// answer is what becomes of a delivery attempt.
type answer struct {
	agent         string // the daemon that tries
	relay         string
	connect, send time.Duration
	use           int // which delivery over the same connection
	status        factKind
	dsn, text     string
	connectError  string // a line of its own before the attempt's
}

func (m *mx) answer(msg *message, r *recipient, now at) answer {
	d := r.domain
	switch d.kind {
	case hosted:
		return answer{agent: virtual, relay: "virtual", send: m.span(time.Millisecond, 30*time.Millisecond), status: sent, dsn: "2.0.0", text: "delivered to maildir"}
	case system:
		a := answer{agent: local, relay: "local", send: m.span(time.Millisecond, 30*time.Millisecond), status: sent, dsn: "2.0.0", text: "delivered to maildir"}
		if r.onward != nil {
			a.text = "forwarded as " + m.forward(msg, r, now+time.Millisecond)
			a.send += 15 * time.Millisecond // the copy is in the queue first
		}
		return a
	case relayed, remote:
	}
	agent := smtp
	if d.kind == relayed {
		agent = relay
	}
	if d.nowhere {
		return answer{
			agent: agent, relay: "none", connect: m.span(0, 40*time.Millisecond), status: bounced, dsn: "5.4.4",
			text: "Host or domain name not found. Name service error for name=" + d.name + " type=A: Host not found",
		}
	}
	down, busy := d.outage(now)
	if down {
		return m.noAnswer(d, agent, now)
	}
	a := answer{agent: agent, relay: d.host + ":25", connect: m.wait(d.pace / 3), send: m.wait(d.pace), status: sent, dsn: "2.0.0"}
	if now-d.lastSent < 2*time.Second && d.connUse < 100 { // scache(8) keeps the connection open
		d.connUse++
		a.connect = 0
	} else {
		d.connUse = 1
	}
	d.lastSent, a.use = now, d.connUse
	a.text = "250 2.0.0 Ok: queued as " + m.hex(11)
	if status, dsn, text := m.refusal(msg, r, busy); status != noFact {
		a.status, a.dsn, a.text = status, dsn, "host "+d.host+" said: "+text
	}
	return a
}

// noAnswer is a server that can't be reached. After the first try the queue
// manager spares it for a while, and error(8) answers.
func (m *mx) noAnswer(d *domain, agent string, now at) answer {
	why := "connect to " + d.host + ":25: " + d.whyDown()
	if now < d.suspended {
		return answer{agent: suspender, relay: "none", status: deferred, dsn: "4.4.1", text: "delivery temporarily suspended: " + why}
	}
	d.suspended = now + minimalBackoff
	a := answer{agent: agent, relay: "none", status: deferred, dsn: "4.4.1", text: why, connectError: why}
	if d.whyDown() == "Connection timed out" {
		a.connect = 30 * time.Second
	}
	return a
}

// refusal is what a server says that doesn't take the message; noFact where it
// takes it.
func (m *mx) refusal(msg *message, r *recipient, busy bool) (factKind, string, string) {
	d := r.domain
	switch {
	case r.fate == fateUnknown:
		return bounced, "5.1.1", "550 5.1.1 <" + r.address + ">: Recipient address rejected: User unknown (in reply to RCPT TO command)"
	case busy && m.chance(0.8):
		return deferred, "4.3.2", "451 4.3.2 Temporary server error, please try again later (in reply to RCPT TO command)"
	case r.fate == fateFull:
		return deferred, "4.2.2", "452 4.2.2 The recipient's mailbox is full (in reply to RCPT TO command)"
	case msg.turns == 1 && d.greylists > 0 && m.chance(d.greylists):
		return deferred, "4.2.0", "450 4.2.0 <" + r.address + ">: Recipient address rejected: Greylisted; see https://grey.example/help (in reply to RCPT TO command)"
	case msg.spam > 0 && m.chance(d.strict*msg.spam):
		return m.disgust()
	}
	return noFact, "", ""
}

// disgust is what servers say to spam.
func (m *mx) disgust() (factKind, string, string) {
	switch m.IntN(4) {
	case 0:
		return bounced, "5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.rbl.test (in reply to RCPT TO command)"
	case 1:
		return deferred, "4.7.0", "421 4.7.0 Our system has detected an unusual rate of unsolicited mail (in reply to end of DATA command)"
	default:
		return bounced, "5.7.1", "550 5.7.1 Message refused: likely unsolicited mail (in reply to end of DATA command)"
	}
}
